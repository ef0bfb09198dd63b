"""Who is let in."""

import logging

import pytest

from kg.errors import InputError
from tests.ui.api.conftest import SECRET, UNLIMITED, Service, assert_problem
from ui.api.keys import KeyRing, Scope
from ui.api.settings import ApiSettings, check_binding, is_loopback


def test_without_keys_this_machine_reads_what_is_public(service: Service):
    names = [one["name"] for one in service().get("/v1/datasets").json()["items"]]
    assert names == ["wine", "iris"]


@pytest.mark.parametrize("address", ["192.0.2.7", "testclient", "2001:db8::1", "::ffff:192.0.2.7"])
def test_without_keys_no_other_machine_is_answered(service: Service, address: str):
    assert_problem(service(address=address).get("/v1/datasets"), 401)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_without_keys_nothing_that_came_through_a_proxy_is_answered(service: Service, header: str):
    assert_problem(service().get("/v1/datasets", headers={header: "127.0.0.1"}), 401)


@pytest.mark.parametrize("host", ["attacker.example", "attacker.example:8000", "127.0.0.1.attacker.example", ""])
def test_without_keys_a_name_that_leads_here_for_a_while_is_not_answered(service: Service, host: str):
    assert_problem(service().get("/v1/datasets", headers={"Host": host}), 403)


def test_without_keys_a_page_of_another_origin_starts_no_work(service: Service):
    form = {"files": {"file": ("t.csv", b"a,b\n1,2\n")}, "headers": {"Origin": "https://attacker.example"}}
    assert_problem(service().post("/v1/proposals/upload", **form), 403)
    assert service().get("/v1/datasets", headers={"Origin": "http://127.0.0.1"}).status_code == 200


def test_once_there_is_a_key_everybody_needs_one(service: Service, keys: KeyRing):
    key = keys.add("k", [Scope.READ])
    answer = service().get("/v1/datasets")
    assert_problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert service(key=key, address="192.0.2.7").get("/v1/datasets").status_code == 200
    assert service().get("/health/live").status_code == 200


@pytest.mark.parametrize("given", ["Bearer nonsense", "Basic dTpw", "Bearer", "bearer tg_0_0", "\udce9"])
def test_a_wrong_key_is_worse_than_none(service: Service, given: str):
    answer = service().get("/v1/datasets", headers={"Authorization": given.encode("utf-8", "surrogateescape")})
    assert_problem(answer, 401)


def test_scopes_are_kept_apart(service: Service, keys: KeyRing):
    reader, writer = keys.add("r", [Scope.READ]), keys.add("w", [Scope.WRITE])
    assert_problem(service(key=writer).get("/v1/studies"), 403)
    assert_problem(service(key=reader).delete("/v1/studies/x-1"), 403)
    assert service(key=reader).get("/v1/studies").json() == []
    assert_problem(service(key=writer).delete("/v1/studies/x-1"), 404)


def test_without_a_key_there_are_no_studies(service: Service):
    for method, path in (
        ("GET", ""),
        ("POST", ""),
        ("GET", f"/{SECRET}"),
        ("DELETE", f"/{SECRET}"),
        ("GET", "/x/report"),
    ):
        assert_problem(service().request(method, f"/v1/studies{path}"), 401)


def test_a_key_is_in_no_log_and_no_answer(service: Service, keys: KeyRing, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    key = keys.add("k", [Scope.READ])
    client = service(key=key)
    texts = [client.get(path).text for path in ("/v1/datasets", "/nothing", "/v1/datasets?limit=x", "/metrics")]
    wrong = service(key=key[:-1] + "~").get("/v1/datasets").text
    assert key not in "".join([*texts, wrong, caplog.text, str([vars(record) for record in caplog.records])])


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "::1", "[::1]"])
def test_this_machine_may_be_served_without_keys(host: str):
    assert is_loopback(host)
    check_binding(host, has_keys=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "example.org", ""])
def test_others_may_be_served_with_keys_only(host: str):
    with pytest.raises(InputError, match="no API key"):
        check_binding(host, has_keys=False)
    check_binding(host, has_keys=True)


def test_cors_is_off_until_an_origin_is_named(service: Service, keys: KeyRing):
    key, origin = keys.add("k", [Scope.READ]), "https://board.example"
    asking = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    off = service(key=key)
    assert "access-control-allow-origin" not in off.get("/v1/datasets", headers={"Origin": origin}).headers
    on = service(ApiSettings(requests_per_minute=0, cors_origins=(origin,)), key=key)
    assert on.options("/v1/datasets", headers=asking).headers["access-control-allow-origin"] == origin
    other = on.get("/v1/datasets", headers={"Origin": "https://attacker.example"})
    assert "access-control-allow-origin" not in other.headers
    assert UNLIMITED.cors_origins == ()

"""How often, and how much."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from tests.ui.api.conftest import Service, assert_problem
from ui.api.keys import KeyRing, Scope
from ui.api.limits import RateLimit
from ui.api.settings import ApiSettings

SMALL = ApiSettings(requests_per_minute=0, max_body_bytes=100, max_upload_bytes=200)


def test_who_asks_too_often_is_told_when_to_come_back(service: Service):
    client = service(ApiSettings(requests_per_minute=1, burst=2))
    assert [client.get("/health/live").status_code for _ in range(2)] == [200, 200]
    answer = client.get("/health/live")
    assert_problem(answer, 429)
    assert 1 <= int(answer.headers["retry-after"]) <= 60


def test_wrong_keys_count_for_the_address_and_right_ones_for_themselves(service: Service, keys: KeyRing):
    key = keys.add("k", [Scope.READ])
    client = service(ApiSettings(requests_per_minute=1, burst=2))
    wrong = [client.get("/v1/questions", headers={"Authorization": "Bearer x"}).status_code for _ in range(3)]
    assert wrong == [401, 401, 429]
    assert client.get("/v1/questions", headers={"Authorization": f"Bearer {key}"}).status_code == 200


@given(
    waits=st.lists(st.floats(0, 30), min_size=1, max_size=60),
    per_minute=st.floats(1, 600),
    burst=st.integers(1, 20),
)
def test_no_more_gets_through_than_the_burst_and_the_rate(waits: list[float], per_minute: float, burst: int):
    now = 0.0
    limit = RateLimit(per_minute, burst, clock=lambda: now)
    through = 0
    for wait in waits:
        now += wait
        told = limit.wait("one")
        through += told == 0
        if told:
            now += told + 1e-6
            assert limit.wait("one") == 0, "who waited as long as told gets through"
            through += 1
    assert through <= burst + now * per_minute / 60 + 1e-6


def test_callers_do_not_share_a_bucket():
    limit = RateLimit(1, 1, clock=lambda: 0.0)
    assert [limit.wait(name) > 0 for name in ("a", "b", "a", "b")] == [False, False, True, True]


def test_a_body_that_says_that_it_is_too_large_is_not_read(service: Service):
    assert_problem(service(SMALL).post("/v1/proposals", content=b"x" * 101), 413)


def test_a_body_that_does_not_say_so_is_cut_off(service: Service):
    def endless() -> Iterator[bytes]:
        for _ in range(20):
            yield b"[" * 50

    headers = {"Content-Type": "application/json"}
    assert_problem(service(SMALL).post("/v1/proposals", content=endless(), headers=headers), 413)


def test_an_upload_has_a_limit_of_its_own(service: Service):
    client = service(SMALL)
    assert_problem(client.post("/v1/proposals/upload", files={"file": ("t.csv", b"a,b\n" * 200)}), 413)
    assert_problem(client.post("/v1/proposals/upload", content=b"x" * 150), 415)

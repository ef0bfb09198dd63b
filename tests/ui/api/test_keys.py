"""Keys are seen once, kept as hashes, and count from the next request on."""

import hmac
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import InputError, StoreError, UnknownNameError
from ui.api.keys import FILE, KeyRing, Scope


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path)


def test_a_key_is_known_by_its_record(ring: KeyRing):
    key = ring.add("grafana", [Scope.READ])
    record = ring.verify(key)
    assert record is not None
    assert (record.name, record.scopes) == ("grafana", (Scope.READ,))


def test_the_key_is_nowhere_on_disk_and_only_its_owner_reads_the_file(ring: KeyRing):
    key = ring.add("grafana", [Scope.READ, Scope.WRITE])
    kept = ring.path.read_text()
    secret = key.split("_", 2)[2]
    assert secret not in kept
    assert key not in kept
    assert stat.S_IMODE(ring.path.stat().st_mode) == 0o600


def test_equal_secrets_would_have_different_hashes(ring: KeyRing):
    ring.add("a", [Scope.READ])
    ring.add("b", [Scope.READ])
    first, second = ring.records()
    assert first.salt != second.salt
    assert first.hash != second.hash


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> tuple[KeyRing, str]:
    ring = KeyRing(tmp_path_factory.mktemp("known"))
    return ring, ring.add("k", [Scope.READ])


@given(change=st.integers(min_value=0, max_value=200), to=st.sampled_from("Aa0_-~é\ud800"))
def test_a_key_with_one_character_changed_is_none(known: tuple[KeyRing, str], change: int, to: str):
    ring, key = known
    at = change % len(key)
    wrong = key[:at] + to + key[at + 1 :]
    assert (ring.verify(wrong) is not None) == (wrong == key)


@pytest.mark.parametrize("wrong", ["", "tg_", "tg__", "Bearer x", "tg_000000000000_" + "x" * 43, "x" * 100_000])
def test_what_is_no_key_is_none(ring: KeyRing, wrong: str):
    ring.add("k", [Scope.READ])
    assert ring.verify(wrong) is None


@pytest.mark.parametrize("wrong", ["no key", "unknown id", "wrong secret", "right"])
def test_whatever_is_given_costs_one_comparison_in_constant_time(
    ring: KeyRing, monkeypatch: pytest.MonkeyPatch, wrong: str
):
    key, compared = ring.add("k", [Scope.READ]), []
    given = {"no key": "x", "unknown id": f"tg_{'0' * 12}_{key[16:]}", "wrong secret": key[:-1] + "~", "right": key}
    compare = hmac.compare_digest
    monkeypatch.setattr("ui.api.keys.hmac.compare_digest", lambda *both: compared.append(both) or compare(*both))
    assert (ring.verify(given[wrong]) is not None) == (wrong == "right")
    ((one, other),) = compared
    assert len(one) == len(other) == 64


def test_another_process_sees_a_revoked_key_gone(ring: KeyRing, tmp_path: Path):
    key = ring.add("k", [Scope.READ])
    other = KeyRing(tmp_path)
    assert other.verify(key) is not None
    ring.revoke("k")
    assert other.verify(key) is None


def test_a_name_is_given_once_and_revoked_by_name_or_id(ring: KeyRing):
    ring.add("k", [Scope.READ])
    with pytest.raises(InputError, match="already"):
        ring.add("k", [Scope.WRITE])
    assert ring.revoke(ring.records()[0].id).name == "k"
    with pytest.raises(UnknownNameError):
        ring.revoke("k")


@pytest.mark.parametrize(("name", "scopes"), [("", [Scope.READ]), ("x" * 81, [Scope.READ]), ("k", [])])
def test_a_key_needs_a_name_and_a_scope(ring: KeyRing, name: str, scopes: list[Scope]):
    with pytest.raises(InputError):
        ring.add(name, scopes)
    assert ring.records() == ()


def test_a_file_that_is_damaged_lets_nobody_in(ring: KeyRing, tmp_path: Path):
    key = ring.add("k", [Scope.READ])
    (tmp_path / FILE).write_text('{"keys": [{"salt": "s3cr3t"}]}')
    with pytest.raises(StoreError) as told:
        ring.verify(key)
    assert "s3cr3t" not in str(told.value)

"""The client leaves OpenML's own settings, keys and folders as they are."""

import logging
import sys
from pathlib import Path
from typing import Any

import pytest

from ingest.sources.openml.client import PRODUCTION, OpenmlClient
from ingest.sources.openml.faults import FetchError
from kg.errors import InputError
from tests.ingest.sources.openml.openml_server import OpenmlServer


@pytest.fixture
def config() -> Any:
    import openml

    return openml.config


def state_of(config: Any) -> Any:
    import openml

    return config.get_config_as_dict(), openml._api_calls.requests, logging.getLogger().handlers[:]


def test_settings_are_as_before_after_a_call_that_went_well(client: OpenmlClient, config: Any) -> None:
    before = state_of(config)
    client.suite(99)
    assert state_of(config) == before


def test_settings_are_as_before_after_a_call_that_failed(client: OpenmlClient, config: Any) -> None:
    before = state_of(config)
    with pytest.raises(FetchError):
        client.suite(98)
    assert state_of(config) == before


def test_nothing_is_left_in_the_client_s_folder(client: OpenmlClient, tmp_path: Path) -> None:
    client.task(6)
    assert not (tmp_path / "client").exists()


def test_an_answer_that_was_cut_is_not_read_from_a_cache_the_next_time(
    server: OpenmlServer, client: OpenmlClient
) -> None:
    server.fail("^flow", "truncated")
    with pytest.raises(FetchError, match="truncated"):
        client.flow(6969)
    assert client.flow(6969)["id"] == 6969


class TestKey:
    """A key is shown to the server that it stands beside in OpenML's settings, and to nobody else."""

    def test_it_is_sent_to_its_own_server(
        self, server: OpenmlServer, tmp_path: Path, config: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(config, "apikey", "secret")
        monkeypatch.setattr(config, "server", server.url)
        OpenmlClient(tmp_path / "client").suite(99)
        assert server.keys == ["secret"]

    def test_it_is_not_sent_to_another(
        self, server: OpenmlServer, tmp_path: Path, config: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(config, "apikey", "secret")
        monkeypatch.setattr(config, "server", PRODUCTION)
        OpenmlClient(tmp_path / "client", server=server.url).suite(99)
        assert server.keys == []

    def test_it_is_in_no_error(
        self, server: OpenmlServer, tmp_path: Path, config: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(config, "apikey", "secret")
        monkeypatch.setattr(config, "server", server.url)
        server.__exit__()
        with pytest.raises(FetchError) as failed:
            OpenmlClient(tmp_path / "client").suite(99)
        assert "secret" not in str(failed.value)


@pytest.mark.parametrize("server", ["ftp://x/api", "file:///etc", "x", "http://", "http://../api", "http://a b/", ""])
def test_an_address_that_is_none_is_refused(server: str, tmp_path: Path) -> None:
    if server:
        with pytest.raises(InputError, match="is no server"):
            OpenmlClient(tmp_path, server=server)
    else:
        assert OpenmlClient(tmp_path, server=server).server.startswith("http"), "none is OpenML's own"


def test_without_the_package_the_way_to_install_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openml", None)
    with pytest.raises(InputError, match=r"pip install 'tunegraph\[openml\]'"):
        OpenmlClient(tmp_path)


def test_qualities_that_openml_has_not_computed_are_none(server: OpenmlServer, client: OpenmlClient) -> None:
    server.fail("^data/qualities", "error", detail="362")
    assert client.dataset(100_006)["qualities"] == {}


def test_a_quality_that_is_no_number_is_null(server: OpenmlServer, client: OpenmlClient) -> None:
    page = server.catalogue.pages["data/qualities/100006"]
    server.catalogue.pages["data/qualities/100006"] = page.replace(">20000.0<", ">NaN<")
    assert client.dataset(100_006)["qualities"]["NumberOfInstances"] is None

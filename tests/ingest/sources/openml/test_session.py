"""What may come over the wire: too much, too slowly, from elsewhere, or as a trap."""

import gzip
from pathlib import Path

import pytest

from ingest.sources.openml.client import OpenmlClient
from ingest.sources.openml.faults import FetchError, MalformedError, RefusedError, TransientError
from ingest.sources.openml.limits import Limits
from tests.ingest.sources.openml.openml_server import NAMESPACE, OpenmlServer

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + f"]><oml:study {NAMESPACE}><oml:id>&i;</oml:id></oml:study>"
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    f"<oml:study {NAMESPACE}><oml:id>&x;</oml:id></oml:study>"
)
DEEP = "<a>" * 100_000 + "</a>" * 100_000


def client_of(server: OpenmlServer, folder: Path, **limits: float) -> OpenmlClient:
    return OpenmlClient(folder / "client", server=server.url, limits=Limits(requests_per_second=1e6, **limits))


@pytest.mark.parametrize("text", [BOMB, OUTSIDE], ids=["billion laughs", "external entity"])
def test_a_document_with_entities_is_refused(server: OpenmlServer, client: OpenmlClient, text: str) -> None:
    server.fail("^study", "text", detail=text)
    with pytest.raises(MalformedError, match="entities are disabled"):
        client.suite(99)


@pytest.mark.parametrize("text", ["", "<", "{}", "\x00", DEEP, "<oml:study/>", f"<oml:study {NAMESPACE}/>"])
@pytest.mark.parametrize("ask", ["suite", "task", "flow", "setups", "evaluations", "run", "statuses"])
def test_whatever_stands_in_an_answer_the_error_is_one_of_ours(
    server: OpenmlServer, client: OpenmlClient, ask: str, text: str
) -> None:
    server.fail("", "text", times=9, detail=text)
    with pytest.raises(FetchError):
        {
            "suite": lambda: client.suite(99),
            "task": lambda: client.task(6),
            "flow": lambda: client.flow(6969),
            "setups": lambda: client.setups([1, 2]),
            "evaluations": lambda: client.evaluations("predictive_accuracy", 6, None, offset=0, limit=5),
            "run": lambda: client.run(1),
            "statuses": lambda: client.statuses([1]),
        }[ask]()


def test_an_answer_above_the_limit_is_not_read_to_its_end(server: OpenmlServer, tmp_path: Path) -> None:
    server.fail("^study", "large", detail=str(2**26))
    client = client_of(server, tmp_path, answer_bytes=100_000)
    with pytest.raises(MalformedError, match="too large: more than 100,000 bytes"):
        client.suite(99)


def test_a_small_answer_that_unpacks_to_a_large_one_is_too_large(server: OpenmlServer, tmp_path: Path) -> None:
    text = f"<oml:study {NAMESPACE}>{' ' * 5_000_000}</oml:study>"
    assert len(gzip.compress(text.encode(), 1)) < 100_000
    server.fail("^study", "text", detail=text)
    with pytest.raises(MalformedError, match="too large"):
        client_of(server, tmp_path, answer_bytes=1_000_000).suite(99)


def test_an_answer_that_drips_is_too_slow_though_it_never_pauses(server: OpenmlServer, tmp_path: Path) -> None:
    server.fail("^study", "slow")
    with pytest.raises(TransientError, match=r"too slow: .* bytes after 0\.2 s"):
        client_of(server, tmp_path, answer_s=0.2, silence_s=5).suite(99)


def test_an_answer_that_pauses_times_out(server: OpenmlServer, tmp_path: Path) -> None:
    server.delay_s = 1.0
    with pytest.raises(TransientError, match="timed out"):
        client_of(server, tmp_path, silence_s=0.1).suite(99)


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://example.org/x", "http://127.0.0.2:1/x", "//169.254.169.254/x"],
)
def test_a_redirect_elsewhere_is_not_followed(server: OpenmlServer, client: OpenmlClient, target: str) -> None:
    server.fail("^study", "redirect", detail=target)
    with pytest.raises(RefusedError, match="refused redirect"):
        client.suite(99)
    assert len(server.log) == 1


def test_a_redirect_within_the_site_is_followed(server: OpenmlServer, client: OpenmlClient) -> None:
    server.fail("^study/99", "redirect", detail="/api/v1/xml/study/pimp")
    assert client.suite(99)["tasks"] == [6, 11, 15]


def test_redirects_in_a_circle_end(server: OpenmlServer, client: OpenmlClient) -> None:
    server.fail("^study", "redirect", times=99, detail="/api/v1/xml/study/99")
    with pytest.raises(FetchError, match="redirects"):
        client.suite(99)
    assert len(server.log) < 10


def test_text_without_a_charset_is_utf8(server: OpenmlServer, client: OpenmlClient) -> None:
    text = server.catalogue.pages["study/99"].replace("<oml:name>pimp", "<oml:name>Prüfung")
    server.fail("^study", "bare", detail=text)
    assert client.suite(99)["name"] == "Prüfung"

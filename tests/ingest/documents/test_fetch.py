import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ingest.documents.arxiv import arxiv_paper, licence_on
from ingest.documents.fetch import fetch, is_address
from ingest.documents.http import Fetcher, FetchError, FetchLimits
from tests.ingest.documents import samples

Answer = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A server on loopback: path -> what it does; `asked` says what was asked for."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                site.asked.append(self.path)
                answers = site.answers.get(self.path) or [gives(404)]
                (answers.pop(0) if len(answers) > 1 else answers[0])(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def put(self, path: str, *answers: Answer) -> str:
        self.answers[path] = list(answers)
        return self.url + path


def gives(status: int = 200, content: bytes = b"", media: str = "text/html", **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        sent = {"Content_Type": media, "Content_Length": str(len(content)), **headers}
        for name, value in sent.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def breaks_off(handler: BaseHTTPRequestHandler) -> None:
    gives(content=b"half", media="text/markdown", Content_Length="1000")(handler)
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)


def never_ends(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/markdown")
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"a" * 65536)
    except OSError:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    site.server.shutdown()
    site.server.server_close()
    thread.join()


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def fetcher(slept) -> Fetcher:
    return Fetcher(FetchLimits(private=True, file_bytes=1_000_000, seconds=20), politeness_s=0.0, sleep=slept.append)


@pytest.mark.parametrize(
    ("path", "media", "content", "ending"),
    [
        ("/guide", "text/html; charset=utf-8", samples.HTML.encode(), ".html"),
        ("/a/README.md", "text/plain", b"# Trees", ".md"),
        ("/p", "application/octet-stream", samples.pdf_of(samples.put(60, 700, "a")), ".pdf"),
        ("/x", "text/plain", samples.LATEX.encode(), ".tex"),
        ("/n.ipynb", "application/json", samples.NOTEBOOK.encode(), ".ipynb"),
    ],
)
def test_the_format_is_told_by_content_type_and_address(site, fetcher, tmp_path, path, media, content, ending):
    found = fetch(site.put(path, gives(content=content, media=media)), tmp_path, fetcher=fetcher)
    assert found.path.suffix == ending
    assert found.path.read_bytes() == content
    assert (found.name, found.url) == (site.url + path, site.url + path)


def test_what_is_no_document_is_refused(site, fetcher, tmp_path):
    url = site.put("/film", gives(content=b"\0\0", media="video/mp4"))
    with pytest.raises(FetchError, match="'video/mp4' is no document"):
        fetch(url, tmp_path, fetcher=fetcher)
    assert not list(tmp_path.iterdir())


def test_a_server_that_is_busy_is_asked_again_when_it_likes(site, fetcher, tmp_path, slept):
    url = site.put(
        "/a.md", gives(503), gives(429, Retry_After="7"), breaks_off, gives(content=b"# A", media="text/markdown")
    )
    assert fetch(url, tmp_path, fetcher=fetcher).path.read_bytes() == b"# A"
    assert slept == [1.0, 7.0, 4.0]
    assert len(site.asked) == 4


def test_one_that_stays_busy_is_given_up(site, fetcher, tmp_path):
    with pytest.raises(FetchError, match=r"503 .*asked 4 times"):
        fetch(site.put("/a", gives(503)), tmp_path, fetcher=fetcher)


def test_what_is_not_there_is_not_asked_for_again(site, fetcher, tmp_path):
    with pytest.raises(FetchError, match="404"):
        fetch(f"{site.url}/none", tmp_path, fetcher=fetcher)
    assert len(site.asked) == 1


def test_redirections_are_followed_a_few_times_and_nowhere_else(site, fetcher, tmp_path):
    site.put("/b.md", gives(content=b"# B", media="text/markdown"))
    assert fetch(site.put("/a", gives(302, Location="/b.md")), tmp_path, fetcher=fetcher).path.read_bytes() == b"# B"
    with pytest.raises(FetchError, match="redirected too often"):
        fetch(site.put("/loop", gives(301, Location="/loop")), tmp_path, fetcher=fetcher)
    with pytest.raises(FetchError, match="file:// is not fetched"):
        fetch(site.put("/evil", gives(302, Location="file:///etc/passwd")), tmp_path, fetcher=fetcher)


def test_what_is_too_large_is_not_taken_in(site, fetcher, tmp_path):
    with pytest.raises(FetchError, match="too large"):
        fetch(site.put("/endless.md", never_ends), tmp_path, fetcher=fetcher)


def test_what_takes_too_long_is_given_up(site, tmp_path):
    quick = Fetcher(FetchLimits(private=True, seconds=0.3, file_bytes=10**12), politeness_s=0.0)
    with pytest.raises(FetchError, match="longer than"):
        fetch(site.put("/endless.md", never_ends), tmp_path, fetcher=quick)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://10.0.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://192.168.1.1/x",
        "https://0.0.0.0/x",
    ],
)
def test_private_addresses_are_not_asked(url, tmp_path):
    with pytest.raises(FetchError, match="private network"):
        fetch(url, tmp_path, fetcher=Fetcher(politeness_s=0.0))


def test_a_name_that_leads_to_a_private_address_is_not_asked(monkeypatch, tmp_path):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.1.2.3", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(FetchError, match=r"private network \(10\.1\.2\.3\)"):
        fetch("https://papers.example/x", tmp_path, fetcher=Fetcher(politeness_s=0.0))


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://x/y",
        "http://example.org/x",
        "https://",
        "https://u:p@x/y",
        "https://x/a b",
        "https://x:y/",
    ],
)
def test_other_addresses_are_refused(url, tmp_path):
    with pytest.raises(FetchError):
        fetch(url, tmp_path, fetcher=Fetcher(politeness_s=0.0))


def test_one_host_is_not_asked_at_once_again(site, tmp_path, slept):
    polite = Fetcher(FetchLimits(private=True), politeness_s=30.0, sleep=slept.append)
    url = site.put("/a.md", gives(content=b"# A", media="text/markdown"))
    fetch(url, tmp_path, fetcher=polite)
    fetch(url, tmp_path, fetcher=polite)
    assert len(slept) == 1
    assert 25 < slept[0] <= 30


# --- arXiv


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2301.04567", "2301.04567"),
        ("arXiv:2301.04567v2", "2301.04567v2"),
        ("hep-th/9901001", "hep-th/9901001"),
        ("https://arxiv.org/abs/2301.04567", "2301.04567"),
        ("http://www.arxiv.org/pdf/2301.04567v1.pdf", "2301.04567v1"),
    ],
)
def test_papers_of_arxiv_are_known(text, name):
    paper = arxiv_paper(text)
    assert paper is not None
    assert paper.id == name
    assert is_address(text)


def test_other_things_are_none(tmp_path):
    assert arxiv_paper("https://evil.org/abs/2301.04567") is None
    assert arxiv_paper("../2301.04567") is None
    assert not is_address(str(tmp_path))
    assert not is_address("paper.pdf")


def test_the_sources_of_a_paper_are_preferred(site, fetcher, tmp_path):
    import gzip

    site.put("/abs/2301.04567", gives(content=b'<a href="http://creativecommons.org/licenses/by/4.0/">Rights</a>'))
    site.put("/e-print/2301.04567", gives(content=gzip.compress(samples.LATEX.encode()), media="application/gzip"))
    found = fetch("arXiv:2301.04567", tmp_path, fetcher=fetcher, arxiv=site.url)
    assert (found.name, found.licence, found.path.suffix) == ("arXiv:2301.04567", "CC-BY-4.0", ".gz")
    assert site.asked == ["/abs/2301.04567", "/e-print/2301.04567"]


def test_where_there_are_no_sources_the_pdf_is_taken(site, fetcher, tmp_path):
    site.put("/abs/2301.04567v1", gives())
    site.put("/pdf/2301.04567v1", gives(content=b"%PDF-1.4", media="application/pdf"))
    found = fetch("2301.04567v1", tmp_path, fetcher=fetcher, arxiv=site.url)
    assert (found.path.suffix, found.licence) == (".pdf", "unknown")


def test_a_paper_that_is_not_there_is_told(site, fetcher, tmp_path):
    site.put("/abs/2301.04567", gives())
    with pytest.raises(FetchError, match="404"):
        fetch("2301.04567", tmp_path, fetcher=fetcher, arxiv=site.url)


def test_licences_that_are_not_free_are_kept_as_they_are():
    page = '<a href="http://arxiv.org/licenses/nonexclusive-distrib/1.0/">'
    assert licence_on(page) == "arXiv-nonexclusive-distrib-1.0"
    assert licence_on("<p>none</p>") == ""


def test_nothing_is_left_of_a_fetch_that_failed(site, fetcher, tmp_path):
    with pytest.raises(FetchError):
        fetch(site.put("/a.md", breaks_off), tmp_path, fetcher=fetcher)
    assert not list(Path(tmp_path).rglob("*"))

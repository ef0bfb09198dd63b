"""The sources of the registry keep the contract, on small cuts of the real tables."""

import gzip
from pathlib import Path

import pytest

from ingest.sources.registry import source_named
from tests.ingest.source_contract import SourceCase, SourceContract


def lines_of(path: Path) -> list[str]:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode().splitlines()


def write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = ("\n".join(lines) + "\n").encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def cut(shared: Path, folder: Path, name: str, rows: int) -> Path:
    """Copy the head of a table and its first `rows` records."""
    lines = lines_of(shared / name)
    first = next((i + 1 for i, line in enumerate(lines) if line.upper().startswith("@DATA")), 1)
    write(folder / name, lines[: first + rows])
    return folder / name


def append(path: Path, line: str) -> None:
    write(path, [*lines_of(path), line])


def drop_last(path: Path) -> None:
    write(path, lines_of(path)[:-1])


@pytest.mark.shared
class TestOpenmlPimp(SourceContract):
    @pytest.fixture(scope="class")
    @classmethod
    def make(cls, shared_data, small_pages):
        def make(folder):
            path = cut(shared_data, folder, "openml-pimp/adaboost.arff", 100)
            return SourceCase(
                source=source_named("openml-pimp"),
                folder=folder,
                damage=lambda: append(path, "SAMME,0.5,3,100"),
                change=lambda: drop_last(path),
            )

        return make


@pytest.fixture(scope="module")
def small_pages():
    """Pages of 40 records: a small cut has several."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ingest.sources._pages.PAGE_ROWS", 40)
        yield

"""Takes a source out again: graph, evidence, run table, quarantine, passages, raw files, and all that was noted of it.

The note of the source is withdrawn first and deleted last, so that a source which was being forgotten when the process
was killed is still known by name: forgetting it again completes it.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext, suppress
from fnmatch import fnmatchcase
from pathlib import Path

from ingest.done import all_done, drop_done, read_done, withdraw
from kg.errors import InputError, StoreError
from kg.model.base import FrozenMapping, Value
from kg.runs import RunTable
from kg.store import KnowledgeStore


class Forgotten(Value):
    """What was taken out of one source."""

    source: str
    items: FrozenMapping[str, int] = FrozenMapping({})
    """Kind of graph item -> how many."""
    rows: int = 0
    """Rows of the run table in use."""
    quarantined: int = 0
    """Rows of the run table that were set aside."""
    files: tuple[str, ...] = ()
    """Other files and folders, below the home: passages, raw files, checkpoints, rejected records."""


class ForgetReport(Value):
    """What was taken out."""

    sources: tuple[Forgotten, ...]
    dry_run: bool = False
    """Whether nothing was: it says what would have been."""

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the report as JSON."""
        return self.model_dump_json(indent=indent)

    def to_text(self) -> str:
        """Return the report for people."""
        head = "Nothing was taken out; this is what would be.\n" if self.dry_run else ""
        return head + "\n".join(line for source in self.sources for line in _lines(source))


def forget(
    names: Iterable[str],
    home: Path,
    *,
    store: KnowledgeStore | None = None,
    dry_run: bool = False,
    progress: Callable[[str], None] | None = None,
) -> ForgetReport:
    """Take sources out of a home and its graph.

    Args:
        names: Names of sources, or patterns of them: ``paper:*``.
        home: Where the run table and the rest are.
        store: The graph.
        dry_run: Whether to leave everything as it is, and only say what would go.
        progress: Called with a short text at each step.

    Raises:
        InputError: A name or pattern fits no source; names those there are. Nothing was taken out then.
        StoreError: Something cannot be written.
    """
    table, known = RunTable(home), known_sources(home, store)
    wanted = dict.fromkeys(source for name in names for source in _matching(name, known))
    found = []
    for source in wanted:
        if progress is not None:
            progress(f"{source}: taking it out" if not dry_run else f"{source}: looking what there is of it")
        with nullcontext() if dry_run else table.locked(source):
            found.append(_found(source, table, store))
            if not dry_run:
                _take_out(source, found[-1], table, store)
    return ForgetReport(sources=tuple(found), dry_run=dry_run)


def known_sources(home: Path, store: KnowledgeStore | None) -> tuple[str, ...]:
    """Return the names of all sources that anything is left of, in the graph or below `home`."""
    places = [("ingested", ".json"), ("rejected", ".jsonl"), ("passages", ".parquet"), ("staging", "")]
    found = {
        path.name.removesuffix(suffix) for folder, suffix in places for path in (home / folder).glob(f"[!.]*{suffix}")
    }
    found |= {
        path.name.removeprefix("source=") for area in ("runs", "quarantine") for path in (home / area).glob("source=*")
    }
    return tuple(sorted(found | set(store.sources() if store is not None else ())))


def _matching(name: str, known: Iterable[str]) -> list[str]:
    found = [source for source in known if source == name] or [one for one in known if fnmatchcase(one, name)]
    if not found:
        allowed = ", ".join(known) or "nothing: no source has been ingested"
        raise InputError(f"Nothing is there of {name!r}.", where="source", allowed=allowed)
    return found


def _found(source: str, table: RunTable, store: KnowledgeStore | None) -> Forgotten:
    manifest = table.manifest(source)
    kinds = Counter(store.items_of(source).values()) if store is not None else Counter()
    return Forgotten(
        source=source,
        items=FrozenMapping[str, int](dict(sorted(kinds.items()))),
        rows=manifest.rows if manifest else 0,
        quarantined=sum(file.rows for file in manifest.quarantine) if manifest else 0,
        files=tuple(path.relative_to(table.home).as_posix() for path in _files(source, table.home)),
    )


def _files(source: str, home: Path) -> list[Path]:
    """Return the files and folders of a source that are there, but for its runs and its note."""
    note = read_done(home, source)
    shared = {path for done in all_done(home) if done.report.source != source for path in done.raw}
    raw = [home / path for path in (note.raw if note is not None else ()) if path not in shared]
    own = [home / "passages" / f"{source}.parquet", home / "rejected" / f"{source}.jsonl", home / "staging" / source]
    return [path for path in (*own, *raw) if path.exists()]


def _take_out(source: str, found: Forgotten, table: RunTable, store: KnowledgeStore | None) -> None:
    """Take out what was `found`: what recommendations rest on first, the note last."""
    home = table.home
    withdraw(home, source)
    if store is not None:
        store.remove_source(source)
    try:
        with table.replacing(source, None):
            pass
        for area in ("runs", "quarantine"):
            _delete(home / area / f"source={source}")
        for path in found.files:
            _delete(home / path)
            _drop_empty(home / path, home / "raw")
        drop_done(home, source)
    except OSError as error:
        raise StoreError(f"{source} cannot be taken out of {home} completely: {error}. Try again.") from error


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _drop_empty(path: Path, top: Path) -> None:
    """Delete the folders above a raw file that have become empty, below `top`."""
    for folder in path.parents:
        if not folder.is_relative_to(top) or folder == top:
            return
        with suppress(OSError):  # it is not empty
            folder.rmdir()


def _lines(found: Forgotten) -> Iterator[str]:
    yield f"{found.source}:"
    if found.items:
        yield "  graph: " + ", ".join(f"{n:,} {kind}" for kind, n in found.items.items())
    if found.rows or found.quarantined:
        yield f"  runs: {found.rows:,} rows, and {found.quarantined:,} that were set aside"
    if found.files:
        yield f"  files: {', '.join(found.files)}"

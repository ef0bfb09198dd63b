"""Search spaces that papers and packages lay down, as they ship with the package (`ingest/data/spaces`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ingest.records import Items, Page, Rejected
from ingest.sources._shipped import ShippedSource
from ingest.sources._space_file import SpaceEntry, SpaceFile, read_space_file, translate
from kg.errors import RecordError
from kg.expressions import ExpressionError
from kg.iris import evidence_iri
from kg.model import Iri, Provenance, PublishedSpace, Standing, TaskType


class PublishedSpaces(ShippedSource):
    """A `PublishedSpace` a learner, source and, where they differ, task type."""

    name = "published-spaces"
    title = "Published search spaces"
    licence = "of each source, see the provenance of each space"
    url = "https://github.com/mlr-org/mlr3tuningspaces"
    standing = Standing.PUBLISHED
    files = ("ingest/data/spaces/*.yaml",)
    folder = "data/spaces"

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield the spaces, a page a file. A space that cannot be translated is rejected, and the rest goes on."""
        for path in self.paths(folder):
            yield self._page(read_space_file(path), path.name, retrieved)

    def _page(self, source: SpaceFile, file: str, retrieved: date) -> Items:
        items: list[PublishedSpace] = []
        rejected: list[Rejected] = []
        for entry in source.spaces:
            try:
                items += self._spaces(entry, source, file, retrieved)
            except (RecordError, ExpressionError) as error:
                rejected.append(Rejected(f"{file}#{entry.learner}", "space without counterpart", str(error)))
        unmapped = {f"{source.name}: {name}": 1 for name in source.left_out}
        return Items(file, tuple(items), tuple(rejected), unmapped)

    def _spaces(self, entry: SpaceEntry, source: SpaceFile, file: str, retrieved: date) -> Iterator[PublishedSpace]:
        """Yield one space for all task types where they agree, else one for each."""
        by_task = {task_type: translate(entry, source.family, task_type) for task_type in entry.task_types}
        agree = len(set(map(str, by_task.values()))) == 1
        groups = [entry.task_types] if agree else [(task_type,) for task_type in entry.task_types]
        for task_types in groups:
            found = by_task[task_types[0]]
            yield PublishedSpace(
                iri=self._iri(entry, source, task_types),
                standing=self.standing,
                n=1,
                provenance=Provenance(
                    source=self.name,
                    licence=source.licence,
                    url=source.url,
                    version=source.version,
                    retrieved=retrieved,
                    locator=f"{source.locator}#{entry.learner}; ingest/data/spaces/{file}",
                ),
                name=entry.name or source.name,
                learner=entry.learner,
                task_types=task_types,
                space=found.space,
                expressions=found.expressions,
                initial=found.initial,
                special_values=found.special_values,
                citation=source.citation,
                notes=entry.notes,
            )

    def _iri(self, entry: SpaceEntry, source: SpaceFile, task_types: tuple[TaskType, ...]) -> Iri:
        return evidence_iri("published_space", entry.name or source.name, entry.learner, [str(t) for t in task_types])

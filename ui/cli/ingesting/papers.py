"""``tunegraph ingest papers WHAT...``: what papers, guides and documentation say on how to configure."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.cli.ingesting.options import DryRun, ingest_and_print
from ui.cli.options import Home, Json, LlmUrl

if TYPE_CHECKING:
    from ingest.claims import ClaimExtractor
    from ingest.claims.by_model import ModelExtractor
    from ingest.documents.finding import Found
    from ingest.sources.base import Source
    from kg.model import Claim
    from ui.compose import Progress, Tunegraph


def command(
    what: Annotated[list[str], typer.Argument(help="Files, folders, web addresses or arXiv ids.", show_default=False)],
    licence: Annotated[str, typer.Option(help="Licence of the documents, where no file beside them says it.")] = "",
    url: Annotated[
        str, typer.Option(help="Where they were published; of a folder, what file names are added to.")
    ] = "",
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Fetch from private networks, too, and by plain HTTP.")
    ] = False,
    llm: Annotated[
        str | None, typer.Option(help="PROVIDER:MODEL of a language model that finds claims beside the rules.")
    ] = None,
    llm_base_url: LlmUrl = None,
    dry_run: DryRun = False,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Read PDF, LaTeX, HTML, Markdown, reStructuredText and notebooks; --dry-run --json prints the claims."""
    extraction = _Extraction(llm, llm_base_url, home)
    with tempfile.TemporaryDirectory(prefix="tunegraph-") as scratch:
        wanted = _Wanted(what, licence, url, Path(scratch) / "fetched", allow_private=allow_private)

        def found(tunegraph: Tunegraph, progress: Progress) -> tuple[Iterable[Source], Path]:
            from ingest.sources.papers import keep

            raw = Path(scratch) / "raw" if dry_run else tunegraph.settings.home / "raw"
            return [keep(one, raw, extractor=extraction.extractor) for one in wanted.documents(progress)], raw

        if dry_run and as_json:
            print(json.dumps({"claims": list(_claims(wanted, extraction))}, indent=1, ensure_ascii=False))
            code = 0
        else:
            code = ingest_and_print(found, dry_run=dry_run, as_json=as_json, home=home)
    extraction.tell()
    raise typer.Exit(1 if wanted.failures else code)


@dataclass
class _Extraction:
    """Who finds the claims: the rules, and a language model beside them where one is asked for."""

    llm: str | None
    base_url: str | None
    home: Path | None

    @cached_property
    def extractor(self) -> ClaimExtractor:
        """The extractor; the model is opened when it is first needed."""
        from ingest.claims import RULES
        from ingest.claims.by_model import Together

        return RULES if self.by_model is None else Together((RULES, self.by_model))

    @cached_property
    def by_model(self) -> ModelExtractor | None:
        """The language model, or None."""
        if self.llm is None:
            return None
        from ingest.claims.by_model import ModelExtractor
        from recommender.llm.providers import open_model
        from ui.compose import Settings

        cache = Settings.from_environment(self.home).home / "cache" / "llm"
        return ModelExtractor(open_model(self.llm, base_url=self.base_url, cache=cache))

    def tell(self) -> None:
        """Say which parts the model did not answer; the rules have read them all the same."""
        for text in self.by_model.unanswered if self.by_model else ():
            print(f"Warning: not answered by the model: {text}", file=sys.stderr)


@dataclass
class _Wanted:
    """What was asked for, and what of it could not be had."""

    what: list[str]
    licence: str
    url: str
    fetched: Path
    allow_private: bool
    failures: list[str] = field(default_factory=list)

    def documents(self, progress: Progress) -> Iterator[Found]:
        """Find the documents below paths, and fetch the others; where there are several, one that fails is told."""
        from dataclasses import replace

        from ingest.documents.fetch import fetch, is_address
        from ingest.documents.finding import found_below
        from ingest.documents.http import Fetcher, FetchError, FetchLimits

        fetcher = Fetcher(FetchLimits(private=self.allow_private))
        for one in self.what:
            if not is_address(one):
                yield from found_below(Path(one), licence=self.licence, url=self.url)
                continue
            progress(f"Fetching {one}")
            try:
                document = fetch(one, self.fetched, fetcher=fetcher)
            except FetchError as error:
                if len(self.what) == 1:
                    raise
                self.failed(str(error))
            else:
                yield replace(document, licence=self.licence or document.licence, url=self.url or document.url)

    def failed(self, message: str) -> None:
        """Tell of a document that could not be read."""
        self.failures.append(message)
        print(f"Error: {message}", file=sys.stderr)


def _claims(wanted: _Wanted, extraction: _Extraction) -> Iterator[dict[str, Any]]:
    """Yield what the documents claim, as it is printed; no graph is opened and nothing is written."""
    from datetime import UTC, datetime

    from ingest.claims import found_in
    from ingest.documents.finding import known
    from ingest.documents.isolation import DocumentReader
    from ingest.documents.limits import DocumentError
    from kg.model import Provenance
    from ui.cli.screen import progress_on

    with progress_on(sys.stderr) as progress, DocumentReader() as reader:
        for found in wanted.documents(progress):
            progress(f"Reading {found.name}")
            try:
                document = known(reader.read(found.path, name=found.name), licence=found.licence, url=found.url)
            except DocumentError as error:
                wanted.failed(str(error))
                continue
            origin = Provenance(
                source=f"paper:{found.slug}",
                licence=document.licence,
                url=document.url or found.path.absolute().as_uri(),
                retrieved=datetime.now(UTC).date(),
            )
            claims = found_in(document, provenance=origin, extractor=extraction.extractor).claims
            yield from map(_printed, claims)


def _printed(claim: Claim) -> dict[str, Any]:
    """Return a claim under the names of the published format: canonical where there are such, else as in the text."""
    return {
        "document": claim.document,
        "quote": claim.quote,
        "page": claim.page,
        "section": claim.section,
        "learner": claim.learner or claim.algorithm_name or None,
        "hyperparameter": claim.hyperparameter or claim.parameter_name or None,
        "kind": str(claim.statement),
        "low": claim.low,
        "high": claim.high,
        "log": claim.log,
        "value": claim.value,
        "unit": claim.unit or None,
        "condition": claim.condition or None,
    }

"""The sections of a report in their order, the same for every form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from recommender.report import pictures, tables, words
from recommender.report.model import Figures
from recommender.report.numbers import code
from recommender.report.pictures import Shown
from recommender.report.tables import Table


@dataclass(frozen=True)
class Part:
    """A heading, and below it text, pictures and tables, where there are any."""

    title: str
    text: str = ""
    pictures: tuple[Shown, ...] = ()
    tables: tuple[Table, ...] = ()


def title_of(figures: Figures) -> str:
    """Return the title."""
    return f"Report on the study {code(figures.study)}"


def parts_of(figures: Figures) -> Iterator[Part]:
    """Yield the sections."""
    chart, bars = pictures.history(figures), pictures.importances(figures)
    yield Part("What was found", words.summary(figures), (chart,) if chart else (), (tables.configuration(figures),))
    yield Part(
        "What was searched",
        words.searched(figures),
        (*((bars,) if bars else ()), *pictures.dependences(figures)),
        (tables.parameters(figures),),
    )
    if figures.interactions:
        yield Part("Interactions", words.interactions(figures), (), (tables.interactions(figures),))
    yield Part("Which evidence held", words.held(figures), (), (tables.checks(figures),))
    yield Part("Why it stopped", words.stopped(figures))
    yield Part("What it cost", f"{words.cost(figures)} {words.ENERGY_SOURCE}")
    yield Part("Trials", "", (), (tables.failures(figures), tables.history(figures)))

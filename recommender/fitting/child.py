"""The side of a process apart: makes the fits it is asked for, one after the other, until the other side is gone.

Started by `recommender.fitting.apart` alone, which owns both ends of the connection: a pair of sockets that nobody else
can open.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Sequence
from multiprocessing.connection import Connection

from recommender.fitting.folds import Fit, FitError, FoldFits, Scored, Setup

#: What a fit needs in any case, imported before the first one is asked for so that it is not counted to it.
WARM_UP = ("sklearn.pipeline", "sklearn.compose", "sklearn.impute", "sklearn.model_selection", "sklearn.metrics")


def main(arguments: Sequence[str]) -> None:
    """Serve fits until the connection is closed.

    Args:
        arguments: Descriptor of the connection, and one whose end means that the other side is gone.
    """
    connection, lifeline = Connection(int(arguments[0])), int(arguments[1])
    threading.Thread(target=_die_with_parent, args=(lifeline,), daemon=True).start()
    warnings.simplefilter("ignore")
    for name in WARM_UP:
        __import__(name)
    connection.send("ready")
    fits: FoldFits | None = None
    while True:
        try:
            asked = connection.recv()
        except EOFError:
            return
        if isinstance(asked, Setup):
            fits = FoldFits(asked)
        elif isinstance(asked, Fit) and fits is not None:
            connection.send(_answer(fits, asked))


def _answer(fits: FoldFits, fit: Fit) -> Scored | str:
    """Return what came of the fit, or in words why there is no score."""
    try:
        return fits.scored(fit)
    except FitError as error:
        return str(error)


def _die_with_parent(lifeline: int) -> None:
    os.read(lifeline, 1)
    os._exit(0)

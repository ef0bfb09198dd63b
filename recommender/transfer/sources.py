"""What a study carries of other data sets: their response functions, brought into the study's own search space.

The response models of the graph have spaces of their own, wider than the proposal's, and belong to a graph that a
worker on another machine may not have. So each is asked once at common points of the proposed space, the *knots*; in
between, a Gaussian process interpolates. Eighty data sets take about 100 kB of text, which travels with the study.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

from kg.errors import InputError
from kg.model import Configuration, SearchSpace
from kg.response import CLIP, matern52
from recommender.transfer.lattice import Lattice
from recommender.transfer.process import Points, Unit

Array = npt.NDArray[np.float64]

#: Version of the text; another is not read.
FORMAT = 1
#: Added to the diagonal of the interpolation, so that knots that all but coincide do no harm.
JITTER = 1e-4
_STEPS_16, _STEPS_8 = 65535, 255


@dataclass(frozen=True)
class TransferSources:
    """Response functions of other data sets in a study's space, what each counts, and what to start with."""

    space: SearchSpace
    names: tuple[str, ...]
    """The data set of each source."""
    weights: Array
    """How much each counts, shape (sources,); they sum to 1."""
    knots: Array
    """Rows of the space's lattice, shape (knots, width)."""
    regrets: Array
    """Expected regret of each knot on each source, within [0, 2], shape (knots, sources)."""
    length_scales: Array
    """One an encoded dimension of the space."""
    unit: Unit
    """Prior of the task's median - best."""
    starts: tuple[Configuration, ...] = ()
    """A portfolio to go by while no trial has finished, in order."""

    @cached_property
    def lattice(self) -> Lattice:
        """The rows of the space."""
        return Lattice(self.space)

    @cached_property
    def at_knots(self) -> Points:
        """The knots as points."""
        return Points(self.lattice.encode(self.knots) / self.length_scales, self.regrets)

    def points(self, encoded: Array) -> Points:
        """Return encoded configurations (n, dims) as points."""
        x = encoded / self.length_scales
        level, coefficients = self._interpolation
        cross = matern52(x, self.at_knots.x, np.ones(x.shape[1]))
        return Points(x, np.clip(level + cross @ coefficients, 0.0, CLIP))

    @cached_property
    def _interpolation(self) -> tuple[Array, Array]:
        """The level of each source and the coefficients of its knots, shape (knots, sources)."""
        x = self.at_knots.x
        covariance = matern52(x, x, np.ones(x.shape[1]))
        covariance[np.diag_indices_from(covariance)] += JITTER
        level = self.regrets.mean(0)
        return level, cho_solve(cho_factor(covariance, lower=True), self.regrets - level)

    def to_text(self) -> str:
        """Return the sources as ASCII text: regrets to 1/128, numbers of knots to 1/65535."""
        content = {
            "format": FORMAT,
            "space": self.space.model_dump(mode="json"),
            "names": self.names,
            "weights": [round(float(weight), 8) for weight in self.weights],
            "knots": _packed(self.knots, _STEPS_16, "<u2"),
            "regrets": _packed(self.regrets / CLIP, _STEPS_8, "u1"),
            "length_scales": [float(f"{scale:.6g}") for scale in self.length_scales],
            "unit": [self.unit.mean, self.unit.spread],
            "starts": [dict(start.items()) for start in self.starts],
        }
        raw = json.dumps(content, separators=(",", ":")).encode()
        return base64.b85encode(zlib.compress(raw, 9)).decode()

    @classmethod
    def from_text(cls, text: str) -> TransferSources:
        """Read the sources back.

        Raises:
            InputError: The text is damaged, or of another version.
        """
        try:
            return _unpacked(json.loads(zlib.decompress(base64.b85decode(text))))
        except (ValueError, KeyError, TypeError, zlib.error) as error:
            raise InputError(
                f"they cannot be read: {error}", where="sources of the study", allowed=f"format {FORMAT}"
            ) from error


def _unpacked(content: Mapping[str, Any]) -> TransferSources:
    if content["format"] != FORMAT:
        raise ValueError(f"format {content['format']}")
    space = SearchSpace.model_validate(content["space"])
    return TransferSources(
        space=space,
        names=tuple(content["names"]),
        weights=np.array(content["weights"], dtype=float),
        knots=Lattice(space).snapped(_array(content["knots"], _STEPS_16, "<u2")),
        regrets=_array(content["regrets"], _STEPS_8, "u1") * CLIP,
        length_scales=np.array(content["length_scales"], dtype=float),
        unit=Unit(*content["unit"]),
        starts=tuple(Configuration(start) for start in content["starts"]),
    )


def _packed(values: Array, steps: int, kind: str) -> dict[str, Any]:
    whole = np.rint(np.clip(values, 0.0, 1.0) * steps).astype(kind)
    # By column, where neighbours are alike, so that it compresses.
    return {"shape": values.shape, "data": base64.b85encode(zlib.compress(whole.tobytes(order="F"), 9)).decode()}


def _array(packed: Mapping[str, Any], steps: int, kind: str) -> Array:
    raw = np.frombuffer(zlib.decompress(base64.b85decode(packed["data"])), dtype=kind)
    values: Array = raw.astype(np.float64).reshape(packed["shape"], order="F") / steps
    return values

"""The response surface: what regret each candidate configuration has on each source data set, as far as is known.

                     credit-g  adult  letter  ...          one column a response model
    {C: 1, rbf}        .12      .40    1.10
    {C: 30, linear}    .35      .02    1.70                one row a candidate
    ...

It depends on the sources alone, not on the target, so it is built once a graph, learner and metric, and kept on disk.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kg.atomic_files import write_atomically
from kg.errors import InputError
from kg.iris import digest
from kg.model import Configuration, Iri, ParameterValue, ResponseModel, SearchSpace
from kg.response import CLIP, Encoder, ResponseFunction

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]

#: Candidates in all, about: the sources share them equally.
N_CANDIDATES = 1200
#: Share of a source's candidates that are its best runs; the others are spread over its support.
BEST_SHARE = 0.6
#: Residual functions drawn for each source, in pairs of opposite sign.
DRAWS = 16
#: Standard deviation of the residual: how far a new data set is from a source's function where they are alike.
RESIDUAL = 0.2
_FEATURES = 256
_SEED = 20260101
#: Raised whenever the content for the same graph would be another, so that old files are not read.
_FORMAT = 3


@dataclass(frozen=True)
class ResponseSurface:
    """Predicted regrets of candidates (rows) on sources (columns)."""

    candidates: tuple[Configuration, ...]
    """Configurations that were run on a source, complete in the parameters of all the sources' spaces."""
    origins: tuple[Iri, ...]
    """The response model (evidence) whose support holds the candidate, one a candidate."""
    datasets: tuple[Iri, ...]
    """The data set of each column."""
    models: tuple[Iri, ...]
    """The response model (evidence) of each column."""
    regrets: Array
    """Expected regret, within [0, 2], shape (candidates, sources)."""
    residuals: Array32
    """Random smooth residuals, shape (candidates, sources x draws): see `portfolio`."""
    noise: Array
    """Standard deviation of what was measured about what is predicted, shape (sources,)."""


def build_surface(
    models: Sequence[ResponseModel],
    *,
    defaults: Mapping[str, ParameterValue] | None = None,
    n_candidates: int = N_CANDIDATES,
) -> ResponseSurface:
    """Ask every model about the best runs of all of them and a spread of the others. Deterministic.

    Args:
        models: Response models of one learner under one metric, whose spaces may differ.
        defaults: The learner's defaults: what a candidate has for a parameter that its own source did not vary.
        n_candidates: How many candidates, about.

    Raises:
        InputError: There is no model, or they are of several learners or metrics.
    """
    if not models or len({(model.learner, model.metric) for model in models}) > 1:
        raise InputError(
            f"a surface of {len(models)} models", where="models", allowed="one or more, of one learner and metric"
        )
    spaces = _distinct([model.space for model in models])
    found: dict[Configuration, Iri] = {}
    per_model = -(-n_candidates // len(models))
    for model in models:
        runs = support_configurations(model)
        for row in _chosen_rows(model, per_model):
            found.setdefault(_complete(runs[row], model.space, spaces, defaults or {}), model.iri)
    candidates = tuple(found)
    encoded = {space_key(space): Encoder(space).encode([c.root for c in candidates]) for space in spaces}
    return ResponseSurface(
        candidates=candidates,
        origins=tuple(found.values()),
        datasets=tuple(model.dataset for model in models),
        models=tuple(model.iri for model in models),
        regrets=predicted_regrets(models, encoded),
        residuals=residual_draws(_joint_points(models, encoded), len(models)),
        noise=np.array([model.noise for model in models]),
    )


def support_configurations(model: ResponseModel, rows: Sequence[int] | None = None) -> tuple[Configuration, ...]:
    """Return the support of `model` (or some `rows`) as configurations: None is a value only where there is one."""
    takes_none = {parameter.name for parameter in model.space.parameters if parameter.contains(None)}
    chosen = model.support if rows is None else [model.support[row] for row in rows]
    return tuple(
        Configuration({n: v for n, v in zip(model.parameters, row, strict=True) if v is not None or n in takes_none})
        for row in chosen
    )


def predicted_regrets(models: Sequence[ResponseModel], encoded: Mapping[str, Array]) -> Array:
    """Return the clipped expected regrets on each model, shape (points, models).

    Args:
        models: The models.
        encoded: Digest of a space (`space_key`) -> the points, encoded in it, shape (points, dims).
    """
    columns = [ResponseFunction.from_model(model).mean(encoded[space_key(model.space)]) for model in models]
    return np.clip(np.stack(columns, axis=1), 0.0, CLIP)


def space_key(space: SearchSpace) -> str:
    """Return the digest under which `predicted_regrets` looks up the points encoded in `space`."""
    return digest(space.model_dump(mode="json"))


def residual_draws(points: Array, n_sources: int, *, draws: int = DRAWS, spread: float = RESIDUAL) -> Array32:
    """Return random smooth functions at `points`, shape (points, sources x draws), the draws of a source together.

    Draws of a Gaussian process with a Matern 5/2 kernel by random Fourier features (Rahimi and Recht 2007), whose
    spectral density is a Student t with 5 degrees of freedom. The second half of a source's draws mirrors the first,
    so that a source's expectation of a single configuration stays what it is.

    Args:
        points: Encoded configurations divided by their length scales, shape (points, dims).
        n_sources: Number of sources.
        draws: Functions for each source, an even number.
        spread: Their standard deviation.
    """
    generator = np.random.default_rng(_SEED)
    n, dims = points.shape
    scale = np.sqrt(generator.chisquare(5, (1, _FEATURES)) / 5.0)
    frequencies = generator.standard_normal((dims, _FEATURES)) / scale
    features = np.cos(points @ frequencies + generator.uniform(0, 2 * np.pi, _FEATURES)) * np.sqrt(2.0 / _FEATURES)
    half = draws // 2
    drawn = spread * features @ generator.standard_normal((_FEATURES, n_sources * half))
    pairs = np.stack([drawn, -drawn], axis=-1).reshape(n, n_sources * half * 2)
    return pairs.astype(np.float32)


def cached_surface(folder: Path | None, key: str, build: Callable[[], ResponseSurface]) -> ResponseSurface:
    """Return the surface kept in `folder` under `key`, or build and keep it.

    Args:
        folder: Where surfaces are kept; None to build without keeping.
        key: Names the graph's content, the learner and the metric (`KnowledgeStore.fingerprint`).
        build: Builds the surface where there is none, or where the file cannot be read.
    """
    if folder is None:
        return build()
    path = folder / f"surface-{digest(_FORMAT, key)}.npz"
    kept = _read(path)
    if kept is None:
        kept = build()
        _write(path, kept)
    return kept


def _read(path: Path) -> ResponseSurface | None:
    """Return what `path` holds, or None where it is missing or damaged (it is only a cache)."""
    try:
        with np.load(path, allow_pickle=False) as file:
            text = json.loads(bytes(file["text"]).decode())
            return ResponseSurface(
                candidates=tuple(Configuration(one) for one in text["candidates"]),
                origins=tuple(text["origins"]),
                datasets=tuple(text["datasets"]),
                models=tuple(text["models"]),
                regrets=file["regrets"].astype(np.float64),
                residuals=file["residuals"].astype(np.float32),
                noise=file["noise"],
            )
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
        return None


def _write(path: Path, surface: ResponseSurface) -> None:
    text = {
        "candidates": [candidate.root for candidate in surface.candidates],
        "origins": surface.origins,
        "datasets": surface.datasets,
        "models": surface.models,
    }
    arrays: dict[str, Any] = {
        "text": np.frombuffer(json.dumps(text).encode(), dtype=np.uint8),
        "regrets": surface.regrets.astype(np.float32),
        "residuals": surface.residuals.astype(np.float16),
        "noise": surface.noise,
    }
    # Who may not write here still gets surfaces, only not faster the next time.
    with suppress(OSError):
        buffer = BytesIO()
        np.savez(buffer, **arrays)
        write_atomically(path, buffer.getvalue())


def _chosen_rows(model: ResponseModel, wanted: int) -> list[int]:
    """Return rows of the support: the best, then rows spread evenly over the order of regret of the rest."""
    order = list(np.argsort(np.array(model.regrets), kind="stable"))
    if len(order) <= wanted:
        return [int(i) for i in order]
    n_best = round(BEST_SHARE * wanted)
    rest = order[n_best:]
    spread = np.linspace(0, len(rest) - 1, wanted - n_best).round().astype(int)
    return [int(i) for i in order[:n_best]] + [int(rest[i]) for i in spread]


def _complete(
    run: Configuration, own: SearchSpace, spaces: Sequence[SearchSpace], defaults: Mapping[str, ParameterValue]
) -> Configuration:
    """Add the default of each parameter that only other sources varied, where it is active and has a place there."""
    complete = dict(run.items())
    for space in spaces:
        for parameter in space.ordered():
            name = parameter.name
            missing = name in defaults and name not in complete and name not in own
            if missing and parameter.contains(defaults[name]) and space.is_active(name, complete):
                complete[name] = defaults[name]
    return Configuration(complete)


def _joint_points(models: Sequence[ResponseModel], encoded: Mapping[str, Array]) -> Array:
    """Return the points in units of length scales, in all spaces side by side, each space with the same share."""
    scales: dict[str, list[tuple[float, ...]]] = {}
    for model in models:
        scales.setdefault(space_key(model.space), []).append(model.length_scales)
    parts = [encoded[key] / np.median(np.array(lengths), axis=0) for key, lengths in sorted(scales.items())]
    points: Array = np.concatenate(parts, axis=1) / np.sqrt(len(parts))
    return points


def _distinct(spaces: Sequence[SearchSpace]) -> list[SearchSpace]:
    return list({space_key(space): space for space in spaces}.values())

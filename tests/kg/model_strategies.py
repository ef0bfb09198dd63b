"""Hypothesis strategies for every type of `kg.model`, hostile names and all; new fields are covered by themselves."""

import types
import typing
from datetime import UTC, date, datetime
from enum import StrEnum

from hypothesis import strategies as st

from kg import model
from kg.iris import dataset_iri
from kg.model.base import FrozenMapping, Iri, Value

TEXTS = st.one_of(
    st.sampled_from(
        ["", "a", 'quote " and \\', "line\nfeed\r\ttab", "> <http://evil> .", "ünï😀", "..", "a/b#c?d%20", "\x00"]
    ),
    st.text(max_size=8),
)
IRIS = TEXTS.map(lambda text: Iri(dataset_iri("d-" + text)))
FLOATS = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, 1e-300, 5e-324, 1.7976931348623157e308, 0.1]),
    st.floats(allow_nan=False, allow_infinity=False),
)
INTEGERS = st.one_of(st.integers(-5, 5), st.sampled_from([2**31, 2**63, -(2**70)]))
VALUES = st.one_of(
    st.none(), st.booleans(), INTEGERS, FLOATS, TEXTS, st.sampled_from([True, 1, 1.0, "1", False, 0, 0.0])
)
DATES = st.dates(date(1, 1, 1), date(9999, 12, 31))
TIMES = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  # zone aside
_PLAIN = {str: TEXTS, int: INTEGERS, float: FLOATS, bool: st.booleans(), date: DATES, datetime: TIMES, Iri: IRIS}


def of(cls, **chosen):
    """Strategy of a value type: each field by its annotation, save those `chosen`."""
    fields = {name: by_annotation(info.annotation) for name, info in cls.model_fields.items() if name not in chosen}
    return st.fixed_dictionaries({**fields, **chosen}).map(lambda values: cls(**values))


def by_annotation(annotation):  # noqa: PLR0911  # one return a kind of annotation
    """Strategy of any annotation that the model uses."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation in _PLAIN or annotation in SPECIAL:
        return _PLAIN.get(annotation) if annotation in _PLAIN else SPECIAL[annotation]()
    if annotation == model.ParameterValue:
        return VALUES
    if annotation is type(None):
        return st.none()
    if origin is typing.Literal:
        return st.sampled_from(arguments)
    if origin in {types.UnionType, typing.Union}:
        return st.one_of(*map(by_annotation, arguments))
    if origin is tuple and arguments[1:] == (...,):
        return st.lists(by_annotation(arguments[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(by_annotation, arguments))
    if issubclass(annotation, StrEnum):
        return st.sampled_from(list(annotation))
    if issubclass(annotation, FrozenMapping):
        key, value = typing.get_args(annotation.model_fields["root"].annotation)
        return st.dictionaries(by_annotation(key), by_annotation(value), max_size=3).map(annotation)
    assert issubclass(annotation, Value), annotation
    return of(annotation)


def _rising(numbers):
    return st.lists(numbers, max_size=4, unique_by=lambda number: number + 0).map(sorted).map(tuple)


def _quantiles():
    return _rising(FLOATS).flatmap(
        lambda levels: of(
            model.ParameterQuantiles,
            levels=st.just(levels),
            values=st.lists(FLOATS, min_size=len(levels), max_size=len(levels)).map(tuple),
        )
    )


def _spaces():
    return st.lists(TEXTS, min_size=1, max_size=4, unique=True).flatmap(_space_of)


def _space_of(names):
    conditions = st.just(())
    if len(names) > 1:
        values = st.lists(VALUES, min_size=1, max_size=3).map(tuple)
        conditions = values.map(lambda v: (model.Condition(child=names[0], parent=names[1], values=v),))
    forbidden = st.dictionaries(st.sampled_from(names), st.lists(VALUES, min_size=1, max_size=2).map(tuple), max_size=2)
    return st.builds(
        model.SearchSpace,
        parameters=st.tuples(*map(_parameters, names)),
        conditions=conditions,
        forbidden=forbidden.map(lambda clauses: (model.Forbidden(clauses=clauses, reason="why"),) if clauses else ()),
    )


def _parameters(name):
    prior = st.none() | st.builds(
        model.NumericPrior, center=st.floats(0, 1), spread=st.floats(min_value=1e-9, max_value=10)
    )
    floats = st.tuples(st.floats(1e-9, 10), st.floats(0, 1e6), st.booleans(), prior).map(
        lambda t: model.FloatParameter(name=name, low=t[0], high=t[0] + t[1], log=t[2], prior=t[3])
    )
    ints = st.tuples(st.integers(1, 10), st.integers(0, 2**65), st.booleans(), prior).map(
        lambda t: model.IntParameter(name=name, low=t[0], high=t[0] + t[1], log=t[2], prior=t[3])
    )
    choices = st.lists(VALUES, min_size=1, max_size=4, unique_by=lambda v: (type(v), v)).map(tuple)
    categories = st.tuples(choices, st.booleans()).map(
        lambda t: model.CategoricalParameter(
            name=name, choices=t[0], prior=tuple(1 / len(t[0]) for _ in t[0]) if t[1] else None
        )
    )
    return st.one_of(floats, ints, categories, VALUES.map(lambda v: model.ConstantParameter(name=name, value=v)))


_BEST_CHANGES = ("best_low_change", "best_change", "best_high_change")


def _points(value=FLOATS):
    changes = st.lists(FLOATS, min_size=3, max_size=3).map(sorted)
    return st.tuples(changes, value).flatmap(
        lambda drawn: of(
            model.FidelityPoint,
            value=st.just(drawn[1]),
            configurations=st.integers(1, 10**6),
            **{n: st.just(c) for n, c in zip(_BEST_CHANGES, drawn[0], strict=True)},
        )
    )


def fidelity_curves(**chosen):
    """Strategy of curves whose levels ascend."""
    levels = st.lists(FLOATS, min_size=2, max_size=4, unique_by=lambda number: number + 0).map(sorted)
    return levels.flatmap(
        lambda drawn: of(
            model.FidelityCurve,
            full=st.just(drawn[-1]),
            points=st.tuples(*(_points(st.just(level)) for level in drawn[:-1])),
            **chosen,
        )
    )


_UNIT = st.floats(-1, 1)
_POSITIVE = st.floats(min_value=1e-9, max_value=1e9)
_COUNTS = st.integers(1, 10**6)

#: Types with rules that their annotations do not tell.
SPECIAL = {
    model.ParameterQuantiles: _quantiles,
    model.SearchSpace: _spaces,
    model.FidelitySetting: lambda: of(model.FidelitySetting, value=_POSITIVE, full=_POSITIVE),
    model.FidelityLevel: lambda: of(
        model.FidelityLevel, rank_correlation=_UNIT, top_quarter_correlation=_UNIT | st.none(), cost_ratio=_POSITIVE
    ),
    model.FidelityPoint: _points,
    model.Cost: lambda: of(model.Cost, seconds=_POSITIVE | st.none(), memory_mb=_POSITIVE | st.none()),
}

#: Strategy of every type that is an item of the graph, by type.
ITEMS = {
    model.Dataset: of(model.Dataset, iri=IRIS),
    model.Run: of(model.Run, iri=IRIS),
    model.RunSummary: of(
        model.RunSummary,
        n=_COUNTS,
        random_search=_rising(_COUNTS).flatmap(
            lambda ks: st.lists(FLOATS, min_size=len(ks), max_size=len(ks)).map(
                lambda scores: tuple(zip(ks, scores, strict=True))
            )
        ),
    ),
    model.ResponseModel: of(model.ResponseModel, n=_COUNTS, signal=_POSITIVE, noise=_POSITIVE, fit=_UNIT),
    **{
        cls: of(cls, n=_COUNTS)
        for cls in (
            model.ParameterImportance,
            model.FidelityProfile,
            model.CostProfile,
            model.StudySummary,
            model.PublishedSpace,
            model.Claim,
            model.SystemResult,
            model.SuiteResult,
        )
    },
    model.FidelityCurve: fidelity_curves(n=_COUNTS),
    model.PublishedBudget: of(
        model.PublishedBudget,
        n=_COUNTS,
        trials_low=st.none() | st.integers(1, 100),
        trials_high=st.none() | st.integers(100, 10**6),
        trials_per_parameter=_POSITIVE,
        time_limit_s=_POSITIVE | st.none(),
        per_trial_s=_POSITIVE | st.none(),
        n_folds=_COUNTS | st.none(),
        n_cores=_COUNTS | st.none(),
        memory_mb=_POSITIVE | st.none(),
    ),
}

#: Any item of the graph.
ANY_ITEM = st.one_of(*ITEMS.values())

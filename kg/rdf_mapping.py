"""The table of the converter: which term of which vocabulary stands for which type and field.

What is not listed becomes ``tg:<fieldInCamelCase>``, laid out as its annotation asks for (`kg.rdf_fields`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pyoxigraph import NamedNode

from kg import model
from kg.iris import BASE
from kg.model.base import FrozenMapping, Value
from kg.rdf_codecs import Codec, Entries, Json, Keyed, Several
from kg.rdf_fields import (
    HYPERPARAMETER,
    LEARNER,
    METRIC,
    REAL,
    REFERENCE,
    SOFTWARE,
    SOURCE,
    TEXT,
    VALUE,
    Entity,
    layout_of,
    term_of,
)
from kg.rdf_nodes import Inline, Origin, Place, Shared, ValueLayout
from kg.rdf_terms import AFTER, DCAT, DCTERMS, LABEL, PROV, QUALITY, QUANTILE, mls, tg

#: IRIs of values that are shared by content begin so.
SHARED_PREFIXES: Final = (f"{BASE}provenance/", f"{BASE}space/", f"{BASE}activity/")

_SPECIFIED_BY, _HAS_VALUE = mls("specifiedBy"), mls("hasValue")
_PARAMETER: Final[dict[str, Codec]] = {"parameter": HYPERPARAMETER}
_RANGE: Final = {"name": LABEL}


_EVIDENCE_TERMS: Final = {
    "n": tg("sampleSize"),
    "name": NamedNode(DCTERMS + "title"),
    "citation": NamedNode(DCTERMS + "bibliographicCitation"),
    "task_types": tg("taskType"),
}


def _settings(segment: str, build: Callable[[dict[str, Any]], Any] = model.Configuration.model_construct) -> Entries:
    cls = mls("HyperParameterSetting")
    return Entries(segment, _SPECIFIED_BY, _HAS_VALUE, HYPERPARAMETER, VALUE, build, type=cls)


def _numbers(segment: str, value: str) -> Entries:
    build = FrozenMapping[str, float].model_construct
    return Entries(segment, tg("hyperparameter"), tg(value), HYPERPARAMETER, REAL, build)


def _evidence(cls: type[Value], **codecs: Codec) -> Entity:
    named: dict[str, Codec] = {"learner": LEARNER, "metric": METRIC}
    return Entity(cls, (tg(cls.__name__), tg("Evidence")), _EVIDENCE_TERMS, {**named, **codecs})


def _quantiles(build: Callable[[list[tuple[float, float]]], Any], pairs: Callable[[Any], Any] = iter) -> Keyed:
    return Keyed(QUANTILE, pairs, float, build, REAL)


def _dump_quantiles(value: model.ParameterQuantiles) -> dict[str, Any]:
    return {**vars(value), "quantiles": tuple(zip(value.levels, value.values, strict=True))}


def _load_quantiles(fields: dict[str, Any]) -> dict[str, Any]:
    pairs = fields.pop("quantiles")
    return {**fields, "levels": tuple(level for level, _ in pairs), "values": tuple(one for _, one in pairs)}


#: Levels of `CostProfile.seconds`.
_COST_LEVELS = (0.1, 0.5, 0.9)
_SPECIAL: Final = _settings("special", FrozenMapping[str, model.ParameterValue].model_construct)

_DATASET = Entity(
    model.Dataset,
    (mls("Dataset"), NamedNode(DCAT + "Dataset")),
    {
        "name": NamedNode(DCTERMS + "title"),
        "description": NamedNode(DCTERMS + "description"),
        "same_as": NamedNode(PROV + "alternateOf"),
    },
    {
        "same_as": Several(REFERENCE),
        "meta_features": Keyed(
            QUALITY,
            lambda value: value.items(),
            str,
            lambda pairs: model.MetaFeatures.model_construct(dict(pairs)),
            REAL,
        ),
    },
)
_RUN = Entity(
    model.Run,
    (mls("Run"),),
    {
        "dataset": mls("hasInput"),
        "learner": mls("executes"),
        "configuration": mls("hasInput"),
        "scores": mls("hasOutput"),
    },
    {
        "learner": LEARNER,
        "configuration": _settings("setting"),
        "scores": Entries(
            "evaluation",
            _SPECIFIED_BY,
            _HAS_VALUE,
            METRIC,
            REAL,
            FrozenMapping[str, float].model_construct,
            type=mls("ModelEvaluation"),
        ),
    },
)
_EVIDENCE = (
    _evidence(model.RunSummary, random_search=Keyed(AFTER, iter, int, tuple, REAL)),
    _evidence(
        model.ResponseModel,
        parameters=Json(tuple),
        support=Json(tuple),
        regrets=Json(tuple),
        length_scales=Json(tuple),
    ),
    _evidence(model.ParameterImportance, importances=_numbers("importance", "share")),
    _evidence(model.FidelityProfile, **_PARAMETER),
    _evidence(model.FidelityCurve, **_PARAMETER),
    _evidence(
        model.CostProfile,
        seconds=_quantiles(
            lambda pairs: tuple(one for _, one in pairs), lambda value: zip(_COST_LEVELS, value, strict=True)
        ),
        coefficients=_numbers("coefficient", "coefficient"),
    ),
    _evidence(model.StudySummary, best_configuration=_settings("best"), special_values=_SPECIAL),
    _evidence(
        model.PublishedSpace,
        task_types=Several(term_of(model.TaskType)),
        initial=_settings("initial"),
        special_values=_SPECIAL,
    ),
    _evidence(model.Claim, hyperparameter=HYPERPARAMETER),
    _evidence(model.SystemResult),
    _evidence(model.SuiteResult),
    _evidence(model.PublishedBudget),
)
_PARTS = (
    Entity(
        model.Provenance,
        (NamedNode(PROV + "Entity"),),
        {
            "source": NamedNode(DCTERMS + "source"),
            "licence": NamedNode(DCTERMS + "license"),
            "url": NamedNode(DCAT + "landingPage"),
            "version": NamedNode(DCAT + "version"),
        },
        {"source": SOURCE},
        # The item's own, see Origin.
        omit=frozenset({"activity", "locator"}),
    ),
    Entity(
        model.Activity,
        (NamedNode(PROV + "Activity"),),
        {
            "source": NamedNode(PROV + "used"),
            "digest": tg("sourceDigest"),
            "version": NamedNode(DCAT + "version"),
            "licence": NamedNode(DCTERMS + "license"),
            "started": NamedNode(PROV + "startedAtTime"),
            "software": NamedNode(PROV + "wasAssociatedWith"),
        },
        {"source": SOURCE, "software": SOFTWARE},
    ),
    Entity(model.SearchSpace, (tg("SearchSpace"),), {"parameters": tg("parameterRange")}),
    Entity(model.FloatParameter, (tg("FloatParameter"),), _RANGE),
    Entity(model.IntParameter, (tg("IntParameter"),), _RANGE),
    Entity(model.CategoricalParameter, (tg("CategoricalParameter"),), {**_RANGE, "prior": tg("weights")}),
    Entity(model.ConstantParameter, (tg("ConstantParameter"),), _RANGE, omit=frozenset({"kind", "prior"})),
    Entity(model.NumericPrior),
    Entity(model.Condition),
    Entity(model.Forbidden),
    Entity(model.BoundExpression, codecs=_PARAMETER),
    Entity(model.FidelityLevel),
    Entity(model.FidelityPoint),
    # Its kind is a field like any other.
    Entity(model.FidelitySetting, terms={"kind": tg("fidelity")}, omit=frozenset()),
    Entity(model.Cost),
    Entity(
        model.ParameterQuantiles,
        codecs=_PARAMETER,
        omit=frozenset({"levels", "values"}),
        dump=_dump_quantiles,
        load=_load_quantiles,
        extra=(Place("quantiles", tg("quantile"), _quantiles(tuple), required=False, empty=()),),
    ),
)

_ORIGIN = Origin(
    Shared(model.Provenance, "provenance"),
    {
        "locator": (tg("locator"), TEXT),
        "activity": (NamedNode(PROV + "wasGeneratedBy"), Shared(model.Activity, "activity")),
    },
)
_COMMON: Final[dict[type, Callable[[str], Codec]]] = {
    model.Provenance: lambda _: _ORIGIN,
    model.SearchSpace: lambda _: Shared(model.SearchSpace, "space"),
    model.Cost: lambda _: Inline(model.Cost),
}

#: Value type -> layout, for all that can stand in the graph.
LAYOUTS: Final[dict[type, ValueLayout]] = {
    entity.cls: layout_of(entity, _COMMON) for entity in (_DATASET, _RUN, *_EVIDENCE, *_PARTS)
}
#: Class IRI -> layout, for what has an IRI of its own: data sets, runs and evidence.
ITEMS: Final[dict[str, ValueLayout]] = {
    layout.types[0].value: layout for layout in LAYOUTS.values() if "iri" in layout.cls.model_fields
}

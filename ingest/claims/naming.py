"""What a text calls a learner or a hyper-parameter, and what the registry calls it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from kg.iris import plain_name
from kg.learners.registry import learners
from kg.learners.spec import LearnerSpec

_HERE = Path(__file__).parent
#: Learner words that are too common, or too short, to be one wherever they stand: only in code font.
_WEAK = frozenset({"lr", "tree", "ada", "cat", "cb", "dt", "et", "rf", "gb", "xt", "cart", "logit"})
#: A class of some library by the end of its name.
_CLASS = re.compile(
    r"\b(?:[A-Z][a-z0-9]*){1,6}(?:CV|Classifier|Regressor|Sampler|Pruner|Scheduler|Search|SearchCV|Optimizer|Clusterer"
    r"|Estimator|Forest|Boost|Boosting|Trainer|Tuner|Facade|Predictor|Transformer|Model|Net|SVC|SVR|Regression)\b"
)


@dataclass(frozen=True)
class Mention:
    """A method or learner named in a text."""

    name: str
    """As the text has it, or, for a method of the vocabulary, its usual name."""
    start: int
    end: int
    is_code: bool = False


@lru_cache(maxsize=1)
def _vocabulary() -> dict[str, dict[str, list[str] | None]]:
    """Return group -> usual name -> other names."""
    groups: dict[str, dict[str, list[str] | None]] = yaml.safe_load((_HERE / "methods.yaml").read_text("utf-8"))
    return groups


@lru_cache(maxsize=1)
def _methods() -> dict[str, str]:
    """Return other name -> usual name, of all methods of the vocabulary."""
    methods = [item for group in _vocabulary().values() for item in group.items()]
    return {other: name for name, others in methods for other in (name, *(others or ()))}


@lru_cache(maxsize=1)
def method_groups() -> dict[str, str]:
    """Return usual name -> group (``optimisers``, ``systems``, ``training``, ``models``) of the vocabulary."""
    return {name: group for group, methods in _vocabulary().items() for name in methods}


@lru_cache(maxsize=1)
def _learner_names() -> dict[str, str]:
    """Return name in lower case -> the name to give, of the learners of the registry."""
    found: dict[str, str] = {}
    for spec in learners():
        classes = {path.rpartition(".")[2] for path in spec.implementations.values()}
        for name in (spec.name, spec.name.replace("_", " "), spec.label, *spec.aliases, *classes):
            found.setdefault(name.lower(), spec.name)
    del found["sgd"]  # in most texts the optimiser of a network, not the linear model that learns by it
    extra = {
        "support vector machine": "svm", "support vector machines": "svm", "svms": "svm",
        "random forests": "random_forest",
        "gradient boosting machine": "gradient_boosting", "gradient boosted trees": "gradient_boosting",
        "multilayer perceptron": "mlp", "k-nearest neighbors": "knn", "k-nn": "knn", "decision trees": "decision_tree",
        "extremely randomized trees": "extra_trees", "boosted trees": "gradient_boosting",
        "gradient boosted machines": "gradient_boosting",
    }  # fmt: skip
    return {**found, **extra}


@lru_cache(maxsize=1)
def _mention_pattern() -> re.Pattern[str]:
    names = {*_learner_names()} - _WEAK | {name for name in _methods() if not _is_shouted(name)}
    loose = "|".join(re.escape(name).replace(r"\ ", r"[\s_-]+") for name in sorted(names, key=len, reverse=True))
    shouted = "|".join(re.escape(name) for name in sorted(_methods(), key=len, reverse=True) if _is_shouted(name))
    return re.compile(rf"(?<![\w.-])(?:(?P<loose>(?i:{loose}))|(?P<shouted>{shouted}))s?(?![\w])(?!-\w)")


def _is_shouted(name: str) -> bool:
    """Say whether a name is told from a word by its capitals alone (``SAC``, ``Lion``, ``NODE``)."""
    return " " not in name and (name.isupper() or (len(name) <= 7 and name != name.lower()))


@lru_cache(maxsize=512)
def mentions_in(plain: str) -> tuple[Mention, ...]:
    """Return the methods and learners that `plain` names, in order."""
    found = [Mention(_shown(match[0]), *match.span()) for match in _mention_pattern().finditer(plain)]
    taken = {position for mention in found for position in range(mention.start, mention.end)}
    found += [
        Mention(match[0], *match.span(), is_code=True)
        for match in _CLASS.finditer(plain)
        if not taken.intersection(range(*match.span()))
    ]
    return tuple(sorted(found, key=lambda mention: mention.start))


def _shown(text: str) -> str:
    """Return the name to give a method: a class as it is written, all else under its usual name."""
    name = re.sub(r"\s+", " ", text)
    is_class = re.fullmatch(r"[A-Za-z0-9]*[a-z][A-Za-z0-9]*", name) and sum(c.isupper() for c in name) > 1
    return name if is_class else usual_name(name)


@lru_cache(maxsize=2048)
def usual_name(name: str) -> str:
    """Return the vocabulary's usual name of a method (``TPE`` for ``TPESampler``), or `name` where it has none."""
    for form in (name, name.removesuffix("s"), name.replace("_", " ")):
        if found := _methods().get(form) or _lower_methods().get(form.lower()):
            return found
    return name


def group_of(name: str) -> str | None:
    """Return ``optimisers``, ``systems``, ``training`` or ``models``; None for a method that the vocabulary lacks."""
    return method_groups().get(usual_name(name))


@lru_cache(maxsize=1)
def _lower_methods() -> dict[str, str]:
    return {other.lower(): usual for other, usual in _methods().items()}


@lru_cache(maxsize=1024)
def other_names(method: str) -> tuple[str, ...]:
    """Return the other names that the vocabulary has for `method` (its usual name); none where it has no entry."""
    return tuple(other for other, usual in _methods().items() if usual == method)


@lru_cache(maxsize=2048)
def learner_of(name: str) -> LearnerSpec | None:
    """Return the registry's learner for what a text calls it, or None. Library words around it are no hindrance."""
    text = re.sub(r"\s*\(.*?\)", "", name).strip().lower().replace("-", " ")
    names = {key.replace("-", " "): value for key, value in _learner_names().items()}
    by_name = {spec.name: spec for spec in learners()}
    for candidate in (text, text.removesuffix("s"), text.rpartition(".")[2]):
        if candidate in names:
            return by_name[names[candidate]]
    wanted = plain_name(name)
    return next((by_name[value] for key, value in names.items() if plain_name(key) == wanted), None)


@lru_cache(maxsize=1)
def setting_words() -> dict[str, str]:
    """Return words of texts, in lower case -> the setting's usual argument name."""
    settings = yaml.safe_load((_HERE / "settings.yaml").read_text("utf-8"))
    return {word.lower(): name for name, words in settings.items() for word in (name, *words)}


@lru_cache(maxsize=4096)
def hyperparameter_of(learner: str, name: str) -> str | None:
    """Return the canonical name of a learner's hyper-parameter as a text calls it, or None where there is none.

    Args:
        learner: Canonical name.
        name: As in the text: an argument of the library or of another (``eta``, ``num.trees``), or words.
    """
    spec = next(spec for spec in learners() if spec.name == learner)
    usual = setting_words().get(re.sub(r"[\s_-]+", " ", name.lower()).strip(), "")
    for candidate in (name, re.split(r"__|\.|:", name)[-1], usual):
        if found := _known(spec, candidate):
            return found
    return None


def _known(spec: LearnerSpec, name: str) -> str | None:
    if not name:
        return None
    if name in spec:
        return name
    wanted = plain_name(name)
    for hyperparameter in spec.hyperparameters:
        if plain_name(hyperparameter.name) == wanted and len(wanted) > 1:
            return hyperparameter.name
    for alias in spec.sources.values():
        for source, canonical in alias.parameters.items():
            if plain_name(source) == wanted and (len(wanted) > 1 or source == name):
                return canonical
    return None


@lru_cache(maxsize=1)
def registry_parameters() -> frozenset[str]:
    """Return every name of a hyper-parameter of the registry, canonical or a source's, without case and punctuation."""
    names = {h.name for spec in learners() for h in spec.hyperparameters}
    names |= {source for spec in learners() for alias in spec.sources.values() for source in alias.parameters}
    return frozenset(plain_name(name) for name in names)


_AROUND = re.compile(
    r"^(?:num|n|max|train|total|base|initial|final|per_device|global|pretrain|model|target|use)_"
    r"|_(?:train|eval)(?=_)|s$"
)


@lru_cache(maxsize=4096)
def is_known_parameter(name: str) -> bool:
    """Say whether `name` is a known argument or setting, alone or within a longer name (``num_train_epochs``)."""
    shorter = name.lower().replace("-", "_")
    for _ in range(3):
        if plain_name(shorter) in known_parameters():
            return True
        shorter = _AROUND.sub("", shorter)
    return plain_name(shorter) in known_parameters()


@lru_cache(maxsize=1)
def known_parameters() -> frozenset[str]:
    """Return every argument name of the registry and of the settings, without case and punctuation."""
    words = {plain_name(name) for name in (*setting_words(), *setting_words().values())}
    return registry_parameters() | {word for word in words if len(word) > 1}  # of ``β1`` only the digit is left

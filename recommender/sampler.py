"""An Optuna sampler that learns from other data sets: the process of `recommender.transfer` over a study's space.

study = optuna.load_study(study_name="s", storage=url, sampler=TransferSampler(seed=1))

The sources are in the study (`attach_sources`), so that any worker can go on with it. Where there are none, or the
process cannot take what the objective asks for, Optuna's TPE goes on instead, and the study says why.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, check_distribution_compatibility
from optuna.trial import FrozenTrial, TrialState
from threadpoolctl import threadpool_limits

from kg.iris import digest
from kg.model import Configuration
from recommender.observing import SUGGESTED, never_asked_for, observed
from recommender.spaces import to_distributions, to_parameters
from recommender.transfer.search import opening_row, suggestion
from recommender.transfer.sources import TransferSources

#: System attributes of a study: number of pieces and digest; each piece of the text.
SOURCES, PIECE = "tunegraph:sources", "tunegraph:sources:{}"
#: MySQL's TEXT holds 65,535 bytes.
PIECE_SIZE = 60_000
#: System attribute of a trial: the improvement that was expected of it, in units of (best - median).
HOPE = "tunegraph:hope"
#: System attribute of a study: whether its time ends it before its trials are used up, so that seconds count.
TIME_BINDS = "tunegraph:time_binds"
_ONE_AT_A_TIME = threading.Lock()
#: User attribute of a study: why another sampler stands in.
STAND_IN = "tunegraph:stand_in_sampler"


def attach_sources(study: optuna.Study, sources: TransferSources) -> None:
    """Put `sources` into the storage of `study`, where every `TransferSampler` of the study finds them."""
    text = sources.to_text()
    storage, study_id = study._storage, study._study_id
    pieces = [text[i : i + PIECE_SIZE] for i in range(0, len(text), PIECE_SIZE)]
    for number, piece in enumerate(pieces):
        storage.set_study_system_attr(study_id, PIECE.format(number), piece)
    # Last, so that whoever finds it finds all the pieces.
    storage.set_study_system_attr(study_id, SOURCES, {"pieces": len(pieces), "digest": digest(text)})


def count_seconds(study: optuna.Study) -> None:
    """Make every `TransferSampler` of `study` look at what is gained a second: its time ends it, not its trials."""
    study._storage.set_study_system_attr(study._study_id, TIME_BINDS, True)


class TransferSampler(optuna.samplers.BaseSampler):
    """Suggests where, by what other data sets and this study's trials say, the best score is likely to improve most.

    The same seed, study and trial number give the same suggestion. Safe with many workers: what runs counts as tried.

    Args:
        sources: Response functions of other data sets. None: those that the study carries.
        seed: Seed. None: another each time.
        fallback: Suggests what the process does not. None: multivariate TPE.
    """

    def __init__(
        self,
        sources: TransferSources | None = None,
        *,
        seed: int | None = None,
        fallback: optuna.samplers.BaseSampler | None = None,
    ) -> None:
        self._given = sources
        self._seed = int(np.random.default_rng().integers(2**31)) if seed is None else seed
        self._fallback = fallback or tpe(seed=seed)
        self._read: tuple[str, TransferSources] | None = None
        self._said = ""

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return the distributions of the study's space; those of the fall-back where the process cannot be used."""
        sources = self._usable(study)
        if sources is None:
            return self._fallback.infer_relative_search_space(study, trial)
        return to_distributions(sources.space)

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return a whole configuration: the parameters that are active in it."""
        sources = self._usable(study)
        if sources is None:
            return self._fallback.sample_relative(study, trial, search_space)
        # One at a time, so that a thread sees what the one before it was given. Small matrices: threads of the linear
        # algebra only get in each other's way, and many workers may share the machine.
        with _ONE_AT_A_TIME, threadpool_limits(1):
            configuration, hope = self._suggested(study, trial, sources)
            suggested = to_parameters(configuration, sources.space)
            # The objective asks for one parameter after the other; other workers should see all of them now.
            study._storage.set_trial_system_attr(trial._trial_id, SUGGESTED, suggested)
            if hope is not None:
                study._storage.set_trial_system_attr(trial._trial_id, HOPE, hope)
        return suggested

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Return the fall-back's value: the objective asks for what is not in the space."""
        return self._fallback.sample_independent(study, trial, param_name, param_distribution)

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        """Tell the fall-back."""
        self._fallback.before_trial(study, trial)

    def after_trial(
        self, study: optuna.Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None
    ) -> None:
        """Tell the fall-back."""
        self._fallback.after_trial(study, trial, state, values)

    def reseed_rng(self) -> None:
        """Reseed the fall-back; suggestions depend on the trial's number, and so differ between workers already."""
        self._fallback.reseed_rng()

    def sources(self, study: optuna.Study) -> TransferSources | None:
        """Return the sources that the sampler goes by: those given, or those that `study` carries; None without any.

        Raises:
            InputError: Those of the study cannot be read.
        """
        if self._given is not None:
            return self._given
        attributes = study._storage.get_study_system_attrs(study._study_id)
        if SOURCES not in attributes:
            return None
        head = attributes[SOURCES]
        if self._read is None or self._read[0] != head["digest"]:
            text = "".join(attributes[PIECE.format(number)] for number in range(head["pieces"]))
            self._read = (head["digest"], TransferSources.from_text(text))
        return self._read[1]

    def _suggested(
        self, study: optuna.Study, trial: FrozenTrial, sources: TransferSources
    ) -> tuple[Configuration, float | None]:
        """Return what to try, and what is expected of it where anything was learnt."""
        # From the storage, for a study under Hyperband shows the trials of one bracket only.
        trials = study._storage.get_all_trials(study._study_id, deepcopy=False)
        others = [other for other in trials if other.number != trial.number]
        maximise = study.direction is optuna.study.StudyDirection.MAXIMIZE
        timed = bool(study._storage.get_study_system_attrs(study._study_id).get(TIME_BINDS, False))
        seen = observed(others, sources, maximise=maximise, timed=timed)
        if seen.trials is None:
            for start in sources.starts:
                if start not in seen.taken and sources.space.contains(start):
                    return start, None
            return sources.lattice.configuration(opening_row(sources, seen.pending)), None
        generator = np.random.default_rng([self._seed, trial.number])
        found = suggestion(sources, seen.trials, seen.pending, generator)
        return sources.lattice.configuration(found.row), found.hope

    def _usable(self, study: optuna.Study) -> TransferSources | None:
        """Return the sources where the process can be used; else None, and the study says why."""
        sources = self.sources(study)
        why = _obstacle(study, sources)
        if why is None:
            return sources
        if why != self._said:
            self._said = why
            text = f"TPE stands in for the transfer sampler: {why}."
            study._storage.set_study_user_attr(study._study_id, STAND_IN, text)
            warnings.warn(text, stacklevel=2)
        return None


def tpe(
    *, seed: int | None, n_startup_trials: int = 10, multivariate: bool = True, constant_liar: bool = True
) -> optuna.samplers.TPESampler:
    """Return Optuna's TPE, grouped where it is multivariate, so that it takes conditional spaces."""
    with warnings.catch_warnings():
        # Multivariate and grouped TPE have been "experimental" in Optuna since 2.2.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return optuna.samplers.TPESampler(
            n_startup_trials=n_startup_trials,
            multivariate=multivariate,
            group=multivariate,
            constant_liar=constant_liar,
            seed=seed,
        )


def _obstacle(study: optuna.Study, sources: TransferSources | None) -> str | None:
    """Return why the process cannot be used for `study`, or None where it can."""
    if len(study.directions) > 1:
        return "the study has several objectives"
    if sources is None:
        return "the study carries no response functions of other data sets"
    ours, trials = to_distributions(sources.space), study._storage.get_all_trials(study._study_id, deepcopy=False)
    for trial in trials:
        for name, distribution in trial.distributions.items():
            if name in ours and not _compatible(ours[name], distribution):
                return f"the objective takes {name} from another distribution than the space"
    # Its trials would tell nothing, and the same configuration would be suggested again and again.
    names = never_asked_for(trials, sources)
    return f"the objective does not ask for {', '.join(names)}" if names else None


def _compatible(ours: BaseDistribution, theirs: BaseDistribution) -> bool:
    try:
        check_distribution_compatibility(ours, theirs)
    except ValueError:
        return False
    return True

"""The trials of a study that several workers share: threads of one process, processes, or machines.

Nobody is in charge. Each worker looks at the storage before each trial: whether there is a place left in the budget
(`recommender.places`), and whether the trials that others run are alive. A worker that runs a trial says so every few
seconds, in an attribute of the trial; a trial that is not heard of for `Liveness.grace_s` is lost and tried once more.
How long that is, each worker measures on its own clock, so that the clocks of machines need not agree.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState

from recommender.observing import ENQUEUED, SUGGESTED
from recommender.places import RETRY_OF, is_lost, may_run, taken, to_retry, unfinished, waiting_retries
from recommender.storage import is_shared
from recommender.trial_notes import CITATIONS, EXTRA, LOST, ORIGIN, RATIONALE

#: System attribute of a trial: how often its worker has said that it is alive.
BEAT = "tunegraph:beat"

Objective = Callable[[optuna.Trial], float]
Callback = Callable[[optuna.Study, FrozenTrial], None]


@dataclass(frozen=True)
class Liveness:
    """How workers tell that others are alive.

    Attributes:
        beat_s: Seconds between two signs of life.
        grace_s: Seconds without one after which a trial is lost.
        silent_grace_s: The same for trials that never gave one: a program that does not use these workers.
        poll_s: Seconds between two looks at the storage while there is nothing to do.
    """

    beat_s: float = 10.0
    grace_s: float = 60.0
    silent_grace_s: float = 600.0
    poll_s: float = 0.5


LIVENESS = Liveness()


@dataclass
class Workers:
    """The workers of one process.

    Attributes:
        study: What they share.
        objective: What they run.
        n_places: Trials that the budget allows, over all processes.
        seconds: Wall clock, looked at between trials.
        is_over: Told before each trial: whether another worker has found that the study is to stop.
        callbacks: Called after each trial, as by ``study.optimize``.
        liveness: When a trial counts as lost.
    """

    study: optuna.Study
    objective: Objective
    n_places: int
    seconds: float
    is_over: Callable[[], bool]
    callbacks: Sequence[Callback] = ()
    liveness: Liveness = LIVENESS
    _heard: dict[int, tuple[Any, float]] = field(default_factory=dict, init=False)
    _looking: threading.Lock = field(default_factory=threading.Lock, init=False)
    _failed: threading.Event = field(default_factory=threading.Event, init=False)

    def run(self, n_workers: int) -> None:
        """Run trials until every place is run to its end, the time is over, or a callback stops the study."""
        deadline = time.monotonic() + self.seconds
        if n_workers == 1:
            self._work(deadline)
            return
        with ThreadPoolExecutor(n_workers) as pool:
            try:
                for done in [pool.submit(self._work, deadline) for _ in range(n_workers)]:
                    done.result()
            except BaseException:  # an interrupt reaches this thread alone: the others would go on to the deadline
                self._failed.set()
                raise

    def _work(self, deadline: float) -> None:
        try:
            while time.monotonic() < deadline and not self._failed.is_set() and not self.is_over():
                trials = self._trials()
                if taken(trials) < self.n_places or waiting_retries(trials):
                    self._run_one(deadline)
                elif unfinished(trials) or to_retry(trials):
                    # Others are at the last trials. If one of them dies, what it ran is still to be done.
                    time.sleep(min(self.liveness.poll_s, max(0.0, deadline - time.monotonic())))
                else:
                    return
        except BaseException:  # whatever ended this thread, the others need not go on
            self._failed.set()
            raise

    def _trials(self) -> list[FrozenTrial]:
        """Return the trials as they are now, after those that died were given back."""
        trials = self._read()
        if not is_shared(self.study):
            return trials
        with self._looking:
            buried = [t for t in unfinished(trials) if self._is_dead(t) and self._bury(t)]
            # What another worker has buried, that worker enqueues: unless it died, too.
            left = [trial for trial in to_retry(trials) if self._is_dead(trial)]
            for trial in (*buried, *left):
                self._enqueue_again(trial)
        return self._read() if buried or left else trials

    def _read(self) -> list[FrozenTrial]:
        # From the storage, for a study under Hyperband shows the trials of one bracket only.
        return self.study._storage.get_all_trials(self.study._study_id, deepcopy=False)

    def _is_dead(self, trial: FrozenTrial) -> bool:
        """Say whether this worker has seen no change of `trial` for too long."""
        beat, now = trial.system_attrs.get(BEAT), time.monotonic()
        beat = (trial.state, beat) if beat is not None else None
        last, since = self._heard.get(trial.number, (None, now))
        if trial.number not in self._heard or beat != last:
            self._heard[trial.number] = (beat, now)
            return False
        return now - since > (self.liveness.grace_s if beat is not None else self.liveness.silent_grace_s)

    def _bury(self, trial: FrozenTrial) -> bool:
        """Mark a trial as lost; return False where its worker or another one was quicker."""
        storage, silence = self.study._storage, time.monotonic() - self._heard[trial.number][1]
        try:
            storage.set_trial_user_attr(trial._trial_id, LOST, f"its worker was not heard of for {silence:.0f} s")
            buried = storage.set_trial_state_values(trial._trial_id, state=TrialState.FAIL)
        except UpdateFinishedTrialError:
            return False
        return buried

    def _enqueue_again(self, trial: FrozenTrial) -> None:
        told = {**trial.system_attrs.get(ENQUEUED, {}), **trial.system_attrs.get(SUGGESTED, {}), **trial.params}
        kept = {n: v for n, v in trial.user_attrs.items() if n in (ORIGIN, CITATIONS, RATIONALE)}
        self.study.enqueue_trial(told, user_attrs={**kept, RETRY_OF: trial.number})

    def _run_one(self, deadline: float) -> None:
        given: list[int] = []

        def guarded(trial: optuna.Trial) -> float:
            given.append(trial._trial_id)
            with _beating(self.study, trial, self.liveness.beat_s):
                trials = self._read()
                mine = next(other for other in trials if other.number == trial.number)
                if not may_run(mine, trials, self.n_places):
                    return _withdrawn(trial)
                return self.objective(trial)

        try:
            left = max(0.0, deadline - time.monotonic())
            self.study.optimize(guarded, n_trials=1, timeout=left, callbacks=list(self.callbacks))
        except (UpdateFinishedTrialError, ValueError, AssertionError):
            # This worker was taken for dead, and another one has the trial now: what it found comes too late. Optuna
            # has no words for that (its own assertion fails).
            if not given or not is_lost(self.study._storage.get_trial(given[0])):
                raise


def _withdrawn(trial: optuna.Trial) -> float:
    """Make the trial a failed one beside the budget: other workers have taken the last places meanwhile."""
    trial.set_user_attr(EXTRA, True)
    trial.set_user_attr(LOST, "not run: other workers had taken the last trials of the budget")
    return math.nan


@contextlib.contextmanager
def _beating(study: optuna.Study, trial: optuna.Trial, every_s: float) -> Iterator[None]:
    """Say every so many seconds that the trial is alive; where nobody else can see the study, say nothing."""
    if not is_shared(study):
        yield
        return
    storage, done = study._storage, threading.Event()
    storage.set_trial_system_attr(trial._trial_id, BEAT, 0)

    def beat() -> None:
        number = 0
        # Where another worker took the trial for dead, there is nothing more to say.
        with contextlib.suppress(UpdateFinishedTrialError):
            while not done.wait(every_s):
                number += 1
                storage.set_trial_system_attr(trial._trial_id, BEAT, number)
        storage.remove_session()  # SQLAlchemy keeps one a thread

    thread = threading.Thread(target=beat, name=f"beat of trial {trial.number}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()

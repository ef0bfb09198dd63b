"""Workers that share a study: no trial is lost or run twice, and the budget holds, whoever is killed and whenever."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from recommender import places
from recommender.places import RETRY_OF
from recommender.proposal import Budget, MaxTrials, Proposal, Termination
from recommender.storage import open_storage
from recommender.studies import STOP_REASON, configure_study
from recommender.trial_notes import CITATIONS, EXTRA, LOST, ORIGIN
from recommender.tuning import optimise, result_of
from recommender.workers import BEAT, Liveness

HERE = Path(__file__).parent
STARTS = [{"max_depth": depth, "min_samples_leaf": 0.01, "criterion": "gini"} for depth in (3, 5, 7, 9)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    from tests.recommender import postgres

    with postgres.cluster(tmp_path_factory.mktemp("pg")) as made:
        yield made


@pytest.fixture
def team(tmp_path: Path, proposal: Callable[..., Proposal], cited: Callable[..., object]) -> Iterator["Team"]:
    made = Team(tmp_path, proposal, cited)
    yield made
    made.end()


class Team:
    """Processes that run the same proposal on the same study."""

    def __init__(self, folder: Path, proposal: Callable[..., Proposal], cited: Callable[..., object]) -> None:
        self.folder, self.make, self.cited = folder, proposal, cited
        self.workers: list[subprocess.Popen[bytes]] = []

    def propose(self, n_trials: int) -> Proposal:
        budget = Budget(n_trials=n_trials, wall_clock_s=60, per_trial_s=5, binding="n_trials")
        self.proposal = self.make(
            warm_starts=self.cited(*STARTS), budget=budget, termination=Termination(rules=(MaxTrials(n_trials=999),))
        )
        (self.folder / "proposal.json").write_text(self.proposal.to_json())
        return self.proposal

    def start(self, url: str, n_workers: int, *, seconds: float = 0.05) -> None:
        program = [sys.executable, str(HERE / "shared_study.py"), str(self.folder / "proposal.json"), url, "s"]
        environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1]), "OMP_NUM_THREADS": "1"}
        command = [*program, str(self.folder / "log"), str(seconds), str(n_workers)]
        self.workers.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE))

    def wait(self) -> list[int]:
        codes: list[int] = []
        for worker in self.workers:
            out, err = worker.communicate(timeout=90)
            assert worker.returncode == 0, err.decode()
            ended = json.loads(out)
            assert set(ended) <= {0, -signal.SIGKILL}, err.decode()
            codes += ended
        return codes

    def log(self) -> list[list]:
        path = self.folder / "log"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def until(self, holds: Callable[[list[list]], object]) -> list[list]:
        deadline = time.monotonic() + 60
        while not holds(self.log()):
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)
        return self.log()

    def end(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
                worker.wait()


def trials_of(url: str) -> list[optuna.trial.FrozenTrial]:
    return optuna.load_study(study_name="s", storage=open_storage(url)).trials


def check(url: str, n_trials: int) -> None:
    """Every place of the budget was run to its end once, the warm starts among them."""
    trials = [trial for trial in trials_of(url) if not trial.user_attrs.get(EXTRA)]
    assert Counter(trial.state for trial in trials)[TrialState.COMPLETE] == n_trials
    assert {trial.state for trial in trials} <= {TrialState.COMPLETE, TrialState.FAIL}
    assert all(LOST in trial.user_attrs for trial in trials if trial.state is TrialState.FAIL)
    complete = [trial for trial in trials if trial.state is TrialState.COMPLETE]
    origins = Counter(trial.user_attrs[ORIGIN] for trial in complete if ORIGIN in trial.user_attrs)
    assert origins == {f"warm start {number}": 1 for number in range(len(STARTS))}


def test_many_workers_start_at_once_on_an_empty_database(server, team: Team) -> None:
    """Optuna's own workers get into each other's way here: they all make the tables, and the study."""
    server.run("createdb", "-h", "127.0.0.1", "-p", str(server.port), "-U", "optuna", "empty")
    url = server.url.replace("/postgres", "/empty")
    team.propose(8)
    team.start(url, 4)
    assert team.wait() == [0] * 4
    check(url, 8)
    begun = [number for event, _, number, _ in team.log() if event == "begun"]
    assert sorted(Counter(begun).values()) == [1] * 8


def test_what_a_killed_worker_ran_is_run_once_more_and_once_only(server, team: Team) -> None:
    server.run("createdb", "-h", "127.0.0.1", "-p", str(server.port), "-U", "optuna", "killed")
    url = server.url.replace("/postgres", "/killed")
    made = team.propose(8)
    team.start(url, 1, seconds=30)
    (_, pid, number, tried), *_ = team.until(lambda log: log)
    os.kill(pid, signal.SIGKILL)
    team.start(url, 2, seconds=0.05)
    assert team.wait() == [-signal.SIGKILL, 0, 0]
    check(url, 8)
    trials = trials_of(url)
    lost, (retry,) = trials[number], [trial for trial in trials if RETRY_OF in trial.user_attrs]
    assert "not heard of" in lost.user_attrs[LOST]
    assert lost.system_attrs[BEAT] >= 0
    assert (retry.user_attrs[RETRY_OF], retry.params, retry.state) == (number, tried, TrialState.COMPLETE)
    assert retry.user_attrs[CITATIONS] == list(made.warm_starts.parts["0"].citations)


def test_workers_go_on_after_the_storage_was_restarted(server, team: Team) -> None:
    server.run("createdb", "-h", "127.0.0.1", "-p", str(server.port), "-U", "optuna", "restarted")
    url = server.url.replace("/postgres", "/restarted")
    team.propose(10)
    team.start(url, 2, seconds=0.3)
    team.until(lambda log: len(log) >= 4)
    server.stop("immediate")
    time.sleep(1)
    server.start()
    assert team.wait() == [0, 0]
    check(url, 10)


def test_a_journal_is_shared_on_one_machine(team: Team) -> None:
    url = f"journal:///{team.folder}/study.log"
    team.propose(8)
    team.start(url, 3)
    assert team.wait() == [0, 0, 0]
    check(url, 8)


def test_workers_share_optunas_grpc_proxy(team: Team) -> None:
    pytest.importorskip("grpc", reason="grpcio is not installed: pip install 'tunegraph[distributed]'")
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    behind = f"journal:///{team.folder}/behind.log"
    code = (
        "import optuna; from recommender.storage import open_storage\n"
        f"optuna.storages.run_grpc_proxy_server(open_storage({behind!r}), host='127.0.0.1', port={port})"
    )
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
    proxy = subprocess.Popen([sys.executable, "-c", code], env=environment, stderr=subprocess.DEVNULL)
    try:
        team.propose(6)
        team.start(f"grpc://127.0.0.1:{port}", 2)
        assert team.wait() == [0, 0]
        check(behind, 6)
    finally:
        proxy.kill()
        proxy.wait()


def test_a_worker_that_was_taken_for_dead_goes_on_and_its_result_is_not_counted(proposal, cited, tmp_path) -> None:
    budget = Budget(n_trials=4, wall_clock_s=60, per_trial_s=5, binding="n_trials")
    made = proposal(warm_starts=cited(*STARTS), budget=budget)
    study = configure_study(made, storage=f"sqlite:///{tmp_path}/study.db", study_name="s")
    frozen = threading.Event()

    def objective(trial: optuna.Trial) -> float:
        depth = trial.suggest_int("max_depth", 1, 16, log=True)
        trial.suggest_float("min_samples_leaf", 0.001, 0.2, log=True)
        trial.suggest_categorical("criterion", ("gini", "entropy"))
        if trial.number == 0 and not frozen.is_set():
            frozen.set()  # another worker finds it dead, and runs it again
            trial.storage.set_trial_user_attr(trial._trial_id, LOST, "its worker was not heard of for 60 s")
            trial.storage.set_trial_state_values(trial._trial_id, state=TrialState.FAIL)
        return depth / 16

    optimise(study, objective, made, liveness=Liveness(grace_s=0.3, poll_s=0.05))
    states = Counter(trial.state for trial in study.trials)
    assert states == {TrialState.COMPLETE: 4, TrialState.FAIL: 1}
    assert [t.user_attrs[RETRY_OF] for t in study.trials if RETRY_OF in t.user_attrs] == [0]
    assert result_of(study, made)["failures"] == {"its worker was not heard of for 60 s": 1}


def test_a_trial_that_was_given_back_is_no_result(proposal) -> None:
    made = proposal()
    study = configure_study(made)
    for attributes in ({LOST: "its worker died"}, {LOST: "not run", EXTRA: True}):
        study.add_trial(optuna.trial.create_trial(state=TrialState.FAIL, user_attrs=attributes))
    found = result_of(study, made)
    assert (found["n_trials"], found["n_failed"], found["failures"]) == (1, 1, {"its worker died": 1})


def test_what_takes_its_worker_down_twice_is_left(proposal, tmp_path) -> None:
    made = proposal(budget=Budget(n_trials=3, wall_clock_s=60, per_trial_s=5, binding="n_trials"))
    study = configure_study(made, storage=f"sqlite:///{tmp_path}/study.db", study_name="s")
    liveness = Liveness(beat_s=9, grace_s=0.2, silent_grace_s=0.2, poll_s=0.05)
    study.ask()  # by a program that is gone
    optimise(study, lambda _: 0.5, made, liveness=liveness)
    lost, (retry,) = study.trials[0], [trial for trial in study.trials if RETRY_OF in trial.user_attrs]
    assert LOST in lost.user_attrs
    assert (retry.user_attrs[RETRY_OF], retry.state) == (0, TrialState.COMPLETE)
    storage = study._storage
    again = storage.create_new_trial(study._study_id, _like(retry, TrialState.FAIL, {LOST: "again"}))
    assert places.to_retry(study.trials) == []
    assert storage.get_trial(again).number == 4


def _like(trial: optuna.trial.FrozenTrial, state: TrialState, attributes: dict) -> optuna.trial.FrozenTrial:
    return optuna.trial.create_trial(state=state, user_attrs={**trial.user_attrs, **attributes})


def test_threads_keep_to_the_budget_and_share_a_stop(proposal) -> None:
    made = proposal(budget=Budget(n_trials=9, wall_clock_s=60, per_trial_s=5, n_workers=4, binding="n_trials"))
    study = configure_study(made)
    optimise(study, lambda trial: trial.suggest_float("min_samples_leaf", 0.001, 0.2, log=True), made)
    assert Counter(trial.state for trial in study.trials) == {TrialState.COMPLETE: 9}
    stopping = proposal(
        budget=Budget(n_trials=90, wall_clock_s=60, per_trial_s=5, n_workers=4, binding="n_trials"),
        termination=Termination(rules=(MaxTrials(n_trials=5),)),
    )
    study = configure_study(stopping)
    optimise(study, lambda _: 0.5, stopping)
    assert 5 <= len(study.trials) <= 5 + 3  # what runs when the rule holds is finished
    assert "of 5 trials finished" in study.user_attrs[STOP_REASON]


def test_an_error_of_the_objective_ends_all_threads(proposal) -> None:
    made = proposal(budget=Budget(n_trials=50, wall_clock_s=60, per_trial_s=5, n_workers=3, binding="n_trials"))

    def objective(trial: optuna.Trial) -> float:
        if trial.number == 4:
            raise ValueError("a bug of the user's")
        return 0.5

    study = configure_study(made)
    with pytest.raises(ValueError, match="a bug of the user's"):
        optimise(study, objective, made)
    assert len(study.trials) < 50


@pytest.fixture
def _interrupts() -> Iterator[None]:
    """Interrupts raise, also where the tests run in the background of a shell, which has them ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_interrupts")
def test_an_interrupt_ends_all_threads(proposal) -> None:
    """It reaches the main thread alone, which waits for the others."""
    made = proposal(budget=Budget(n_trials=500, wall_clock_s=10, per_trial_s=5, n_workers=2, binding="n_trials"))

    def objective(trial: optuna.Trial) -> float:
        if trial.number == 4:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        time.sleep(0.02)
        return 0.5

    study = configure_study(made)
    with pytest.raises(KeyboardInterrupt):
        optimise(study, objective, made)
    assert len(study.trials) < 50

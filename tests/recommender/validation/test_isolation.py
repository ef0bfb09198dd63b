"""Name spaces are used where they are to be had, what will not die is told, and exits are put into words."""

import os
import subprocess
import sys

import pytest

from recommender.validation import isolation

name_space_prefix = isolation.name_space_prefix.__wrapped__
NOBODY = 2**22 + 5


@pytest.fixture
def asked(monkeypatch):
    """Keep the commands that are tried; each ends as the test says."""

    def given(returncode=0, program="/bin/unshare", platform="linux", error=None):
        commands = []

        def run(command, **_):
            commands.append(command)
            if error is not None:
                raise error
            return subprocess.CompletedProcess(command, returncode)

        monkeypatch.setattr(isolation.shutil, "which", lambda _: program)
        monkeypatch.setattr(sys, "platform", platform)
        monkeypatch.setattr(isolation.subprocess, "run", run)
        return commands

    return given


def test_name_spaces_are_used_where_they_are_allowed(asked):
    commands = asked()
    prefix = name_space_prefix()
    assert prefix[0] == "/bin/unshare"
    assert {"--net", "--pid", "--kill-child"} <= set(prefix)
    assert len(commands) == 1


@pytest.mark.parametrize("given", [{"program": None}, {"platform": "darwin"}])
def test_where_there_are_none_nothing_is_tried(asked, given):
    commands = asked(**given)
    assert name_space_prefix() == ()
    assert commands == []


@pytest.mark.parametrize(
    "given", [{"returncode": 1}, {"error": OSError()}, {"error": subprocess.TimeoutExpired("unshare", 5)}]
)
def test_where_they_are_not_allowed_there_is_no_prefix(asked, given):
    asked(**given)
    assert name_space_prefix() == ()


class Process:
    pid = NOBODY

    def kill(self):
        """Be gone already."""

    def wait(self):
        return 0


def test_what_will_not_go_is_told_in_the_end(monkeypatch):
    looks = []

    def stubborn(_):
        looks.append(1)
        assert len(looks) < 1000, "it is looked at without end"
        return [NOBODY]

    monkeypatch.setattr(isolation, "marked_processes", stubborn)
    monkeypatch.setattr(isolation, "REAP_SECONDS", 0.05)
    assert isolation.end_group(Process(), "token") == (NOBODY,)


def test_what_goes_late_is_waited_for(monkeypatch):
    left = [[NOBODY], [NOBODY], []]
    monkeypatch.setattr(isolation, "marked_processes", lambda _: left.pop(0))
    assert isolation.end_group(Process(), "token") == ()
    assert left == []


def test_of_what_is_gone_nothing_is_counted(tmp_path):
    assert isolation.footprint(NOBODY) == (0, 0.0)
    assert isolation.own_memory(NOBODY) == 0.0
    assert isolation.written(NOBODY, tmp_path, 10) == 0.0


def test_files_are_counted_until_there_are_enough(tmp_path):
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "file").write_bytes(os.urandom(2**20))
    assert isolation.written(NOBODY, tmp_path, 100) == pytest.approx(3, abs=0.1)
    assert 1 < isolation.written(NOBODY, tmp_path, 1.5) < 3, "looking ends where they are too many"


@pytest.mark.parametrize(
    ("returncode", "log", "words"),
    [
        (0, "", "exit status 0"),
        (3, "one\ntwo\n\n", "exit status 3: two"),
        (-11, "", "killed by SIGSEGV"),
        (137, "", "killed by SIGKILL"),
        (128, "", "exit status 128"),
        (255, "", "exit status 255"),
    ],
)
def test_an_exit_is_put_into_words(returncode, log, words):
    assert isolation.describe_exit(returncode, log) == words


def test_processes_are_known_by_their_mark():
    marked = {**os.environ, isolation.TOKEN_VARIABLE: "mark-of-one-test"}
    with subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE, env=marked) as process:
        try:
            assert isolation.marked_processes("mark-of-one-test") == [process.pid]
            assert isolation.marked_processes("mark-of-another") == []
        finally:
            process.kill()

"""Distributions built from the checkout, and environments of their own to try them in. Needs `uv` and the network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = ("3.11", "3.12", "3.13")


@dataclass(frozen=True)
class Distributions:
    """What is released."""

    wheel: Path
    sdist: Path


@dataclass(frozen=True)
class Environment:
    """A virtual environment that nothing but the named packages is in."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def run(self, program: str, *arguments: object, cwd: Path, **variables: str) -> str:
        """Run a program of the environment with no variable of this one's but PATH; return what it prints."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return ran([self.folder / "bin" / program, *arguments], cwd=cwd, env=kept | variables)


def ran(command: list[object], **options: object) -> str:
    """Run a command that must end well; return what it prints."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def uv(*arguments: object) -> str:
    """Run uv."""
    program = shutil.which("uv")
    if program is None:
        pytest.skip("uv is not installed: make release-check installs it")
    return ran([program, *arguments], cwd=ROOT)


def interpreter(version: str) -> str:
    """Return the interpreter of a version of Python; the test is skipped where there is none."""
    if sys.version.startswith(f"{version}."):
        return sys.executable
    pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    found = shutil.which(f"python{version}") if not pyenv else str(pyenv[-1])
    if found is None:
        pytest.skip(f"Python {version} is not on this machine")
    return found


def environment(folder: Path, *packages: object, version: str = "3.11", resolution: str = "highest") -> Environment:
    """Make an environment with `packages` in it."""
    uv("venv", "--quiet", "--python", interpreter(version), folder)
    made = Environment(folder)
    uv("pip", "install", "--quiet", "--python", made.python, "--resolution", resolution, *packages)
    return made


@pytest.fixture(scope="session")
def project() -> dict[str, object]:
    """What `pyproject.toml` says of the project."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="session")
def tracked() -> list[str]:
    """The files of the repository."""
    return subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines()


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    """The source distribution, and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("dist")
    uv("build", "--quiet", "--out-dir", folder)
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return Distributions(wheel, sdist)

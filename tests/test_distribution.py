"""What is handed out: the source distribution holds the repository, and its tests run from it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

#: What lies about in a directory that is worked in; building would write there, too.
NOT_OURS = (".git", ".venv", "build", "dist", "*.egg-info", "__pycache__", ".*_cache")

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The root of an unpacked source distribution."""
    place = tmp_path_factory.mktemp("distribution")
    copy = shutil.copytree(ROOT, place / "repository", ignore=shutil.ignore_patterns(*NOT_OURS))
    build = ("-m", "build", "--sdist", "--no-isolation", "--outdir", str(place))
    run(sys.executable, *build, cwd=copy)
    (archive,) = place.glob("*.tar.gz")
    with tarfile.open(archive) as files:
        files.extractall(place, filter="data")
    yield place / archive.name.removesuffix(".tar.gz")


def run(*command: str, cwd: Path, **environment: str) -> str:
    """What a command prints; it must succeed."""
    done = subprocess.run(
        command,
        check=False,
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_it_holds_the_repository(unpacked: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("these tests run from a source distribution themselves")
    tracked = run("git", "ls-files", cwd=ROOT).splitlines()
    assert [name for name in tracked if not (unpacked / name).exists()] == []


def test_its_tests_run_from_it(unpacked: Path) -> None:
    paths = {"PYTHONPATH": os.pathsep.join([str(unpacked / "src"), str(unpacked)])}
    where = "import scapy_server; print(scapy_server.__file__)"
    assert str(unpacked) in run(sys.executable, "-c", where, cwd=unpacked, **paths)
    command = ("-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider")
    tests = ("tests/test_errors.py", "tests/test_pages.py", "tests/schema", "tests/packet/tree")
    fast = ("-m", "not (sweep or processes or attack or network or browser)")
    assert " passed" in run(sys.executable, *command, *fast, *tests, cwd=unpacked, **paths)

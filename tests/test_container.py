"""The Containerfile: a linter reads it, and what it runs is run, in a clean virtual environment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from scapy_server import release
from tests.running import PATIENCE

ROOT = Path(__file__).parents[1]
FILE = ROOT / "Containerfile"
#: What `.containerignore` keeps away.
IGNORED = [line.removeprefix("**/") for line in (ROOT / ".containerignore").read_text().split()]


def instructions() -> Iterator[tuple[str, str]]:
    """Each instruction with what stands behind it."""
    text = FILE.read_text().replace("\\\n", "")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, rest = line.partition(" ")
            yield name, rest


def test_a_linter_finds_no_fault() -> None:
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if linter is None:
        pytest.skip("there is no hadolint for this machine")
    done = subprocess.run([linter, str(FILE)], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_it_installs_this_release() -> None:
    (installed,) = (rest for name, rest in instructions() if "pip install" in rest)
    assert f'"scapy-server[metrics]=={release.VERSION}"' in installed


@dataclass
class Images:
    """Directories in the place of images: one for each stage, with one virtual environment."""

    place: Path
    stages: dict[str, Path] = field(default_factory=dict)
    root: Path = Path()
    current: Path = Path()
    command: dict[str, list[str]] = field(default_factory=dict)

    def follow(self, name: str, rest: str) -> None:
        """Do what an instruction says."""
        if name == "FROM":
            self.root = self.current = self.place / f"stage{len(self.stages)}"
            self.stages[rest.partition(" AS ")[2]] = self.root
        elif name == "WORKDIR":
            self.current = self.root / rest.lstrip("/")
            self.current.mkdir(parents=True)
        elif name == "COPY":
            self.copy(*rest.split())
        elif name == "RUN":
            self.run("bash", "-c", rest)
        elif name in ("ENTRYPOINT", "CMD"):
            self.command[name] = json.loads(rest)

    def copy(self, *words: str) -> None:
        *options, source, target = words
        stages = [option.removeprefix("--from=") for option in options]
        origin = self.stages[stages[0]] / source.lstrip("/") if stages else ROOT / source
        ignored = shutil.ignore_patterns(*IGNORED)
        shutil.copytree(origin, self.current / target, ignore=ignored, dirs_exist_ok=True)

    def run(self, *command: str) -> str:
        done = subprocess.run(
            command,
            check=False,
            cwd=self.current,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    @property
    def environment(self) -> dict[str, str]:
        """As in an image: nothing of ours is found but what was installed."""
        path = f"{self.place / 'venv' / 'bin'}:{os.environ['PATH']}"
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return {**kept, "PATH": path}


@pytest.mark.processes
def test_what_it_runs_makes_a_server(tmp_path: Path) -> None:
    images = Images(tmp_path)
    venv.create(tmp_path / "venv", with_pip=True)
    reachable = ("pip", "download", "--quiet", "--no-deps", "--dest", str(tmp_path), "msgspec")
    images.current = tmp_path
    if "SCAPY_SERVER_REQUIRE_INDEX" not in os.environ:
        try:
            images.run(*reachable)
        except AssertionError:
            pytest.skip("no package index can be reached")
    for name, rest in instructions():
        images.follow(name, rest)
    assert release.VERSION in images.run("scapy-server", "version")
    assert (tmp_path / "venv/share/man/man1/scapy-server.1").exists()
    serve = [*images.command["ENTRYPOINT"], *images.command["CMD"], "--host", "127.0.0.1"]
    with subprocess.Popen(
        [*serve, "--port", "0", "--workers", "1"],
        cwd=images.current,
        env=images.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        lines = [server.stdout.readline() for _ in range(3)]
        port = lines[1].rpartition(" ")[2].strip()
        images.run("scapy-server", "call", "ping", "--server", f"127.0.0.1:{port}")
        images.run("scapy-server", "call", "shut_down", "--server", f"127.0.0.1:{port}")
        assert server.wait(PATIENCE) == 0

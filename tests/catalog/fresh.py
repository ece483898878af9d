"""Run code in fresh interpreters on hosts that differ, and compare what it computes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

_SOURCE = Path(__file__).parents[2] / "src"

#: Another host: without the files under /etc that Scapy reads, and years later.
_OTHER_HOST = """
import builtins, pathlib, time
real_open, real_time, real_path_open = builtins.open, time.time, pathlib.Path.open
def absent(opened):
    def wrapper(path, *args, **kwargs):
        if str(path).startswith("/etc/"):
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return opened(path, *args, **kwargs)
    return wrapper
builtins.open = absent(real_open)
pathlib.Path.open = absent(real_path_open)
time.time = lambda: real_time() + 1e8
"""

_PROGRAM = """
import sys
import msgspec
from scapy_server.packet import modules
registry = modules.load()
{code}
sys.stdout.buffer.write(msgspec.json.encode(result))
"""


def fresh_processes_agree(code: str) -> None:
    """Assert that `result`, as computed by `code` from `registry`, is the same everywhere."""
    here = _run(_PROGRAM.format(code=code), seed="1")
    there = _run(_OTHER_HOST + _PROGRAM.format(code=code), seed="2")
    assert len(here) > 2
    assert hashlib.sha256(here).hexdigest() == hashlib.sha256(there).hexdigest()


def _run(program: str, seed: str) -> bytes:
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(_SOURCE),
        "PYTHONHASHSEED": seed,
        "HOME": os.devnull,
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout

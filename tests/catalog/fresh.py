"""What the catalogue says in fresh interpreters, on hosts that differ."""

from __future__ import annotations

import functools
import json
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
import hashlib, sys
import msgspec
from scapy_server.catalog.databases import Databases
from scapy_server.catalog.definitions import Definitions
from scapy_server.catalog.payload_classes import payload_classes
from scapy_server.packet.loading import modules
registry = modules.load()
databases = Databases(registry)
answers = {
    "definitions": Definitions(registry).select(layer.id for layer in registry),
    "payload classes": [payload_classes(registry, layer.id) for layer in registry],
    "databases": [databases.protocols, databases.fields],
    "checksums": [databases.protocols_md5, databases.fields_md5],
}
digests = {
    name: hashlib.sha256(msgspec.json.encode(answer)).hexdigest()
    for name, answer in answers.items()
}
sys.stdout.buffer.write(msgspec.json.encode(digests))
"""


@functools.cache
def digests() -> tuple[dict[str, str], dict[str, str]]:
    """The digest of each answer of the catalogue, on this host and on another."""
    here = _start(_PROGRAM, seed="1")
    there = _start(_OTHER_HOST + _PROGRAM, seed="2")
    return _result(here), _result(there)


def _start(program: str, seed: str) -> subprocess.Popen[bytes]:
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(_SOURCE),
        "PYTHONHASHSEED": seed,
        "HOME": os.devnull,
    }
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _result(process: subprocess.Popen[bytes]) -> dict[str, str]:
    output, errors = process.communicate(timeout=900)
    assert process.returncode == 0, errors.decode()
    decoded: dict[str, str] = json.loads(output)
    return decoded

"""What a front is given of the system's means."""

from __future__ import annotations

import re
import resource
from pathlib import Path

import pytest

from scapy_server import limits
from scapy_server.server.serving import capacity
from scapy_server.server.settings import Settings

UNIT = Path(__file__).parents[2] / "deploy" / "scapy-server.service"
_SUFFIXES = {"M": 1024**2, "G": 1024**3}


@pytest.mark.parametrize("workers", [1, 64])
def test_descriptors_are_kept_for_workers(workers: int) -> None:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = len(list(Path("/proc/self/fd").iterdir()))
    left = capacity(Settings(workers=workers))
    assert abs(soft - used - limits.RESERVED_DESCRIPTORS - 4 * workers - left) <= 2


def test_the_memory_of_the_unit_fits_the_defaults() -> None:
    found = re.search(r"^MemoryMax=(\d+)([MG])$", UNIT.read_text(), re.MULTILINE)
    assert found is not None
    front = limits.FRONT_BYTES + limits.UNREAD_BYTES  # to be on the safe side
    options = re.search(r"--workers (\d+)", UNIT.read_text())
    assert options is not None, "without a number there is a worker per core"
    workers = int(options[1]) * Settings().worker_memory
    zygote = 256 * 1024**2
    assert int(found[1]) * _SUFFIXES[found[2]] >= front + workers + zygote

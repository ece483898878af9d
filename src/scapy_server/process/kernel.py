"""What we ask of the kernel about processes (Linux; elsewhere it is politely left out)."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_M_MMAP_THRESHOLD = -3
_LARGE_BLOCK = 16 * 1024  # bytes
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def die_with_parent(parent: int) -> None:
    """Let the kernel kill this process when its parent ends, however that happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # it ended before the kernel was told
        os._exit(1)


def set_name(name: str) -> None:
    """The name that `ps` and `top` show of this process."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def ignore_stop_signals() -> None:
    """Leave Ctrl+C and SIGTERM to the front: it ends this process when its work is done."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)


def limit_memory(size: int) -> None:
    """Bound what this process may allocate, in bytes; also no core files of clients' data.

    RLIMIT_DATA counts private writable memory, which is what a request can grow. RLIMIT_AS
    would also count libraries, and address space that is only reserved.
    """
    for kind, bound in ((resource.RLIMIT_DATA, size), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(kind)
        lowest = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(kind, (lowest, lowest))


def map_large_blocks() -> None:
    """Have every large block of memory mapped on its own (with the GNU C library).

    Such blocks grow without being copied, and go back to the system at once, while what lies
    between smaller ones that are in use stays. By default that holds for blocks of a size only
    which grows as such blocks are freed.
    """
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)


def raise_descriptor_limit() -> None:
    """As many connections as the system lets us have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def prefer_as_victim() -> None:
    """When the machine runs out of memory, a worker should go rather than the front."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def resident_bytes() -> int:
    """The memory of this process that is in use, 0 where it cannot be told."""
    try:
        with open("/proc/self/statm", "rb", buffering=0) as file:  # noqa: PTH123 (often called)
            return int(file.read(128).split()[1]) * _PAGE
    except OSError:
        return 0


def running_seconds(pid: int) -> float:
    """How long a process has run on a processor, to the microsecond; 0 if that cannot be told."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_bytes().split()[0]) / 1e9
    except (OSError, IndexError):
        return 0.0


@dataclass(frozen=True)
class ProcessState:
    """The state of a process: whether it is stopped, and its processor time in seconds."""

    stopped: bool
    processor_seconds: float


def process_state(pid: int) -> ProcessState | None:
    """The state of a process, None if it is gone or cannot be told."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    return ProcessState(fields[0] in {b"T", b"t"}, (int(fields[11]) + int(fields[12])) / _TICKS)

"""What the operator asked for. No ZeroMQ and no Scapy here: every process reads it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from scapy_server import limits
from scapy_server.release import DEFAULT_PORT

ANY_HOST = "*"

#: The function that makes the dispatcher in a worker, as `module:function`.
LOADER = "scapy_server.services.packets.loading:load_dispatcher"


def default_workers() -> int:
    """One per core that this process may use."""
    return max(1, len(os.sched_getaffinity(0)))


@dataclass(frozen=True)
class Settings:
    """What the operator asked for; port 0 is any free one, 0 workers is one per core."""

    port: int = DEFAULT_PORT
    host: str = ANY_HOST
    verbose: bool = False
    log: Path | None = None
    modules: tuple[str, ...] = ()
    definitions: tuple[Path, ...] = ()
    templates: tuple[Path, ...] = ()
    workers: int = 0
    request_timeout: float = 10.0  # seconds
    worker_memory: int = 1024 * 1024 * 1024  # bytes
    max_message: int = int(limits.MESSAGE_BYTES)
    allow: tuple[str, ...] = ()
    curve_keys: Path | None = None
    remote_shutdown: bool = True
    metrics: int | None = None
    metrics_host: str = "127.0.0.1"
    log_format: str = "text"
    log_max_bytes: int = 0

    @property
    def worker_count(self) -> int:
        """How many worker processes there are to be."""
        return self.workers or default_workers()

    @property
    def is_open(self) -> bool:
        """Whether anyone who reaches the port may use the server, from any address."""
        everywhere = self.host in {ANY_HOST, "0.0.0.0", "::"}
        return everywhere and not self.allow and self.curve_keys is None

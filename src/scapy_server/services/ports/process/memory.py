"""Memory that a data plane writes its counters to, and the control plane reads."""

from __future__ import annotations

import mmap
import os

from scapy_server.services.ports.plane.counters import Counters


def create(ports: int) -> int:
    """A descriptor of zeroed memory for the counters of so many ports."""
    descriptor = os.memfd_create("port counters")
    os.ftruncate(descriptor, Counters.size(ports))
    return descriptor


def opened(descriptor: int, ports: int) -> Counters:
    """The counters behind a descriptor, which may be closed then."""
    memory = mmap.mmap(descriptor, Counters.size(ports))
    return Counters(ports, memoryview(memory))

from __future__ import annotations

import os

import pytest

from scapy_server.services.ports.plane.counters import Counter, Counters
from scapy_server.services.ports.process import memory


def test_both_sides_see_the_same_counters() -> None:
    descriptor = memory.create(2)
    writer, reader = memory.opened(descriptor, 2), memory.opened(descriptor, 2)
    os.close(descriptor)
    assert not writer.ports.any()
    writer.ports[1, Counter.SENT] = 1 << 40
    assert int(reader.ports[1, Counter.SENT]) == 1 << 40


def test_it_has_the_size_of_the_counters() -> None:
    descriptor = memory.create(3)
    try:
        assert os.fstat(descriptor).st_size == Counters.size(3)
        with pytest.raises(ValueError, match="size"):
            memory.opened(descriptor, 4)
    finally:
        os.close(descriptor)

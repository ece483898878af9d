"""Files in memory, as a worker writes and the front takes them."""

from __future__ import annotations

import gc
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scapy_server import limits
from scapy_server.workers import reply_file
from scapy_server.workers.reply_file import MAPPED

LONG = bytes(range(256)) * (MAPPED // 256) + b"end"


def unsealed(reply: bytes) -> int:
    descriptor = os.memfd_create("reply")
    os.write(descriptor, reply)
    return descriptor


def descriptors() -> list[int]:
    return sorted(int(each.name) for each in Path("/proc/self/fd").iterdir())


@contextmanager
def no_descriptors_left() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(descriptors()) + 8, hard))
    taken = []
    try:
        with pytest.raises(OSError, match="Too many open files"):
            while True:
                taken.append(os.dup(0))
        yield
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("reply", [b"x", LONG[:MAPPED], LONG])
def test_what_was_written_is_taken(reply: bytes) -> None:
    before = descriptors()
    taken = reply_file.taken(reply_file.written(reply), len(reply))
    assert bytes(taken) == reply
    is_mapped = isinstance(taken, memoryview)
    assert is_mapped == (len(reply) > MAPPED)
    assert len(descriptors()) == len(before) + is_mapped
    del taken
    gc.collect()
    assert descriptors() == before


def test_what_is_mapped_takes_no_memory_of_its_own_until_it_is_read() -> None:
    descriptor = reply_file.written(bytes(64 * 1024 * 1024))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    taken = reply_file.taken(descriptor, 64 * 1024 * 1024)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < 1000
    assert len(taken) == 64 * 1024 * 1024


def test_nobody_can_change_what_is_mapped() -> None:
    descriptor = reply_file.written(LONG)
    kept = os.dup(descriptor)
    try:
        taken = reply_file.taken(descriptor, len(LONG))
        for change in (
            lambda: os.ftruncate(kept, 0),
            lambda: os.ftruncate(kept, 2 * len(LONG)),
            lambda: os.pwrite(kept, b"other", 0),
        ):
            with pytest.raises(PermissionError):
                change()
        assert bytes(taken) == LONG
    finally:
        os.close(kept)


def test_a_long_file_that_can_change_is_not_taken() -> None:
    before = descriptors()
    with pytest.raises(ValueError, match="can change"):
        reply_file.taken(unsealed(LONG), len(LONG))
    assert reply_file.taken(unsealed(b"short"), 5) == b"short"
    assert descriptors() == before


@pytest.mark.parametrize("size", [1, len(LONG) - 1, len(LONG) + 1])
def test_a_file_of_another_size_is_not_taken(size: int) -> None:
    before = descriptors()
    with pytest.raises(ValueError, match="another size"):
        reply_file.taken(reply_file.written(LONG), size)
    assert descriptors() == before


def test_without_descriptors_a_long_file_is_read() -> None:
    descriptor = reply_file.written(LONG)
    with no_descriptors_left():
        taken = reply_file.taken(descriptor, len(LONG))
        assert isinstance(taken, bytes)
    assert taken == LONG


def test_as_many_as_clients_may_leave_unread_have_descriptors() -> None:
    assert limits.UNREAD_BYTES // MAPPED < limits.RESERVED_DESCRIPTORS

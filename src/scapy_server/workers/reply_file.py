"""A long reply as a file in memory: a worker writes it, the front gets its descriptor.

A socket would take such a reply in many small pieces. One that is longer still is not read by the
front but mapped: reading would hold up everybody for milliseconds, and take its memory twice. A
process that reads what was cut off a file that it has mapped is ended by the kernel, so what is
mapped must be sealed.

Source: memfd_create(2), "File sealing".
"""

from __future__ import annotations

import fcntl
import mmap
import os
from contextlib import suppress
from io import FileIO
from typing import cast

#: A longer file is mapped, which takes a descriptor for as long as its reply is not read.
MAPPED = 4 * 1024 * 1024


def written(reply: bytes) -> int:
    """The descriptor of a file with this reply, which nobody can change any more."""
    descriptor = os.memfd_create("reply", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
    try:
        view = memoryview(reply)
        while view:
            view = view[os.write(descriptor, view) :]
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _seals())
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def taken(descriptor: int, size: int) -> bytes:
    """What is in a file of this size, whose descriptor is closed; a long one is a memoryview.

    Raises ValueError for a file of another size, or a long one that can change.
    """
    with open(descriptor, "rb", buffering=0) as file:
        if os.fstat(descriptor).st_size != size:
            raise ValueError("a file of another size")
        if size > MAPPED:
            with suppress(OSError):  # while there are no descriptors, it is read after all
                return cast(bytes, _mapped(file, size))
        return _read(file, size)


def _read(file: FileIO, size: int) -> bytes:
    file.seek(0)
    data = file.read(size)
    if len(data) != size:
        raise ValueError("a file that is too short")
    return data


def _mapped(file: FileIO, size: int) -> memoryview:
    if fcntl.fcntl(file, fcntl.F_GET_SEALS) & _seals() != _seals():
        raise ValueError("a file that can change")
    # Privately, as older kernels let nobody else map what is sealed; it is not copied either way.
    return memoryview(mmap.mmap(file.fileno(), size, mmap.MAP_PRIVATE, mmap.PROT_READ))


def _seals() -> int:
    return fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL

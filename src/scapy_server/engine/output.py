"""Writing a capture to a file or pipe, so that it is whole however it ends."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from contextlib import suppress

from scapy_server.engine.captures import Layout
from scapy_server.errors import RefusedError

PIPE_BYTES = 1 << 20


class CaptureOutput:
    """A capture being written to a file descriptor.

    `packets` and `size` count what was written whole. Raises RefusedError, with how far it
    came, when the disk is full, the reader has gone, or anything else is wrong.
    """

    def __init__(self, descriptor: int, layout: Layout, name: str) -> None:
        self._descriptor, self._layout, self._name = descriptor, layout, name
        mode = os.fstat(descriptor).st_mode
        self._is_file = stat.S_ISREG(mode)
        if stat.S_ISFIFO(mode) and hasattr(fcntl, "F_SETPIPE_SZ"):
            with suppress(OSError):  # a larger pipe is faster, a small one does as well
                fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._before = os.lseek(descriptor, 0, os.SEEK_END) if self._is_file else 0
        self.packets = self.size = 0
        self._write_all(memoryview(layout.prefix))
        self.size = len(layout.prefix)

    def write(self, records: memoryview, packets: int) -> None:
        """Write some whole records, the bytes of so many packets."""
        try:
            self._write_all(records)
        except BaseException:
            self._repair(records)
            raise
        self.packets += packets
        self.size += len(records)

    def _write_all(self, data: memoryview) -> None:
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError as error:
            raise RefusedError(f"{self._name}: {self._reason(error)}") from error

    def _repair(self, records: memoryview) -> None:
        """Cut a file back to its last whole record; of a pipe nothing can be taken back."""
        if not self._is_file:
            return
        written = os.fstat(self._descriptor).st_size - self._before - self.size
        packets, size = self._layout.whole(records[: max(written, 0)])
        self.packets += packets
        self.size += size
        os.ftruncate(self._descriptor, self._before + self.size)

    @staticmethod
    def _reason(error: OSError) -> str:
        if error.errno == errno.EPIPE:
            return "its reader has closed the pipe"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return "the disk is full"
        return os.strerror(error.errno) if error.errno else str(error)

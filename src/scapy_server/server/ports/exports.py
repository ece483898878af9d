"""What captures are written to: programs and files, if the operator has said where they may be."""

from __future__ import annotations

import os
import stat

from scapy_server import limits
from scapy_server.server.ports.places import Places
from scapy_server.services.ports.link import NoEndpoint
from scapy_server.transport.pairs import Pairs

_FILE = "file:///"
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
#: What is on its way to a program when its capture ends is still sent for so long.
_LINGER_SECONDS = 1.0


class CaptureExports:
    """Programs and files by the ids of captures, for the control plane.

    A program is a connection under the negated id of its capture: those of ports have the ports'
    numbers.
    """

    def __init__(self, places: Places, pairs: Pairs) -> None:
        self._places, self._pairs = places, pairs
        self._files: dict[int, tuple[int, int]] = {}

    def open(self, capture: int, endpoint: str, name: str) -> str:
        if endpoint.startswith(_FILE):
            return self._open_file(capture, endpoint, name)
        if not self._places.allows(endpoint):
            raise NoEndpoint("that is in no place which the operator has named with --endpoint")
        self._pairs.connect(-capture, endpoint, _LINGER_SECONDS)
        return endpoint

    def _open_file(self, capture: int, endpoint: str, name: str) -> str:
        path = self._places.file(endpoint.removeprefix(_FILE))
        if path is None:
            raise NoEndpoint("that is in no directory which the operator has named with --endpoint")
        if path.is_dir():
            path /= name
        try:
            descriptor = os.open(path, _FLAGS, 0o644)
        except OSError as error:
            raise NoEndpoint(error.strerror or str(error)) from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise NoEndpoint("that is no file")
        os.ftruncate(descriptor, 0)
        self._files[capture] = descriptor, 0
        return f"{_FILE}{path}"

    def write(self, capture: int, data: bytes) -> bool:
        if capture not in self._files:
            return self._pairs.send(-capture, data)
        descriptor, size = self._files[capture]
        if size + len(data) <= limits.EXPORTED_BYTES:
            try:
                os.write(descriptor, data)
            except OSError:  # the disk is full
                return False
            self._files[capture] = descriptor, size + len(data)
        return True

    def close(self, capture: int) -> None:
        if capture in self._files:
            os.close(self._files.pop(capture)[0])
        else:
            self._pairs.disconnect(-capture)

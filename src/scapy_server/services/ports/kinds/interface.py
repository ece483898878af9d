"""A port that is a network interface of this host, by packet sockets (Linux, CAP_NET_RAW)."""

from __future__ import annotations

import contextlib
import fcntl
import socket
import struct
from math import inf
from pathlib import Path

import numpy as np

from scapy_server.services.ports.kinds.rings import ReceiveRing, SendRing
from scapy_server.services.ports.plane.batch import EMPTY, Batch, Canvas
from scapy_server.services.ports.plane.line import LineError
from scapy_server.services.ports.plane.sources import RowsSource

_SIOCGIFHWADDR = 0x8927
_HEADER_BYTES, _TAG_BYTES = 14, 4
_TAGS = (0x8100, 0x88A8)


class InterfaceLine:
    """Sends into and receives from an interface; `mac` is its address."""

    next_time = inf
    lost = 0

    def __init__(self, name: str, mac: bytes, mtu: int) -> None:
        self.mac = mac
        self._carrier = Path("/sys/class/net", name, "carrier")
        self._longest = mtu + _HEADER_BYTES
        longest = self._longest + 2 * _TAG_BYTES
        self._send_ring = SendRing(name, longest)
        self._canvas = Canvas()
        self._receive_ring = ReceiveRing(name, longest, promiscuous=True)
        self.descriptor: int | None = self._receive_ring.fileno()

    def send(self, batch: Batch) -> int:
        rows, lengths = self._canvas.rows(batch), batch.lengths
        fits = lengths <= self._longest
        if fits.all():
            return self._send_ring.send(rows, lengths)
        tagged = np.isin(rows[:, 12] * np.uint16(256) + rows[:, 13], _TAGS)
        fits |= tagged & (lengths <= self._longest + _TAG_BYTES)
        refused = len(batch) - int(fits.sum())
        chosen = rows[fits][:, : self._longest + _TAG_BYTES]
        return refused + self._send_ring.send(chosen, lengths[fits])

    def receive(self, now: float) -> Batch:
        if self._receive_ring.is_empty:
            return EMPTY
        taken = self._receive_ring.take()
        arrivals = np.concatenate([part.times for part in taken])
        slots = np.repeat(np.arange(len(taken)), [len(part.times) for part in taken])
        numbers = np.concatenate([np.arange(len(part.times)) for part in taken])
        sources = [RowsSource(part.rows, part.lengths) for part in taken]
        return Batch(sources, arrivals, slots, numbers, arrivals)

    @property
    def is_up(self) -> bool:
        """Whether the interface is there, up, and connected."""
        try:
            return self._carrier.read_text() == "1\n"
        except OSError:  # it is down, or gone
            return False

    def dropped(self) -> int:
        return self._receive_ring.dropped()

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        self._send_ring.close()
        self._receive_ring.close()


def open_interface(name: str) -> InterfaceLine:
    """The line of an interface; raises LineError."""
    try:
        return InterfaceLine(name, _mac(name), _mtu(name))
    except PermissionError as error:
        raise LineError(
            f"interface:{name}: packet sockets need the capability CAP_NET_RAW; run as root, or "
            "give it to the interpreter with setcap"
        ) from error
    except OSError as error:
        raise LineError(f"interface:{name}: {error.strerror or error}") from error


def _mac(name: str) -> bytes:
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        request = struct.pack("256s", name.encode()[:15])
        return fcntl.ioctl(probe.fileno(), _SIOCGIFHWADDR, request)[18:24]


def _mtu(name: str) -> int:
    return int(Path("/sys/class/net", name, "mtu").read_text())

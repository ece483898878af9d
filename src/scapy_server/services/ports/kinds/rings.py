"""Packet sockets with rings of frames in memory that the kernel shares (Linux).

Before each frame to send stands the header of virtio.

Source: Linux Documentation/networking/packet_mmap.rst, "What TPACKET versions are available and
when to use them?"; virtio 1.1, section 5.1.6, "Device Operation".
"""

from __future__ import annotations

import errno
import mmap
import socket
import struct
import time
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_SOL_PACKET = 263
_VERSION, _RX_RING, _TX_RING, _LOSS, _VNET_HEADER = 10, 5, 13, 14, 15
_QDISC_BYPASS, _IGNORE_OUTGOING, _STATISTICS = 20, 23, 6
_TPACKET_V2 = 1
_EVERYTHING = 0x0003  # ETH_P_ALL
_HEADER_BYTES = 32
#: Of a frame to send, a virtio_net_hdr comes first; its second word of 16 bits says how much of
#: the frame is to be copied where the kernel looks at it. What is not copied stays in the ring,
#: and a virtual interface then allocates a page for each frame that it hands on.
_VNET_BYTES, _COPIED_WORD, _MOST_COPIED = 10, 1, 2048
_FRAME_OFFSET = _HEADER_BYTES + _VNET_BYTES
_AVAILABLE, _SEND_REQUEST = 0, 1
_KERNEL, _USER, _VLAN_VALID, _TPID_VALID = 0, 1, 1 << 4, 1 << 6
_RECEIVE_BLOCK_BYTES, _RECEIVE_BLOCKS = 1 << 20, 8
#: One block: its frames need not be powers of two, which lie where caches have no room for
#: many of them, and are few enough to stay in a core's own cache.
_SEND_BLOCK_BYTES = 1 << 21
#: How long an interface that takes nothing is waited for.
_PATIENCE_SECONDS = 1e-3
_CACHE_LINE = 64
_VLAN = 0x8100
_TAG_BYTES = 4
#: The words of a header: state, length, captured length, offsets, time, and tag.
_CAPTURED, _STARTS, _SECONDS, _NANOSECONDS, _TAG, _HEAD_WORDS = 2, 3, 4, 5, 6, 7
_TYPE = 12  # the offset of a frame's type
#: Before the frame in a receive ring: header, address, and room that the kernel leaves.
_ROOM_BYTES = 128


@dataclass(frozen=True)
class _Ring:
    """Frames of a ring: all bytes, and the words of the headers."""

    memory: mmap.mmap
    frames: NDArray[np.uint8]
    words: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.frames)


def _mapped(sock: socket.socket, option: int, frame: int, block: int, blocks: int) -> _Ring:
    """A ring of frames of so many bytes, which divide a block if there are several."""
    count = block // frame * blocks
    request = struct.pack("IIII", block, blocks, frame, count)
    sock.setsockopt(_SOL_PACKET, _VERSION, _TPACKET_V2)
    sock.setsockopt(_SOL_PACKET, option, request)
    memory = mmap.mmap(sock.fileno(), block * blocks)
    frames = np.frombuffer(memory, np.uint8, count * frame).reshape(count, frame)
    return _Ring(memory, frames, frames.view(np.uint32))


class SendRing:
    """Frames on their way out of an interface."""

    def __init__(self, interface: str, longest: int) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._socket.setsockopt(_SOL_PACKET, _LOSS, 1)
        self._socket.setsockopt(_SOL_PACKET, _QDISC_BYPASS, 1)
        self._socket.setsockopt(_SOL_PACKET, _VNET_HEADER, 1)
        frame = -(-(longest + _FRAME_OFFSET) // _CACHE_LINE) * _CACHE_LINE
        self._ring = _mapped(self._socket, _TX_RING, frame, _SEND_BLOCK_BYTES, 1)
        #: What the headers of slots say that they hold.
        self._lengths = np.zeros(len(self._ring), np.int64)
        self._copied = self._ring.frames.view(np.uint16)[:, _HEADER_BYTES // 2 + _COPIED_WORD]
        self._socket.bind((interface, 0))
        self._interface = interface
        self._head = 0

    def send(self, rows: NDArray[np.uint8], lengths: NDArray[np.int64]) -> int:
        """Send frames, which waits until they are out; how many could not be sent."""
        failed, first, kind = 0, 0, _kind(rows)
        while first < len(rows):
            count = min(len(self._ring) - self._head, len(rows) - first)
            place = slice(self._head, self._head + count)
            part = slice(first, first + count)
            self._write(place, rows[part], lengths[part])
            failed += self._send_run(place, kind)
            first += count
        return failed

    def _write(self, place: slice, rows: NDArray[np.uint8], lengths: NDArray[np.int64]) -> None:
        ring = self._ring
        ring.frames[place, _FRAME_OFFSET : _FRAME_OFFSET + rows.shape[1]] = rows
        if np.any(self._lengths[place] != lengths):
            self._lengths[place] = lengths
            self._copied[place] = np.minimum(lengths, _MOST_COPIED)
            ring.words[place, 1] = lengths + _VNET_BYTES

    def _send_run(self, place: slice, kind: int) -> int:
        """Send the frames of some slots, one after the other; how many could not be sent.

        An interface that has no room is waited for as long as it takes some.
        """
        status = self._ring.words[place, 0]
        status[:] = _SEND_REQUEST
        waiting, moved = len(status), time.monotonic()
        while waiting:
            try:
                self._socket.sendto(b"", (self._interface, kind))
            except OSError as error:
                left = int(np.count_nonzero(status == _SEND_REQUEST))
                now = time.monotonic()
                if left < waiting:
                    waiting, moved = left, now
                elif now > moved + _PATIENCE_SECONDS:
                    break
                if error.errno != errno.ENOBUFS:
                    break
            else:
                waiting = 0
        status[:] = _AVAILABLE
        self._head = (place.stop - waiting) % len(self._ring)
        return waiting

    def close(self) -> None:
        self._socket.close()


def _kind(rows: NDArray[np.uint8]) -> int:
    """The type that all frames have, so that the kernel need not look at each; else 0."""
    if not len(rows):
        return 0
    types = rows[:, _TYPE : _TYPE + 2].view(">u2")
    return int(types[0, 0]) if np.all(types == types[0]) else 0


class Arrived(NamedTuple):
    """Frames that have come in, as long as `lengths` says, and when, by the monotonic clock."""

    rows: NDArray[np.uint8]
    lengths: NDArray[np.int64]
    times: NDArray[np.float64]


class ReceiveRing:
    """Frames that have come in by an interface."""

    def __init__(self, interface: str, longest: int, promiscuous: bool) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        frame = 1 << (longest + _ROOM_BYTES - 1).bit_length()
        self._ring = _mapped(self._socket, _RX_RING, frame, _RECEIVE_BLOCK_BYTES, _RECEIVE_BLOCKS)
        self._socket.setsockopt(_SOL_PACKET, _IGNORE_OUTGOING, 1)
        self._socket.bind((interface, _EVERYTHING))
        if promiscuous:
            index = socket.if_nametoindex(interface)
            membership = struct.pack("iHH8s", index, 1, 0, b"")  # PACKET_MR_PROMISC
            self._socket.setsockopt(_SOL_PACKET, 1, membership)
        self._head = 0

    def fileno(self) -> int:
        return self._socket.fileno()

    @property
    def is_empty(self) -> bool:
        """Whether nothing has come."""
        return not self._ring.words[self._head, 0] & _USER

    def take(self) -> list[Arrived]:
        """What has come in, at most a whole ring, in the order in which it came."""
        taken: list[Arrived] = []
        left = len(self._ring)
        while left and not self.is_empty:
            waiting = self._ring.words[self._head : self._head + left, 0] & _USER
            count = len(waiting) if waiting.all() else int(np.argmin(waiting))
            taken += self._taken(slice(self._head, self._head + count))
            self._ring.words[self._head : self._head + count, 0] = _KERNEL
            self._head = (self._head + count) % len(self._ring)
            left -= count
        return taken

    def _taken(self, place: slice) -> list[Arrived]:
        """Copies of the frames of some slots: alike ones together, those with a tag one by one."""
        heads = self._ring.words[place, :_HEAD_WORDS].copy()
        offset = time.time() - time.monotonic()
        times = heads[:, _SECONDS] + heads[:, _NANOSECONDS] / 1e9 - offset
        lengths = heads[:, _CAPTURED].astype(np.int64)
        starts = (heads[:, _STARTS] & 0xFFFF).astype(np.int64)
        is_tagged = (heads[:, 0] & _VLAN_VALID).astype(np.int64)
        frames = self._ring.frames[place]
        parts = []
        for part in _alike(starts + (is_tagged << 16)):
            start, longest = int(starts[part.start]), int(lengths[part].max())
            rows = frames[part, start : start + longest].copy()
            if is_tagged[part.start]:
                vlans, states = heads[part, _TAG], heads[part, 0]
                rows = _tagged(rows, vlans, (states & _TPID_VALID) != 0)
                lengths[part] += _TAG_BYTES
            parts.append(Arrived(rows, lengths[part], times[part]))
        return parts

    def dropped(self) -> int:
        """How many frames the ring had no room for since this was asked last."""
        data = self._socket.getsockopt(_SOL_PACKET, _STATISTICS, 8)
        return int(struct.unpack("II", data)[1])

    def close(self) -> None:
        self._socket.close()


def _alike(kinds: NDArray[np.int64]) -> list[slice]:
    """The runs of equal numbers."""
    ends = np.flatnonzero(kinds[1:] != kinds[:-1]) + 1
    bounds = [0, *ends.tolist(), len(kinds)]
    return [slice(first, end) for first, end in pairwise(bounds)]


def _tagged(
    rows: NDArray[np.uint8], vlans: NDArray[np.uint32], has_kind: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """The frames with the VLAN tags that the kernel has taken out of them."""
    whole = np.empty((len(rows), rows.shape[1] + _TAG_BYTES), np.uint8)
    whole[:, :_TYPE] = rows[:, :_TYPE]
    kinds = np.where(has_kind, vlans >> 16, _VLAN)
    for place, part in enumerate((kinds >> 8, kinds, vlans >> 8, vlans)):
        whole[:, _TYPE + place] = part & 0xFF
    whole[:, _TYPE + _TAG_BYTES :] = rows[:, _TYPE:]
    return whole

"""The packets of a flow: what the stream's program makes on one core, and the engine's header.

Packet k of a flow is computed from k alone, so that any block of a schedule can be rendered
by itself.

Source: docs/profiles.md, "Bytes".
"""

from __future__ import annotations

import struct
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from scapy_server.engine import Renderer
from scapy_server.errors import located
from scapy_server.streams.counters import LATENCY_HEADER_BYTES
from scapy_server.streams.division import Share

Rows = NDArray[np.uint8]
Lengths = NDArray[np.uint16]
Hardware = Literal["complete", "raw"]
_HEADER = struct.Struct("<BBHIQ")
_MAGIC = 0xAB


def latency_header(
    number: int, flow_seq: int = 1, sequence: int = 0x12345678, stamp: int = 0x8899AABBCCDDEEFF
) -> bytes:
    """The last bytes of a measured packet; the rest is what the engine's simulator writes."""
    return _HEADER.pack(_MAGIC, flow_seq, number, sequence, stamp)


class FlowPackets:
    """The packets of a share, made from its marked frame.

    `header` replaces the last bytes of each packet of a measured stream. `thread` is the
    number of the core over the whole engine, which random numbers depend on. Raises
    RefusedError, by stream and instruction, for a program that the engine cannot run.
    """

    def __init__(
        self,
        share: Share,
        frame: bytes,
        *,
        thread: int,
        header: bytes | None = None,
        hardware: Hardware = "complete",
    ) -> None:
        stream = share.stream
        with located(stream.place):
            self._renderer = Renderer(
                frame,
                program_of(share),
                random_seed=stream.random_seed or None,
                cores=share.parts,
                thread_id=thread - share.index,
                only=share.index,
                hardware=hardware,
            )
        self._header = None if header is None else np.frombuffer(header, np.uint8)

    @property
    def length(self) -> int:
        """The bytes of its longest packet."""
        return self._renderer.length

    @property
    def trims(self) -> bool:
        """Whether packets may be shorter."""
        return self._renderer.trims

    @property
    def template(self) -> bytes:
        """The packet before the program runs."""
        return self._renderer.template

    @property
    def warnings(self) -> dict[str, str]:
        """What a user should know of the rendering, by code."""
        return self._renderer.warnings

    def prepare(self, rows: Rows) -> None:
        """Write into rows what is the same in all packets; `fill` wants such rows."""
        self._renderer.prepare(rows)

    def fill(self, rows: Rows, start: int) -> Lengths | None:
        """Turn prepared rows into the packets from number `start` on; None if none is cut."""
        lengths = self._renderer.fill(rows, start)
        if self._header is not None:
            size = LATENCY_HEADER_BYTES
            if lengths is None:
                rows[:, -size:] = self._header
            else:
                places = lengths.astype(np.intp)[:, None] - size + np.arange(size)
                rows[np.arange(len(rows))[:, None], places] = self._header
        return lengths

    def block(self, start: int, count: int) -> tuple[Rows, Lengths]:
        """`count` packets from number `start` on, and their lengths."""
        rows = self._renderer.blank(count)
        lengths = self.fill(rows, start)
        return rows, np.full(count, self.length, np.uint16) if lengths is None else lengths


def program_of(share: Share) -> dict[str, Any]:
    """The program of a share; measured streams are never cached."""
    vm = dict(share.stream.vm)
    if share.stream.is_sequenced:
        vm.pop("cache", None)
    return vm

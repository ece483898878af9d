"""The counters of the ports of a data plane, in memory that may be shared with a reader.

Source: docs/ports.md, "Counters".
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from scapy_server import limits
from scapy_server.streams.counters import NUMBERS

FCS_BYTES = 4
#: The identification of flow 0 of plain statistics; flow k has that many more.
BASE = 0xFC00
#: How many flows there are of each kind.
FLOWS, LATENCY_FLOWS = NUMBERS["stats"], NUMBERS["latency"]
#: Places of flows: first those of plain statistics, then those of latency.
FLOW_PLACES = FLOWS + LATENCY_FLOWS

#: How many streams of a port have counters of their own.
STREAM_PLACES = int(limits.METERED_STREAMS)

#: How many measurements of how busy a data plane is are kept.
LOADS = 20


class Counter(IntEnum):
    """What is counted for a port."""

    SENT = 0
    SENT_BYTES = 1
    RECEIVED = 2
    RECEIVED_BYTES = 3
    SEND_ERRORS = 4
    RECEIVE_ERRORS = 5
    LOST_ON_WIRE = 6
    LATE_SHIFTS = 7
    LATE_NANOSECONDS = 8
    WORST_NANOSECONDS = 9


class FlowCounter(IntEnum):
    """What is counted for a flow at a port."""

    SENT = 0
    SENT_BYTES = 1
    RECEIVED = 2
    RECEIVED_BYTES = 3


class StreamCounter(IntEnum):
    """What is counted for a stream at its port."""

    SENT = 0
    SENT_BYTES = 1


class Rate(IntEnum):
    """The smoothed rates of a port, packets or bits a second."""

    TX_PPS = 0
    TX_BPS = 1
    RX_PPS = 2
    RX_BPS = 3


_WORDS = 8


class Counters:
    """All counters of a data plane, laid out in one buffer of `size` bytes.

    Each is written by the data plane alone; a reader sees some moment, word by word. `clock` is
    the data plane's time, `loads` how busy it was in the last periods, in percent, the last first.
    """

    def __init__(self, ports: int, buffer: bytearray | memoryview | None = None) -> None:
        memory = bytearray(self.size(ports)) if buffer is None else buffer
        parts = _Cutter(memory)
        self.clock = parts.floats((1,))
        self.loads = parts.floats((LOADS,))
        self.ports = parts.integers((ports, len(Counter)))
        self.rates = parts.floats((ports, len(Rate)))
        self.flows = parts.integers((ports, FLOW_PLACES, len(FlowCounter)))
        self.flow_rates = parts.floats((ports, FLOW_PLACES, len(FlowCounter)))
        self.streams = parts.integers((ports, STREAM_PLACES, len(StreamCounter)))

    @staticmethod
    def size(ports: int) -> int:
        """How many bytes the counters of so many ports take."""
        each = len(Counter) + len(Rate) + 2 * FLOW_PLACES * len(FlowCounter)
        each += STREAM_PLACES * len(StreamCounter)
        return _WORDS * (1 + LOADS + ports * each)


class _Cutter:
    """Cuts arrays off a buffer."""

    def __init__(self, buffer: bytearray | memoryview) -> None:
        self._buffer = buffer
        self._used = 0

    def integers(self, shape: tuple[int, ...]) -> NDArray[np.int64]:
        return np.frombuffer(self._next(shape), np.int64).reshape(shape)

    def floats(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        return np.frombuffer(self._next(shape), np.float64).reshape(shape)

    def _next(self, shape: tuple[int, ...]) -> memoryview:
        first = self._used
        self._used += _WORDS * int(np.prod(shape))
        return memoryview(self._buffer)[first : self._used]

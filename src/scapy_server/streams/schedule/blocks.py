"""Events in order, as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scapy_server.streams.division import Share

NANOSECONDS = 1_000_000_000


@dataclass(frozen=True)
class Flow:
    """One stream of a started profile on one core; `group` is what it was started as."""

    number: int
    group: int
    share: Share


@dataclass(frozen=True)
class Block:
    """Packets in the order in which they are sent, one entry of each array a packet.

    `times` are seconds (float64), `flows` numbers of flows, and `indexes` count the packets
    of a flow from 0 on.
    """

    times: NDArray[np.float64]
    flows: NDArray[np.uint32]
    indexes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.times)

    def __getitem__(self, part: slice) -> Block:
        """Some packets in a row."""
        return Block(self.times[part], self.flows[part], self.indexes[part])

    def where(self, wanted: NDArray[np.bool_]) -> Block:
        """The packets for which it is so."""
        return Block(self.times[wanted], self.flows[wanted], self.indexes[wanted])

    @property
    def nanoseconds(self) -> NDArray[np.int64]:
        """The times in whole nanoseconds, as the engine reports them."""
        return nanoseconds(self.times)

    @property
    def is_of_one_flow(self) -> bool:
        """Whether there are packets, and all of one flow."""
        return len(self.flows) > 0 and bool((self.flows == self.flows[0]).all())

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """Places of the packets, those of the first flow first, in order within each flow."""
        return flow_order(self.flows)

    def by_flow(self) -> Iterator[tuple[int, NDArray[np.intp]]]:
        """Each flow with the places of its packets, in order."""
        order = self.order
        if not len(order):
            return
        flows = self.flows[order]
        starts = np.flatnonzero(np.diff(flows, prepend=np.uint32(flows[0] ^ 1)))
        for first, last in zip(starts, [*starts[1:], len(flows)], strict=True):
            yield int(flows[first]), order[first:last]


def joined(blocks: Sequence[Block]) -> Block:
    """The packets of blocks, one after the other."""
    if not blocks:
        return EMPTY
    return Block(
        np.concatenate([block.times for block in blocks]),
        np.concatenate([block.flows for block in blocks]),
        np.concatenate([block.indexes for block in blocks]),
    )


EMPTY = Block(np.empty(0), np.empty(0, np.uint32), np.empty(0, np.int64))


def nanoseconds(times: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole seconds, and of the rest whole nanoseconds, both rounded down."""
    seconds = np.floor(times)
    rest = np.floor((times - seconds) * 1e9)
    result: NDArray[np.int64] = seconds.astype(np.int64) * NANOSECONDS + rest.astype(np.int64)
    return result


def flow_order(flows: NDArray[np.uint32]) -> NDArray[np.intp]:
    """The places of equal numbers together, in order; short numbers are sorted by their digits."""
    short = len(flows) == 0 or int(flows.max()) < 1 << 16
    return np.argsort(flows.astype(np.uint16) if short else flows, kind="stable")


def numbered(flows: NDArray[np.uint32], sent: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number of each packet in its flow; `sent`, by flow, counts on."""
    first = flows[0]
    if (flows == first).all():
        indexes = np.arange(sent[first], sent[first] + len(flows))
        sent[first] += len(flows)
        return indexes
    counts = np.bincount(flows, minlength=len(sent))
    order = flow_order(flows)
    ordered = flows[order]
    firsts = np.cumsum(counts) - counts
    indexes = np.empty(len(flows), np.int64)
    indexes[order] = np.arange(len(flows)) - firsts[ordered] + sent[ordered]
    sent += counts
    return indexes

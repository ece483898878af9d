"""How the data-plane cores of a port share the streams of a profile.

A `Share` is what one core has of one stream: all of it, every n-th packet, or only the time
that it takes (a null share). Chains run on each core by themselves.

Source: docs/profiles.md, "Cores".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scapy_server import limits, work
from scapy_server.streams.rates import rates_of
from scapy_server.streams.refusals import StreamRefused
from scapy_server.streams.stream import Continuous, MultiBurst, SingleBurst, Stream

ALL_CORES = (1 << 64) - 1
_MICROSECOND = 1e6


@dataclass(frozen=True)
class Share:
    """A stream on the core number `core`; all times are in seconds.

    Packets of a burst are `gap` apart; `isg` and `pre` come before each start, `ibg` between
    bursts, `post` after the last packet. `packets` 0 is a continuous stream, `bursts` 0 is
    no end of bursts. The core sends part `index` of `parts` of what the stream's program
    makes; a `silent` share sends nothing.
    """

    stream: Stream
    core: int
    gap: float
    isg: float
    packets: int = 0
    bursts: int = 1
    ibg: float = 0.0
    pre: float = 0.0
    post: float = 0.0
    index: int = 0
    parts: int = 1
    silent: bool = False

    @property
    def sends(self) -> bool:
        """Whether there are packets of it, and not only time."""
        return not self.silent


def active_cores(mask: int, cores: int) -> tuple[int, ...]:
    """The cores that a mask selects out of so many; raises StreamRefused if none."""
    limits.RENDER_CORES.check(cores)
    selected = tuple(core for core in range(cores) if mask >> core & 1)
    if not selected:
        raise StreamRefused(
            f'"core_mask" {mask:#x} selects none of {cores} cores',
            f"core_mask: '{mask:#x}' for {cores} cores generates an empty set",
            parameter=True,
        )
    return selected


def divide(
    streams: Sequence[Stream], factor: float, line: float, active: Sequence[int]
) -> dict[int, list[Share]]:
    """The shares of each core, in the order in which the engine starts them.

    `streams` are those of a profile, in the table's order. Raises StreamRefused for a stream
    that is pinned to a core past the active ones.
    """
    shares: dict[int, list[Share]] = {core: [] for core in {0, *active}}
    enabled = [stream for stream in streams if stream.enabled]
    for stream in enabled:
        if not stream.is_sequenced:
            work.check()
            rate = rates_of(stream, line).pps * factor
            for share in _shares(stream, rate, active):
                shares[share.core].append(share)
    for stream in enabled:
        if stream.is_sequenced:
            share = _whole(stream, 0, 1 / (rates_of(stream, line).pps * 1.0))
            shares[0].append(share)
    return shares


def update_gap(stream: Stream, factor: float, line: float, cores: int) -> float:
    """The gap after `update_streams` gave a stream a factor of its own."""
    return _inverse(factor * rates_of(stream, line).pps, cores)


def _shares(stream: Stream, rate: float, active: Sequence[int]) -> list[Share]:
    count, packets = len(active), stream.mode.packets
    if stream.core_id is None and (packets == 0 or packets >= count):
        return [_part(stream, rate, active, place) for place in range(count)]
    chosen = stream.core_id or 0
    if chosen >= count:
        raise StreamRefused(
            f'"core_id" {chosen} counts among the active cores, and there are {count}',
            f"Core ID is: {chosen}. It must be an integer between 0 and {count - 1} (inclusive).",
            where=(stream.place,),
        )
    return [
        _whole(stream, core, _inverse(rate), silent=place != chosen)
        for place, core in enumerate(active)
    ]


def _part(stream: Stream, rate: float, active: Sequence[int], place: int) -> Share:
    count = len(active)
    each, rest = divmod(stream.mode.packets, count)
    base = _inverse(rate)
    bursts, ibg = _bursts(stream)
    return Share(
        stream,
        active[place],
        gap=_inverse(rate * (1 / count)),
        isg=stream.isg / _MICROSECOND,
        packets=each + (place < rest),
        bursts=bursts,
        ibg=ibg,
        pre=base * place,
        post=base * (rest - 1 - place if place < rest else count - 1 - place + rest),
        index=place,
        parts=count,
        silent=stream.is_null,
    )


def _whole(stream: Stream, core: int, gap: float, silent: bool = False) -> Share:
    bursts, ibg = _bursts(stream)
    return Share(
        stream,
        core,
        gap,
        stream.isg / _MICROSECOND,
        stream.mode.packets,
        bursts,
        ibg,
        silent=silent or stream.is_null,
    )


def _bursts(stream: Stream) -> tuple[int, float]:
    """(bursts, seconds between them)."""
    mode: Continuous | SingleBurst | MultiBurst = stream.mode
    return (mode.count, mode.ibg / _MICROSECOND) if isinstance(mode, MultiBurst) else (1, 0.0)


def _inverse(rate: float, cores: int = 1) -> float:
    """Seconds between packets; none at a rate beyond all numbers, for ever at one of 0."""
    return cores / rate if rate else float("inf")

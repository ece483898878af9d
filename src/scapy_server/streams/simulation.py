"""Traffic for a capture: from requests, as the engine's simulator takes them, or from a profile.

Source: docs/profiles.md, "Commands", "Captures".
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from scapy_server import limits
from scapy_server.errors import RefusedError, located
from scapy_server.streams.marks import PortAddresses
from scapy_server.streams.multiplier import Multiplier
from scapy_server.streams.packets import Hardware
from scapy_server.streams.profile import Profile
from scapy_server.streams.reading import read_stream
from scapy_server.streams.requests import run_requests
from scapy_server.streams.schedule import Block, joined
from scapy_server.streams.stream import Continuous, MultiBurst, Stream
from scapy_server.streams.traffic import DEFAULT_LINE, SIMULATOR_MARKS, Setting, Traffic

#: The simulator's addresses of port 0; those of each further port are larger by 0x10.
_DESTINATION, _SOURCE, _NEXT_PORT = 0x10, 0x18, 0x10
PORTS = 256
_PAGE_EVENTS = 4096


def simulator_setting(
    cores: int = 1, line: float = DEFAULT_LINE, hardware: Hardware = "raw"
) -> Setting:
    """What the engine's simulator has: its marks, its ports' addresses, no network card."""
    addresses = {
        port: PortAddresses(
            bytes([(_DESTINATION + _NEXT_PORT * port) & 0xFF] * 6),
            bytes([(_SOURCE + _NEXT_PORT * port) & 0xFF] * 6),
        )
        for port in range(PORTS)
    }
    return Setting(cores, line, SIMULATOR_MARKS, addresses, hardware)


def simulated(requests: Sequence[Any], setting: Setting, limit: int | None = None) -> Traffic:
    """What an array of requests starts; raises RefusedError, by request."""
    traffic = Traffic(setting)
    run_requests(traffic, requests)
    if limit is not None:
        traffic.schedule.limit(limit)
    return traffic


#: A stream as JSON: its port, the profile, its number, and what `add_stream` takes.
Placed: TypeAlias = tuple[int, str, int, Any]


@dataclass(frozen=True)
class Start:
    """How a profile is started."""

    multiplier: Multiplier = field(default_factory=Multiplier)
    duration: float = 0.0
    force: bool = False


def loaded(streams: Sequence[Placed], start: Start, setting: Setting) -> Traffic:
    """Streams on their ports, all profiles started alike; raises RefusedError, by stream."""
    traffic = Traffic(setting)
    for port, profile, stream_id, raw in streams:
        stream = read_stream(stream_id, raw, setting.capabilities)
        traffic.add_stream(port, profile, stream)
    for port, profile in dict.fromkeys(placed[:2] for placed in streams):
        with located(f"port {port}"):
            traffic.start(
                port,
                profile,
                mul=start.multiplier,
                duration=start.duration,
                force=start.force,
            )
    return traffic


def ends(traffic: Traffic) -> bool:
    """Whether all that was started comes to an end by itself."""
    limited = traffic.schedule.limited
    return limited or all(
        started.duration > 0 or _ends(started.profile) for started in traffic.started
    )


def _ends(profile: Profile) -> bool:
    streams = {stream.stream_id: stream for stream in profile if stream.enabled}
    return all(_chain_ends(root, streams) for root in streams.values() if root.self_start)


def _chain_ends(root: Stream, streams: dict[int, Stream]) -> bool:
    """Whether a chain ends: no stream on it is without end, and no ring without a count."""
    met: list[int] = []
    stream: Stream | None = root
    while stream is not None:
        if isinstance(stream.mode, Continuous):
            return False
        if isinstance(stream.mode, MultiBurst) and stream.mode.count == 0:
            return False
        if stream.stream_id in met:
            ring = met[met.index(stream.stream_id) :]
            return any(streams[number].action_count for number in ring)
        met.append(stream.stream_id)
        stream = None if stream.next_id is None else streams.get(stream.next_id)
    return True


def ended(traffic: Traffic, until: float = math.inf) -> Iterator[dict[str, Any]]:
    """For each started profile and core: when it ended there.

    None if it did not until then, or had nothing to send.
    """
    latest = {(s.profile.port, s.profile.name): s for s in traffic.started}
    for (port, profile), started in latest.items():
        ends_by_thread = traffic.schedule.ended(started.group)
        for core in range(traffic.setting.cores):
            end = ends_by_thread.get(traffic.thread(port, core))
            yield {
                "ended": None if end is None or end > until else end,
                "port": port,
                "profile": profile,
                "core": core,
            }


def facts(traffic: Traffic, block: Block) -> Iterator[dict[str, Any]]:
    """For each packet of a block when, by whom and on which core it is sent."""
    flows = traffic.schedule.flows
    of_flow = {
        number: {
            "port": traffic.started[flows[number].group].profile.port,
            "profile": traffic.started[flows[number].group].profile.name,
            "core": flows[number].share.core,
            "stream_id": flows[number].share.stream.stream_id,
        }
        for number, _ in block.by_flow()
    }
    for time, nanosecond, number in zip(
        block.times.tolist(), block.nanoseconds.tolist(), block.flows.tolist(), strict=True
    ):
        yield {"time": time, "ns": nanosecond, **of_flow[number]}


def page(traffic: Traffic, start: int, count: int) -> Block:
    """Packets `start` to `start + count` of the sending order, fewer where it ends before.

    Raises RefusedError where that takes more events than are handled for one answer: times
    are running sums, so that all before must be gone through.
    """
    schedule = traffic.schedule
    found: list[Block] = []
    passed = 0
    while passed < start + count and schedule.next_time < math.inf:
        block = schedule.take(_PAGE_EVENTS)
        first = max(start - passed, 0)
        found.append(block[first : start + count - passed])
        passed += len(block)
        if passed < start + count and schedule.handled > limits.PROFILE_EVENTS:
            raise RefusedError(
                f"after {int(limits.PROFILE_EVENTS)} events of its streams, which is as many as "
                f"one answer takes, {passed} packets were sent; ask for earlier ones"
            )
    return joined(found)


def finish(traffic: Traffic) -> None:
    """Go on until all has ended, if that is not more than is handled for one answer."""
    schedule = traffic.schedule
    while ends(traffic) and schedule.running and schedule.handled <= limits.PROFILE_EVENTS:
        schedule.take(_PAGE_EVENTS)


def with_addresses(setting: Setting, addresses: dict[int, PortAddresses]) -> Setting:
    """The setting with addresses of some ports."""
    return replace(setting, addresses=setting.addresses | addresses)


def ports_of(traffic: Traffic) -> Collection[int]:
    """The ports that something was started on, in order."""
    return sorted({started.profile.port for started in traffic.started})

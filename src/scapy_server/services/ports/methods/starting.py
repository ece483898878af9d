"""From a profile to what a data plane is to send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from scapy_server.services.ports.control import Control
from scapy_server.services.ports.plane.commands import Flow, Refused, Start, StreamPlan
from scapy_server.services.ports.requests.refusals import NotExecuted
from scapy_server.services.ports.state.flows import Group
from scapy_server.services.ports.state.meters import Name
from scapy_server.services.ports.state.port import Port
from scapy_server.services.ports.state.profile import Profile
from scapy_server.streams.chains import check_compiled
from scapy_server.streams.graph import RateGraph
from scapy_server.streams.marks import LATENCY_IP_ID, PortAddresses, marked_frame
from scapy_server.streams.multiplier import Multiplier
from scapy_server.streams.stream import Stream


@dataclass(frozen=True)
class Load:
    """How fast a profile is to be sent: the rates of its streams, and the factor to them."""

    graph: RateGraph
    factor: float


def load_for(port: Port, profile: Profile, wanted: Multiplier, force: bool) -> Load:
    """What a multiplier means for a profile that can be compiled; raises StreamRefused."""
    graph = profile.streams.graph(port.line)
    factor = wanted.factor(graph, force)
    check_compiled(list(profile.streams))
    # With latency streams alone there is nothing that a factor could change.
    return Load(graph, factor if isfinite(factor) else 1.0)


def send(  # noqa: PLR0913 (what a start has)
    control: Control,
    port: Port,
    profile: Profile,
    load: Load,
    *,
    duration: float,
    mask: int,
    at: float | None,
) -> None:
    """Have the data plane send a profile; NotExecuted when a program cannot be run."""
    streams = [stream for stream in profile.streams if stream.enabled]
    counted, new = control.groups.start(profile.streams)
    for link in {id(link): link for link in control.links.values()}.values():
        for group in {id(group): group for group in counted.values()}.values():
            assert group.place is not None
            if group.is_latency or group in new:
                link.ask(Flow(group.place, group in new))
    meters = _metered(control, port, profile, streams)
    plans = [
        _plan(control, port, stream, counted.get(stream.stream_id), meters[stream.stream_id])
        for stream in streams
    ]
    run = control.next_run()
    single = control.setup.cores == 1
    command = Start(
        port.number,
        profile.name,
        run,
        load.factor,
        1 if single else mask,
        plans,
        duration,
        at,
    )
    reply = control.links[port.number].ask(command)
    if isinstance(reply, Refused):
        raise NotExecuted(reply.text)
    profile.run, profile.factor, profile.graph = run, load.factor, load.graph
    profile.has_duration = duration > 0


def _metered(
    control: Control, port: Port, profile: Profile, streams: Sequence[Stream]
) -> dict[int, int]:
    """Where streams are counted one by one."""
    link = control.links[port.number]
    counters = link.counters.streams[list(link.numbers).index(port.number)]
    names = [Name(profile.name, stream.stream_id) for stream in streams]
    places = port.meters.places(names, port.stream_names, counters)
    return {name.stream: place for name, place in zip(names, places, strict=True)}


def _plan(
    control: Control, port: Port, stream: Stream, group: Group | None, meter: int
) -> StreamPlan:
    base = control.setup.base
    mark = None
    if group is not None and group.place is not None:
        mark = LATENCY_IP_ID if group.is_latency else base + group.place
    addresses = PortAddresses(port.layers.destination or bytes(6), port.layers.source)
    frame = marked_frame(stream, addresses, mark, base)
    document = dict(stream.document)
    if control.setup.cores == 1:
        document["core_id"] = -1  # pins name cores that only clients are told of
    if group is None or group.place is None:
        return StreamPlan(stream.stream_id, document, frame, meter=meter)
    generation = group.generation if group.is_latency else -1
    return StreamPlan(stream.stream_id, document, frame, group.place, generation, meter)

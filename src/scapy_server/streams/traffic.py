"""The traffic of some ports from commands: profiles, starts, and changes at time 0.

A `Traffic` takes the RPC's commands as values, holds each profile to the states that the
engine knows, and gives the schedule and the packets of what was started. It knows no clock:
everything is started at time 0, as in the engine's simulator.

Source: docs/profiles.md, "Commands".
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from scapy_server import limits, work
from scapy_server.streams.chains import check_compiled
from scapy_server.streams.counters import Counters
from scapy_server.streams.division import (
    ALL_CORES,
    active_cores,
    divide,
    update_gap,
)
from scapy_server.streams.graph import RateGraph, rate_graph
from scapy_server.streams.marks import LATENCY_IP_ID, PortAddresses, marked_frame
from scapy_server.streams.multiplier import Multiplier
from scapy_server.streams.packets import FlowPackets, Hardware, latency_header
from scapy_server.streams.profile import DEFAULT_PROFILE, Profile
from scapy_server.streams.reading import Capabilities
from scapy_server.streams.refusals import StreamRefused
from scapy_server.streams.schedule import Flow, Schedule
from scapy_server.streams.stream import Continuous, Stream

State = Literal["IDLE", "STREAMS", "TX", "PAUSE"]
DEFAULT_LINE = 1e10
#: From here on identifications are marks: in the engine, and in its simulator.
ENGINE_MARKS, SIMULATOR_MARKS = 0xFC00, 0xFF00


@dataclass(frozen=True)
class Setting:
    """What sends: `cores` for each pair of ports, lines of so many bits a second.

    `addresses` are the ports' own, by number; a port without keeps the packets' as they are.
    """

    cores: int = 1
    line: float = DEFAULT_LINE
    marks: int = ENGINE_MARKS
    addresses: dict[int, PortAddresses] = field(default_factory=dict)
    hardware: Hardware = "complete"

    @property
    def capabilities(self) -> Capabilities:
        """What streams may ask for."""
        return Capabilities(self.cores)


@dataclass
class Started:
    """A started profile: its group in the schedule, and what it was started with."""

    group: int
    profile: Profile
    graph: RateGraph
    factor: float
    duration: float
    active: tuple[int, ...]
    #: By stream id: the number in the marks of a counted stream.
    numbers: dict[int, int]


class Traffic:
    """Ports with profiles, some of which are started."""

    def __init__(self, setting: Setting | None = None) -> None:
        self.setting = setting or Setting()
        self.schedule = Schedule()
        self.profiles: dict[tuple[int, str], Profile] = {}
        self.started: list[Started] = []
        self._running: dict[tuple[int, str], Started] = {}
        self._paused: set[tuple[int, str]] = set()
        self._counters = Counters()
        self._pairs = 1

    # --- streams

    def add_stream(self, port: int, name: str, stream: Stream) -> None:
        """Add a stream to a profile; raises StreamRefused."""
        profile = self.profiles.get((port, name)) or Profile(port, name)
        on_port = sum(len(p) for (n, _), p in self.profiles.items() if n == port)
        profile.check_new(stream, on_port)
        self._check_state(port, name, "add_stream", "IDLE", "STREAMS")
        self._counters.register((port, name, stream.stream_id), stream)
        profile.add(stream, on_port)
        self.profiles[port, name] = profile
        self._pairs = max(self._pairs, port // 2 + 1)

    def remove_stream(self, port: int, name: str, stream_id: int) -> None:
        """Remove a stream of a profile; raises StreamRefused."""
        profile = self._profile(port, name)
        self._check_state(port, name, "remove_stream", "STREAMS")
        stream = profile.remove(stream_id)
        self._counters.release((port, name, stream_id), stream)

    def remove_all_streams(self, port: int, name: str) -> None:
        """Empty a profile, if there is one; raises StreamRefused."""
        self._check_state(port, name, "remove_and_delete_all_streams", "IDLE", "STREAMS")
        for stream in list(self.profiles.get((port, name), ())):
            self._counters.release((port, name, stream.stream_id), stream)
            self.profiles[port, name].remove(stream.stream_id)

    # --- commands

    def start(  # noqa: PLR0913 (what the command has)
        self,
        port: int,
        name: str = DEFAULT_PROFILE,
        mul: Multiplier | None = None,
        *,
        duration: float = 0.0,
        force: bool = True,
        core_mask: int = ALL_CORES,
    ) -> Started:
        """Start a profile at time 0; raises StreamRefused."""
        active = active_cores(core_mask, self.setting.cores)
        wanted = mul or Multiplier()
        wanted.check_start()
        profile = self._profile(port, name)
        self._check_state(port, name, "start", "STREAMS")
        streams = list(profile)
        graph = profile.graph(self.setting.line)
        factor = wanted.factor(graph, force)
        check_compiled(streams)
        limits.PROFILE_SHARES.check(len(streams) * len(active))
        shares = divide(streams, factor, self.setting.line, active)
        started = Started(
            len(self.started),
            profile,
            graph,
            factor,
            duration,
            active,
            self._counters.number(streams),
        )
        self.started.append(started)
        self._running[port, name] = started
        self.schedule.start(
            started.group,
            {self.thread(port, core): own for core, own in shares.items()},
            duration=duration,
        )
        return started

    def stop(self, port: int, name: str) -> None:
        """Stop a profile at time 0, if it runs; "*" stops all of the port."""
        for key in [k for k in self._running if k[0] == port and name in ("*", k[1])]:
            self.schedule.stop(self._running.pop(key).group, 0.0)
            self._paused.discard(key)
        if name != "*":
            self._profile(port, name)

    def update(self, port: int, name: str, mul: Multiplier, force: bool) -> float:
        """Change how fast a profile sends; the new factor. Raises StreamRefused."""
        started = self._active(port, name, "update")
        factor = mul.updated_factor(started.graph, started.factor, force)
        self.schedule.scale(started.group, factor / started.factor)
        started.factor = factor
        return factor

    def update_streams(
        self, port: int, name: str, mul: Multiplier, force: bool, stream_ids: Sequence[int]
    ) -> float:
        """Give streams of a profile a factor of their own; the last one's. Raises StreamRefused."""
        started = self._active(port, name, "update")
        factor = started.factor
        if mul.operation != "abs":
            raise StreamRefused(
                f'"op" of update_streams must be abs, not {mul.operation}',
                "Must use absolute multiplier for updating stream",
                parameter=True,
            )
        for stream in self._listed(started.profile, "update", stream_ids):
            alone = replace(stream, next_id=None, self_start=True, enabled=True)
            factor = mul.factor(rate_graph([alone], self.setting.line), force)
            cores = len(started.active)
            gap = update_gap(stream, factor, self.setting.line, cores)
            self.schedule.set_gap(started.group, stream.stream_id, gap)
        return factor

    def pause(
        self, port: int, name: str, paused: bool, stream_ids: Sequence[int] | None = None
    ) -> None:
        """Pause or resume a profile, or some of its streams; raises StreamRefused."""
        word = "pause" if paused else "resume"
        whole = stream_ids is None
        key = port, name
        self._profile(port, name)
        if whole:
            self._check_state(port, name, word, "TX" if paused else "PAUSE")
        started = self._active(port, name, word)
        if paused:
            _check_pausable(started)
        if stream_ids is not None:
            self._listed(started.profile, word, stream_ids)
        self.schedule.pause(started.group, paused, stream_ids)
        if whole:
            (self._paused.add if paused else self._paused.discard)(key)

    # --- packets

    def thread(self, port: int, core: int) -> int:
        """The number over the whole engine of a core that serves a port."""
        return core * self._pairs + port // 2

    def packets(self, flow: Flow) -> FlowPackets:
        """The packets of a flow of the schedule; raises RefusedError for its program."""
        work.check()
        started, share = self.started[flow.group], flow.share
        port, stream = started.profile.port, share.stream
        number = started.numbers.get(stream.stream_id)
        header = ip_id = None
        if number is not None:
            measured = stream.is_sequenced
            ip_id = LATENCY_IP_ID if measured else self.setting.marks + number
            header = latency_header(number) if measured else None
        frame = marked_frame(stream, self.setting.addresses.get(port), ip_id, self.setting.marks)
        thread = self.thread(port, share.core)
        return FlowPackets(
            share, frame, thread=thread, header=header, hardware=self.setting.hardware
        )

    # --- states

    def state(self, port: int, name: str) -> State:
        """The state of a profile."""
        key = port, name
        if key in self._running:
            return "PAUSE" if key in self._paused else "TX"
        return "STREAMS" if self.profiles.get(key) else "IDLE"

    def _profile(self, port: int, name: str) -> Profile:
        if name == DEFAULT_PROFILE:
            return self.profiles.setdefault((port, name), Profile(port, name))
        if (port, name) not in self.profiles:
            raise StreamRefused(
                f"port {port} has no profile {name}", f"profile_id {name} does not exists"
            )
        return self.profiles[port, name]

    def _active(self, port: int, name: str, command: str) -> Started:
        self._profile(port, name)
        self._check_state(port, name, command, "TX", "PAUSE")
        return self._running[port, name]

    def _check_state(self, port: int, name: str, command: str, *allowed: State) -> None:
        state = self.state(port, name)
        if state not in allowed:
            raise StreamRefused(
                f"profile {name} of port {port} is in state {state}, and {command} wants "
                f"{' or '.join(allowed)}",
                f"command '{command}' cannot be executed on current state: "
                f"'{state} on profile_id({name}).",
            )

    @staticmethod
    def _listed(profile: Profile, command: str, stream_ids: Collection[int]) -> list[Stream]:
        if not stream_ids:
            raise StreamRefused(
                '"stream_ids" names no stream',
                f"please specify streams to {command}",
                parameter=True,
            )
        for stream_id in stream_ids:
            if stream_id not in profile:
                raise StreamRefused(
                    f"there is no stream {stream_id} in profile {profile.name}",
                    f"{command}_streams: stream {stream_id} does not exists in "
                    f"profile_id({profile.name})",
                )
        return [profile[stream_id] for stream_id in stream_ids]


def _check_pausable(started: Started) -> None:
    if any(not isinstance(stream.mode, Continuous) for stream in started.profile):
        raise StreamRefused(
            "only profiles whose streams are all continuous can be paused",
            " pause is supported when all streams are in continues mode ",
        )
    if started.duration > 0:
        raise StreamRefused(
            "a profile that was started with a duration cannot be paused",
            " pause is supported when duration is not enable is start command ",
        )

"""What the control plane tells a data plane, and what it hears: plain values, for a pipe."""

from __future__ import annotations

from typing import Any

import msgspec


class StreamPlan(msgspec.Struct, frozen=True):
    """A stream that is to be sent: as the client described it, and its frame as it is sent.

    The frame has the port's addresses and the marks. `flow` is the place of its counters, -1
    without statistics; `generation` that of a latency flow, -1 for all others; `meter` is the place
    of what it counts itself, -1 if there is none.
    """

    id: int
    document: dict[str, Any]
    frame: bytes
    flow: int = -1
    generation: int = -1
    meter: int = -1


class Start(msgspec.Struct, frozen=True, tag=True):
    """Start a profile, its streams in the order of the table.

    At `at`, or as soon as possible if that is None. `duration` 0 has no end.
    """

    port: int
    profile: str
    run: int
    factor: float
    mask: int
    streams: list[StreamPlan]
    duration: float = 0.0
    at: float | None = None


class Stop(msgspec.Struct, frozen=True, tag=True):
    """Stop a profile, or what is played."""

    port: int
    profile: str


class Pause(msgspec.Struct, frozen=True, tag=True):
    """Pause or resume streams of a profile, None for all."""

    port: int
    profile: str
    paused: bool
    streams: list[int] | None = None


class Update(msgspec.Struct, frozen=True, tag=True):
    """Have all streams of a profile but latency streams send so many times as fast."""

    port: int
    profile: str
    ratio: float


class UpdateStreams(msgspec.Struct, frozen=True, tag=True):
    """Give single streams another factor."""

    port: int
    profile: str
    factors: dict[int, float]


class Push(msgspec.Struct, frozen=True, tag=True):
    """Send frames, one every `gap` seconds; the reply says how many and from when."""

    port: int
    frames: list[bytes]
    gap: float = 0.0


class Play(msgspec.Struct, frozen=True, tag=True):
    """Send frames at given times after the start, `loops` times (0: endlessly).

    `pause` is the time from the last frame to the first of the next loop.
    """

    port: int
    run: int
    frames: list[bytes]
    times: list[float]
    loops: int
    pause: float
    duration: float = 0.0


class Configure(msgspec.Struct, frozen=True, tag=True):
    """The addresses and modes of a port, as its receive side and its stack need them.

    Every `announced` seconds the port tells its neighbours its IPv4 address, never if that is 0.
    """

    port: int
    mac: bytes
    destination: bytes | None = None
    ipv4: str = ""
    ipv4_peer: str = ""
    ipv6: str | None = None
    vlans: list[int] = []
    queue: int = 0
    service: bool = False
    filtered: int = 0
    promiscuous: bool = False
    vxlan: list[int] = []
    announced: float = 0.0


class Stretch(msgspec.Struct, frozen=True, tag=True):
    """How late packets may be sent before all that follows moves, None for as late as usual."""

    seconds: float | None = None


class Flow(msgspec.Struct, frozen=True, tag=True):
    """A flow begins anew, and its packets count from the first again.

    What was counted so far is kept unless it is to be forgotten.
    """

    flow: int
    forget: bool = False


class FlowTimes(msgspec.Struct, frozen=True, tag=True):
    """Ask for the latencies and errors of flows."""

    flows: list[int]


class FlowStop(msgspec.Struct, frozen=True, tag=True):
    """A flow has ended: its rates are 0 from now on."""

    flows: list[int]


class Capture(msgspec.Struct, frozen=True, tag=True):
    """Begin to keep frames that ports send or receive."""

    id: int
    transmit: list[int]
    receive: list[int]
    limit: int
    cyclic: bool
    bpf: str = ""
    snaplen: int = 0


class CaptureStop(msgspec.Struct, frozen=True, tag=True):
    """Keep no more frames."""

    id: int


class CaptureFetch(msgspec.Struct, frozen=True, tag=True):
    """Take frames out of a capture."""

    id: int
    count: int


class CaptureStatus(msgspec.Struct, frozen=True, tag=True):
    """Ask how full a capture is."""

    id: int


class CaptureRemove(msgspec.Struct, frozen=True, tag=True):
    """Forget a capture."""

    id: int


class Queue(msgspec.Struct, frozen=True, tag=True):
    """Take all frames out of the receive queue of a port."""

    port: int


class QueueLength(msgspec.Struct, frozen=True, tag=True):
    """How many frames the receive queue of a port holds."""

    port: int


class Bridge(msgspec.Struct, frozen=True, tag=True):
    """Hand frames that a port receives on as events, if a filter lets them; None: no more."""

    port: int
    bpf: str | None = None


Command = (
    Start
    | Stop
    | Pause
    | Update
    | UpdateStreams
    | Push
    | Play
    | Configure
    | Flow
    | FlowTimes
    | FlowStop
    | Capture
    | CaptureStop
    | CaptureFetch
    | CaptureStatus
    | CaptureRemove
    | Queue
    | QueueLength
    | Stretch
    | Bridge
)


class Done(msgspec.Struct, frozen=True, tag=True):
    """A command was carried out, at this time."""

    time: float = 0.0
    count: int = 0


class Refused(msgspec.Struct, frozen=True, tag=True):
    """A command was not carried out, and why."""

    text: str


class Kept(msgspec.Struct, frozen=True):
    """A frame in a capture: `number` counts matches from 1, `length` is that of the wire."""

    time: float
    data: bytes
    port: int
    number: int
    length: int
    sent: bool


class Frames(msgspec.Struct, frozen=True, tag=True):
    """Frames that were kept, and how many are left."""

    frames: list[Kept]
    pending: int = 0


class Filling(msgspec.Struct, frozen=True, tag=True):
    """How full a capture is: matched, fetched, kept now, and the bytes of those."""

    matched: int
    fetched: int
    count: int
    bytes: int


class Times(msgspec.Struct, frozen=True, tag=True):
    """Latencies and errors by flow, and packets of no flow: as clients read them."""

    flows: dict[int, dict[str, Any]]
    strangers: dict[str, int]


Reply = Done | Refused | Frames | Filling | Times


class Finished(msgspec.Struct, frozen=True, tag=True):
    """A profile has sent all, or its time is over."""

    port: int
    profile: str
    run: int
    time: float


class Played(msgspec.Struct, frozen=True, tag=True):
    """What was played has ended."""

    port: int
    run: int
    time: float


class Arrived(msgspec.Struct, frozen=True, tag=True):
    """A frame for whoever is bridged to a port."""

    port: int
    frame: bytes


class LinkChanged(msgspec.Struct, frozen=True, tag=True):
    """The link of a port went up or down."""

    port: int
    up: bool


class Failed(msgspec.Struct, frozen=True, tag=True):
    """A port cannot send or receive any more, and why."""

    port: int
    text: str


Event = Finished | Played | Arrived | LinkChanged | Failed

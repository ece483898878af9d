"""A port as the control plane knows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from scapy_server.services.ports.state.attributes import Attributes, Layers, link_block
from scapy_server.services.ports.state.meters import Meters, Name
from scapy_server.services.ports.state.ownership import Owner
from scapy_server.services.ports.state.profile import DEFAULT_PROFILE, Profile
from scapy_server.services.ports.state.tables import State, strongest
from scapy_server.streams.profile import Profile as Streams


@dataclass(frozen=True)
class Service:
    """Service mode: what reaches the receive side. `mask` says which packets when filtered."""

    enabled: bool = False
    filtered: bool = False
    mask: int = 0

    @property
    def is_on(self) -> bool:
        return self.enabled or self.filtered


@dataclass(frozen=True)
class Endpoint:
    """Where frames of a port are exchanged with a program, and which ones."""

    address: str
    bpf: str


@dataclass
class Port:
    """Owner, settings and profiles of a port; `description` and `driver` are for people."""

    number: int
    kind: str
    description: str
    layers: Layers
    attributes: Attributes
    owner: Owner | None = None
    service: Service = Service()
    queue_size: int = 0
    endpoint: Endpoint | None = None
    playing: bool = False
    run: int = 0
    hw_mac: bytes = b""
    profiles: dict[str, Profile] = field(default_factory=dict)
    meters: Meters = field(default_factory=Meters)

    def __post_init__(self) -> None:
        self.hw_mac = self.hw_mac or self.layers.source
        self.add_profile(DEFAULT_PROFILE)

    @property
    def line(self) -> float:
        """The line rate, in bits a second."""
        return self.attributes.speed * 1e9

    @property
    def link_block(self) -> dict[str, Any]:
        """What event 8 tells."""
        return link_block(self.attributes)

    def set_link(self, up: bool) -> None:
        """The link went up or down."""
        self.attributes = replace(self.attributes, link_up=up)

    def add_profile(self, name: str) -> Profile:
        """The profile of this name, made if there is none."""
        if name not in self.profiles:
            self.profiles[name] = Profile(Streams(self.number, name))
        return self.profiles[name]

    @property
    def state(self) -> State:
        """What the port does, as all of its profiles taken together."""
        if self.playing:
            return State.PCAP_TX
        return strongest(profile.state for profile in self.profiles.values())

    @property
    def stream_count(self) -> int:
        """How many streams all profiles have together."""
        return sum(len(profile.streams) for profile in self.profiles.values())

    @property
    def stream_names(self) -> set[Name]:
        """All streams of all profiles."""
        return {
            Name(name, stream.stream_id)
            for name, profile in self.profiles.items()
            for stream in profile.streams
        }

    @property
    def highest_stream(self) -> int:
        """The largest id of a stream, 0 if there is none."""
        return max(
            (stream.stream_id for each in self.profiles.values() for stream in each.streams),
            default=0,
        )

    @property
    def active(self) -> Iterator[Profile]:
        """The profiles that are sending or paused."""
        return (each for each in self.profiles.values() if each.is_active)

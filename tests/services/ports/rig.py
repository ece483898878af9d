"""A control plane over data planes in this process, moved along by the test."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from random import Random
from typing import Any

from scapy_server.services.ports.control import Control, Setup
from scapy_server.services.ports.kinds.loop import loop
from scapy_server.services.ports.link import NoEndpoint
from scapy_server.services.ports.methods.configuring import configure
from scapy_server.services.ports.methods.table import METHODS
from scapy_server.services.ports.plane.commands import Command, Reply
from scapy_server.services.ports.plane.counters import BASE, Counters
from scapy_server.services.ports.plane.line import Line
from scapy_server.services.ports.plane.plane import Plane, PlaneSettings
from scapy_server.services.ports.state.attributes import Attributes, Layers
from scapy_server.services.ports.state.port import Port
from scapy_server.services.ports.wire.impairments import Impairments

SPEED = 10.0  # Gbit/s
MACS = [bytes.fromhex("020000000010"), bytes.fromhex("020000000011")]
LAYERS = [Layers(MACS[0], MACS[1]), Layers(MACS[1], MACS[0])]
_HEADERS = bytes.fromhex(
    "00000001000000000002000008004500002e0001000040113abd10000001300000010401000c001a0000"
)


def frame(length: int = 60) -> bytes:
    """Ethernet, IPv4 and UDP, in a frame of some length."""
    head = bytearray(_HEADERS)
    head[16:18] = (length - 14).to_bytes(2, "big")
    head[38:40] = (length - 34).to_bytes(2, "big")
    head[24:26] = bytes(2)
    total = sum(int.from_bytes(head[at : at + 2], "big") for at in range(14, 34, 2))
    total = (total & 0xFFFF) + (total >> 16)
    head[24:26] = (~((total & 0xFFFF) + (total >> 16)) & 0xFFFF).to_bytes(2, "big")
    return bytes(head).ljust(length, b"x")


def stream(mode: dict[str, Any], packet: bytes | None = None, **members: Any) -> dict[str, Any]:
    """A stream as clients send it."""
    return {
        "flags": 3,
        "action_count": 0,
        "enabled": True,
        "self_start": True,
        "isg": 0.0,
        "next_stream_id": -1,
        "mode": mode,
        "packet": {"binary": base64.b64encode(packet or frame()).decode(), "meta": ""},
        "vm": {"instructions": []},
        "flow_stats": {"enabled": False},
        **members,
    }


def continuous(pps: float) -> dict[str, Any]:
    return {"type": "continuous", "rate": {"type": "pps", "value": pps}}


def burst(packets: int, pps: float = 1000.0) -> dict[str, Any]:
    return {
        "type": "single_burst",
        "total_pkts": packets,
        "rate": {"type": "pps", "value": pps},
    }


def counted(group: int, rule: str = "stats") -> dict[str, Any]:
    return {"enabled": True, "stream_id": group, "rule_type": rule}


class LocalLink:
    """A data plane in this process."""

    def __init__(self, rig: Rig, lines: Sequence[Line], cores: int) -> None:
        self.numbers = [0, 1]
        self.counters = Counters(2)
        self._rig = rig
        settings = PlaneSettings(self.numbers, [rig.speed * 1e9] * 2, cores, rig.base)
        self.plane = Plane(settings, lines, self.counters)

    def ask(self, command: Command) -> Reply:
        return self.plane.handle(command, self._rig.now)


class NoBridges:
    """Allows no endpoint."""

    def allows(self, endpoint: str) -> bool:
        return False

    def open(self, port: int, endpoint: str) -> None:
        raise AssertionError

    def close(self, port: int) -> None:
        raise AssertionError

    def hand(self, port: int, frame: bytes) -> None:
        raise AssertionError


class NoExports:
    """Has nothing that captures may be written to."""

    def open(self, capture: int, endpoint: str, name: str) -> str:
        raise NoEndpoint("nowhere")

    def write(self, capture: int, data: bytes) -> bool:
        raise AssertionError

    def close(self, capture: int) -> None:
        raise AssertionError


class Refused(Exception):
    """An error reply: `code` and the text that a client shows."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error)
        self.code = error["code"]
        self.text = error.get("specific_err", error["message"])


class Rig:
    """Two ports that are wired to each other, one client, and time at the test's hand."""

    def __init__(  # noqa: PLR0917 (what it is made of)
        self,
        wire: Impairments | None = None,
        cores: int = 1,
        shown_cores: int = 2,
        lines: Sequence[Line] | None = None,
        speed: float = SPEED,
        layers: Sequence[Layers] = LAYERS,
        **setup: Any,
    ) -> None:
        self.now = self.wall = 0.0
        self.speed = speed
        self.base = setup.get("base", BASE)
        self.link = LocalLink(self, lines or loop(wire or Impairments(), 1), cores)
        ports = [
            Port(number, "loop", "loop", layers[number], Attributes(speed)) for number in (0, 1)
        ]
        self.control = Control(
            Setup(cores, shown_cores, **setup),
            ports,
            [self.link],
            METHODS,
            lambda: self.now,
            lambda: self.wall,
            Random(1),
            NoBridges(),
            NoExports(),
        )
        for port in ports:
            configure(self.control, port)
        self.handlers: dict[int, str] = {}

    def raw(self, message: object) -> Any:
        """The reply to a message, which is sent as JSON."""
        answer = self.control.handle(json.dumps(message).encode())
        assert not answer.bugs, answer.bugs[0]
        return json.loads(answer.data)

    def call(self, method: str, **params: Any) -> Any:
        """The result of a method; Refused for an error reply."""
        params.setdefault("api_h", self.control.api_handler)
        if self.control.methods[method].owned and "handler" not in params:
            params["handler"] = self.handlers.get(params["port_id"], "none")
        reply = self.raw({"jsonrpc": "2.0", "id": "a", "method": method, "params": params})
        if "error" in reply:
            raise Refused(reply["error"])
        return reply["result"]

    def acquire(self, *ports: int, user: str = "me", session: int = 7, force: bool = True) -> None:
        for port in ports or (0, 1):
            self.handlers[port] = self.call(
                "acquire", port_id=port, user=user, session_id=session, force=force
            )

    def add(self, number: int, document: dict[str, Any], port: int = 0, profile: str = "_") -> None:
        self.call("add_stream", port_id=port, profile_id=profile, stream_id=number, stream=document)

    def start(self, port: int = 0, profile: str = "_", **params: Any) -> Any:
        return self.call(
            "start_traffic",
            **{
                "port_id": port,
                "profile_id": profile,
                "mul": {"type": "raw", "op": "abs", "value": 1.0},
                "duration": -1,
                "force": False,
                **params,
            },
        )

    def run_to(self, now: float) -> None:
        """Let time come so far, and the control plane hear what has happened."""
        self.now = now
        self.link.plane.advance(now)
        for event in self.link.plane.take_events():
            self.control.happened(event)

    def events(self, session: int = 7) -> list[tuple[int, dict[str, Any]]]:
        """Number and data of what has happened for a session."""
        found = self.call("get_async_events", session_id=session)["data"]
        return [(event["type"], event["data"]) for event in found]

    def kinds(self, session: int = 7) -> list[int]:
        """The numbers of what has happened."""
        return [kind for kind, _ in self.events(session)]

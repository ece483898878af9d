"""What a port has received, for programs that want the frames themselves."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from scapy_server import limits
from scapy_server.captures.bpf import NotAFilter, compiled
from scapy_server.engine.bounds import MINIMUM_FRAME_BYTES
from scapy_server.services.ports.control import Control
from scapy_server.services.ports.link import Link
from scapy_server.services.ports.method import Method, Part
from scapy_server.services.ports.methods.configuring import configure
from scapy_server.services.ports.plane.commands import Bridge, Frames, Kept, Push, Queue
from scapy_server.services.ports.requests.reading import Fields
from scapy_server.services.ports.requests.refusals import BadParameters, NotExecuted
from scapy_server.services.ports.state.port import Endpoint

_SHORTEST_ENDPOINT = 5


def _set_rx_feature(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    kind = fields.choice("type", ("queue", "server", "capwap_proxy"))
    enabled = fields.boolean("enabled")
    if kind == "capwap_proxy" and enabled:
        raise NotExecuted("a port here is no CAPWAP proxy")
    if kind != "queue":
        return {}
    size = fields.uint32("size") if enabled else 0
    if enabled:
        if not port.service.is_on:
            raise NotExecuted("setting RX queue is only available under service mode")
        if not size:
            raise BadParameters("queue size cannot be zero")
    port.queue_size = min(size, int(limits.RECEIVE_QUEUE_FRAMES))
    configure(control, port)
    return {}


def _get_rx_queue_pkts(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    if not port.service.is_on:
        raise NotExecuted("fetching RX queue packets is only available under service mode")
    reply = control.ask(port, Queue(port.number))
    assert isinstance(reply, Frames)
    packets = [{**told(kept), "port": -1, "index": 0, "origin": "NONE"} for kept in reply.frames]
    return {"pkts": packets}


def told(kept: Kept) -> dict[str, Any]:
    """A frame that was kept, as clients read it."""
    return {
        "ts": kept.time,
        "binary": base64.b64encode(kept.data).decode(),
        "port": kept.port,
        "index": kept.number,
        "wirelen": kept.length,
        "origin": "TX" if kept.sent else "RX",
    }


def checked_filter(text: str) -> str:
    """A filter that libpcap knows; BadParameters if it is none."""
    try:
        compiled(text)
    except NotAFilter:
        raise BadParameters(f"BPF filter: '{text}' is not a valid pattern") from None
    return text


def _start_capture_port(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    endpoint, bpf = fields.text("endpoint"), checked_filter(fields.text("bpf_filter", ""))
    if len(endpoint) < _SHORTEST_ENDPOINT or not control.bridges.allows(endpoint):
        raise BadParameters(f"invalid endpoint '{endpoint}'")
    if port.endpoint is not None:
        raise NotExecuted(
            f"Could not enable capture port on port {port.number}: Capture port is already active"
        )
    control.bridges.open(port.number, endpoint)
    control.ask(port, Bridge(port.number, bpf))
    port.endpoint = Endpoint(endpoint, bpf)
    return {}


def _stop_capture_port(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    if port.endpoint is not None:
        control.ask(port, Bridge(port.number, None))
        control.bridges.close(port.number)
        port.endpoint = None
    return {}


def _set_capture_port_bpf(control: Control, fields: Fields) -> dict[str, Any]:
    port, bpf = control.port_of(fields), checked_filter(fields.text("bpf_filter", ""))
    if port.endpoint is not None:
        control.ask(port, Bridge(port.number, bpf))
        port.endpoint = Endpoint(port.endpoint.address, bpf)
    return {}


def send_frames(control: Control, number: int, frames: Sequence[bytes]) -> None:
    """Send what a program has for a port; frames that are too short are left out."""
    whole = [frame for frame in frames if len(frame) >= MINIMUM_FRAME_BYTES]
    control.links[number].ask(Push(number, whole))


def restart_bridges(control: Control, link: Link) -> None:
    """Have a data plane that has taken the place of another hand frames on as that did."""
    for number in link.numbers:
        endpoint = control.ports[number].endpoint
        if endpoint is not None:
            link.ask(Bridge(number, endpoint.bpf))


METHODS = (
    Method("set_rx_feature", _set_rx_feature, "keep what is received in a queue", Part.COMMON),
    Method("get_rx_queue_pkts", _get_rx_queue_pkts, "empty that queue", Part.COMMON),
    Method(
        "start_capture_port", _start_capture_port, "exchange frames with a program", Part.COMMON
    ),
    Method("stop_capture_port", _stop_capture_port, "exchange no more", Part.COMMON),
    Method("set_capture_port_bpf", _set_capture_port_bpf, "exchange other frames", Part.COMMON),
)

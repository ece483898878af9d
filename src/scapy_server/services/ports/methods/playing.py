"""Frames that are sent as they are: pushed one by one, or played from a capture."""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from typing import Any

from scapy_server import limits
from scapy_server.engine.bounds import MINIMUM_FRAME_BYTES
from scapy_server.services.ports.control import Control
from scapy_server.services.ports.kinds.files import NotPlayable, read_played, seconds_of
from scapy_server.services.ports.method import Method, Part
from scapy_server.services.ports.plane.commands import Done, Play, Push
from scapy_server.services.ports.requests.reading import Fields
from scapy_server.services.ports.requests.refusals import BadParameters, NotExecuted
from scapy_server.services.ports.state import ownership
from scapy_server.services.ports.state.events import Kind
from scapy_server.services.ports.state.port import Port
from scapy_server.services.ports.state.tables import PortCommand, after_on_port

_MOST_MICROSECONDS = 1_000_000
_KEEP_SOURCE, _KEEP_DESTINATION = 1 << 31, 1 << 30
_LOOPS = _KEEP_DESTINATION - 1
_MAC_BYTES = 6


def _push_pkts(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    gap = fields.uint32("ipg_usec", 0)
    if len(fields.array("pkts")) * gap > _MOST_MICROSECONDS:
        raise BadParameters("TX batch total transmit time exceeds the limit of 1 second")
    frames = [_frame(port, each) for each in fields.objects("pkts")]
    reply = control.ask(port, Push(port.number, frames, gap / _MOST_MICROSECONDS))
    assert isinstance(reply, Done)
    return {"sent": reply.count, "ts": reply.time}


def _frame(port: Port, fields: Fields) -> bytes:
    frame = b""
    with suppress(binascii.Error, ValueError):
        frame = base64.b64decode(fields.text("binary"), validate=True)
    longest = int(limits.FIELD_ENGINE_FRAME_BYTES)
    if not MINIMUM_FRAME_BYTES <= len(frame) <= longest:
        raise NotExecuted(
            f"Bad packet size provided: {len(frame)}. "
            f"Should be between {MINIMUM_FRAME_BYTES} and {longest}"
        )
    if fields.boolean("use_port_dst_mac"):
        frame = (port.layers.destination or bytes(_MAC_BYTES)) + frame[_MAC_BYTES:]
    if fields.boolean("use_port_src_mac"):
        frame = frame[:_MAC_BYTES] + port.layers.source + frame[2 * _MAC_BYTES :]
    return frame


def _push_remote(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    name = fields.text("pcap_filename")
    gap, speedup = fields.double("ipg_usec"), fields.unsigned_double("speedup")
    count, duration = fields.uint32("count"), fields.double("duration")
    shortest = fields.unsigned_double("min_ipg_usec", 0.0)
    is_dual = fields.boolean("is_dual", False)
    other = _slave(control, port, fields) if is_dual else None
    after_on_port(port.state, PortCommand.PUSH_REMOTE)
    if not speedup:
        raise BadParameters("'speedup' cannot be zero")
    targets = [port] if other is None else [port, other]
    for target in targets:
        target.run, target.playing = control.next_run(), True
        control.publish(Kind.PORT_STARTED, port_id=target.number)
    try:
        played = read_played(control.setup.directory, name)
    except NotPlayable:
        for target in targets:
            _give_up(control, target)
        return {}
    for index, target in enumerate(targets):
        own = [each.record for each in played if other is None or each.side == index]
        if not own:
            _give_up(control, target, failed=False)
            continue
        frames = [_addressed(target, each.data, count) for each in own]
        times = _paced(seconds_of(own), gap, shortest, speedup)
        pause = times[1] - times[0] if len(times) > 1 else gap / 1e6 if gap > 0 else 0.0
        control.ask(
            target,
            Play(target.number, target.run, frames, times, count & _LOOPS, pause, duration),
        )
    return {}


def _slave(control: Control, port: Port, fields: Fields) -> Port:
    other = control.ports.get(port.number ^ 1)
    handler = fields.text("slave_handler", "")
    if other is None or other.owner is None or other.owner.handler != handler:
        raise NotExecuted("incorrect or missing slave port handler")
    ownership.check(other.owner, handler)
    after_on_port(other.state, PortCommand.PUSH_REMOTE)
    return other


def _give_up(control: Control, port: Port, failed: bool = True) -> None:
    port.playing = False
    if failed:
        control.publish(Kind.PORT_ERROR, port_id=port.number, thread_id=0)
    control.publish(Kind.PORT_FINISHED, port_id=port.number)


def _addressed(port: Port, frame: bytes, count: int) -> bytes:
    destination, source = frame[:_MAC_BYTES], frame[_MAC_BYTES : 2 * _MAC_BYTES]
    if not count & _KEEP_DESTINATION:
        destination = port.layers.destination or bytes(_MAC_BYTES)
    if not count & _KEEP_SOURCE:
        source = port.layers.source
    return destination + source + frame[2 * _MAC_BYTES :]


def _paced(times: list[float], gap: float, shortest: float, speedup: float) -> list[float]:
    """When each frame is due after the start: at its own distances if `gap`, in µs, is negative."""
    due, now = [], 0.0
    for index, time in enumerate(times):
        if index:
            own = (time - times[index - 1]) / speedup
            now += max(own, 0.0) if gap < 0 else max(shortest, gap / speedup) / 1e6
        due.append(now)
    return due


METHODS = (
    Method("push_pkts", _push_pkts, "send some frames", Part.COMMON, acts=True),
    Method("push_remote", _push_remote, "play a capture of the server's", owned=True, acts=True),
)

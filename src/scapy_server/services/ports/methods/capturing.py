"""Captures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from scapy_server import limits
from scapy_server.services.ports.control import Control
from scapy_server.services.ports.link import Link
from scapy_server.services.ports.method import Method, Part
from scapy_server.services.ports.methods.exporting import begin_export, export, links_of
from scapy_server.services.ports.methods.receiving import checked_filter, told
from scapy_server.services.ports.plane import commands as plane
from scapy_server.services.ports.requests.reading import Fields
from scapy_server.services.ports.requests.refusals import BadParameters, NotExecuted
from scapy_server.services.ports.state.captures import CaptureEntry


def _capture(control: Control, fields: Fields) -> object:
    command = fields.choice("command", tuple(_COMMANDS))
    return _COMMANDS[command](control, fields)


def _start(control: Control, fields: Fields) -> dict[str, Any]:
    limit = fields.uint32("limit")
    mode = fields.choice("mode", ("fixed", "cyclic"))
    transmit, receive = fields.numbers("tx", "byte"), fields.numbers("rx", "byte")
    bpf = checked_filter(fields.text("filter", ""))
    snaplen = fields.uint16("snaplen", 0)
    endpoint = fields.text("endpoint", "")
    if mode == "cyclic" and not limit and not endpoint:
        raise BadParameters("'limit' of a cyclic capture cannot be zero")
    for number in {*transmit, *receive} - control.ports.keys():
        raise NotExecuted(
            f"invalid port id {number} - should be: " + " ".join(map(str, control.ports))
        )
    capture = CaptureEntry(
        control.captures.next_id(),
        tuple(transmit),
        tuple(receive),
        min(limit, int(limits.CAPTURED_FRAMES)),
        mode,
        bpf,
        snaplen,
        control.now,
    )
    if endpoint:
        begin_export(control, capture, endpoint)
    try:
        for link in _links(control, capture):
            _asked(link, _command(capture, link))
    except NotExecuted:
        control.exports.close(capture.id)
        raise
    control.captures.add(capture)
    return {"capture_id": capture.id, "start_ts": capture.started}


def _stop(control: Control, fields: Fields) -> dict[str, Any]:
    capture = control.captures.get(fields.uint32("capture_id"))
    replies = [_asked(link, plane.CaptureStop(capture.id)) for link in _links(control, capture)]
    capture.is_active = False
    count = sum(reply.count for reply in replies if isinstance(reply, plane.Done))
    if capture.export is not None:
        return {"pkt_count": export(control, capture), "endpoint": capture.export.endpoint}
    return {"pkt_count": count, "endpoint": ""}


def _command(capture: CaptureEntry, link: Link) -> plane.Capture:
    """What has a data plane keep its share of a capture."""
    return plane.Capture(
        capture.id,
        [number for number in capture.transmit if number in link.numbers],
        [number for number in capture.receive if number in link.numbers],
        capture.kept_frames,
        capture.is_cyclic,
        capture.bpf,
        capture.snaplen,
    )


def _fetch(control: Control, fields: Fields) -> dict[str, Any]:
    capture = control.captures.get(fields.uint32("capture_id"))
    if capture.export is not None:
        left = export(control, capture)
        return {"pkts": [], "pending": left, "start_ts": capture.started}
    wanted = min(fields.uint32("pkt_limit"), int(limits.FETCHED_FRAMES))
    snaplen = fields.uint16("snaplen", 0)
    kept: list[plane.Kept] = []
    pending = 0
    for link in _links(control, capture):
        reply = _asked(link, plane.CaptureFetch(capture.id, wanted - len(kept)))
        if isinstance(reply, plane.Frames):
            kept += reply.frames
            pending += reply.pending
    packets = [told(each) for each in sorted(kept, key=lambda each: each.time)]
    if snaplen:
        packets = [
            told(plane.Kept(k.time, k.data[:snaplen], k.port, k.number, k.length, k.sent))
            for k in sorted(kept, key=lambda each: each.time)
        ]
    return {"pkts": packets, "pending": pending, "start_ts": capture.started}


def _status(control: Control, fields: Fields) -> list[dict[str, Any]]:
    return [_entry(control, capture) for capture in control.captures]


def _entry(control: Control, capture: CaptureEntry) -> dict[str, Any]:
    replies = [_asked(link, plane.CaptureStatus(capture.id)) for link in _links(control, capture)]
    fillings = [reply for reply in replies if isinstance(reply, plane.Filling)]
    written = {}
    if capture.export is not None:
        written = {
            "endpoint": capture.export.endpoint,
            "format": capture.export.format,
            "snaplen": capture.snaplen,
        }
    return {
        "id": capture.id,
        "state": "ACTIVE" if capture.is_active else "STOPPED",
        "matched": sum(each.matched for each in fillings),
        "fetched": sum(each.fetched for each in fillings),
        "filter": {
            "tx": sum(1 << number for number in set(capture.transmit)),
            "rx": sum(1 << number for number in set(capture.receive)),
            "bpf": capture.bpf,
        },
        "count": sum(each.count for each in fillings),
        "bytes": sum(each.bytes for each in fillings),
        "limit": capture.limit,
        "mode": capture.mode,
        **written,
    }


def _remove(control: Control, fields: Fields) -> dict[str, Any]:
    capture = control.captures.remove(fields.uint32("capture_id"))
    if capture.export is not None:
        export(control, capture)
        control.exports.close(capture.id)
    for link in _links(control, capture):
        link.ask(plane.CaptureRemove(capture.id))
    return {}


def _links(control: Control, capture: CaptureEntry) -> list[Link]:
    return links_of(control, capture.ports)


def _asked(link: Link, command: plane.Command) -> plane.Reply:
    reply = link.ask(command)
    if isinstance(reply, plane.Refused):
        raise NotExecuted(reply.text)
    return reply


_COMMANDS: Mapping[str, Callable[[Control, Fields], object]] = {
    "start": _start,
    "stop": _stop,
    "fetch": _fetch,
    "status": _status,
    "remove": _remove,
}

METHODS = (Method("capture", _capture, "start, stop, fetch, list or remove captures", Part.COMMON),)


def restart_captures(control: Control, link: Link) -> None:
    """Begin active captures anew in a data plane that has taken the place of another."""
    for capture in control.captures:
        if capture.is_active and not capture.ports.isdisjoint(link.numbers):
            link.ask(_command(capture, link))

"""Captures that are written to a program or a file while they go on.

What data planes keep is fetched from time to time and written as a capture file: to a program
in messages, the header and then one for each packet, to a file as it is. Clients are told by
`capture` how much is still to be written.

Source: docs/ports.md, "Captures that are written".
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection
from contextlib import suppress
from functools import partial

from scapy_server import limits
from scapy_server.captures.link_types import ETHERNET
from scapy_server.captures.records import PacketRecord
from scapy_server.captures.writing import PcapngWriter, PcapWriter, RecordWriter
from scapy_server.services.ports.control import Control
from scapy_server.services.ports.link import Link, NoEndpoint
from scapy_server.services.ports.plane import commands as plane
from scapy_server.services.ports.requests.refusals import BadParameters
from scapy_server.services.ports.state.captures import CaptureEntry, Export

_ENDPOINT = re.compile(r"(?P<place>[^?]*)(\?(?P<format>[a-z]*))?", re.DOTALL)
_FORMATS: dict[str, type[PcapWriter] | type[PcapngWriter]] = {
    "pcap": PcapWriter,
    "pcapng": PcapngWriter,
}
_DEFAULT_FORMAT = "pcapng"


def begin_export(control: Control, capture: CaptureEntry, endpoint: str) -> None:
    """Have a capture written, `?pcap` behind its place in the older format.

    Raises BadParameters.
    """
    found = _ENDPOINT.fullmatch(endpoint)
    kind = (found and found["format"]) or _DEFAULT_FORMAT
    if found is None or kind not in _FORMATS:
        raise BadParameters(
            f"invalid endpoint '{endpoint}': the format behind '?' is pcap or pcapng"
        )
    try:
        place = control.exports.open(capture.id, found["place"], f"capture-{capture.id}.{kind}")
    except NoEndpoint as error:
        raise BadParameters(f"invalid endpoint '{endpoint}': {error}") from None
    writer = _FORMATS[kind]()
    encoded = partial(_encoded, writer, capture.started)
    capture.export = Export(place, kind, encoded, deque([writer.begin()]))


def _encoded(writer: RecordWriter, start: float, kept: plane.Kept) -> bytes:
    """A frame in a file, at its time since the start of the capture."""
    time = max(round((kept.time - start) * 1e9), 0)
    return writer.written(PacketRecord(kept.number, kept.data, ETHERNET, time, kept.length))


def export(control: Control, capture: CaptureEntry) -> int:
    """Write what there is, at most one fetch's worth; how much is still to be written."""
    written = capture.export
    assert written is not None
    kept: list[plane.Kept] = []
    pending = 0
    if len(written.waiting) < limits.FETCHED_FRAMES:
        for link in links_of(control, capture.ports):
            wanted = int(limits.FETCHED_FRAMES) - len(kept)
            reply = link.ask(plane.CaptureFetch(capture.id, wanted))
            if isinstance(reply, plane.Frames):
                kept += reply.frames
                pending += reply.pending
    for each in sorted(kept, key=lambda each: each.time):
        if capture.wants(each):
            written.waiting.append(written.encoded(each))
    with suppress(IndexError):
        while control.exports.write(capture.id, written.waiting[0]):
            written.waiting.popleft()
    return pending + len(written.waiting)


def export_all(control: Control) -> bool:
    """Go on writing all captures that are written; whether there are any."""
    exported = [capture for capture in control.captures if capture.export is not None]
    for capture in exported:
        export(control, capture)
    return bool(exported)


def links_of(control: Control, ports: Collection[int]) -> list[Link]:
    """The data planes of some ports."""
    links = {id(control.links[number]): control.links[number] for number in ports}
    return list(links.values())

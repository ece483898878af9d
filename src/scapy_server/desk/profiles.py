"""Profiles: documents whose every packet is sent by a stream, with a program and a pace.

Read from and written as what the traffic engine's client saves. A stream's VM is turned into
a program when somebody looks at it, and compiled again only where the program was edited, so
that what nobody touched is saved as it was.

Source: docs/profiles.md, "Files".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from scapy_server.desk.document import Document
from scapy_server.desk.editing import looked_at, whole_model
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import Packet, ProfileStream, Program
from scapy_server.desk.questions import Asking, ask
from scapy_server.desk.saving import Saved
from scapy_server.errors import ScapyServerError
from scapy_server.streams.documents.entries import Entry, ProfileDocument
from scapy_server.streams.documents.files import document_of, losses, parsed, written
from scapy_server.streams.documents.requests_file import is_requests
from scapy_server.streams.documents.trex_profile import DEFAULTS, is_profile
from scapy_server.wording import base64_text

#: The endings of the files that a profile is written as.
ENDINGS = (".yaml", ".json", ".py")
_YAML_STARTS = ("- ", "---", "streams:")


def read_profile(name: str, text: str) -> Document | None:
    """The document of a profile in JSON or YAML; None for a text that is no profile.

    Raises DeskError, naming the stream, for a profile that is not right.
    """
    stripped = text.lstrip()
    is_yaml = name.lower().endswith((".yaml", ".yml")) or stripped.startswith(_YAML_STARTS)
    if not is_yaml and stripped[:1] not in ("{", "["):
        return None
    try:
        content = parsed(text.encode(), is_yaml)
        if not is_yaml and not is_profile(content) and not is_requests(content):
            return None
        return _opened(name, document_of(content))
    except ScapyServerError as error:
        if not is_yaml and "not JSON" in error.detail:
            return None  # whoever reads it as a model says what is wrong with it
        raise DeskError(f"{name}: {error.detail}") from None


def _opened(name: str, profile: ProfileDocument) -> Document:
    document = Document(name)
    packets = [_packet(entry) for entry in profile.entries]
    if not packets:
        raise DeskError(f"{name} has no streams")
    document.insert(0, packets, f"open {name}")
    document.history.saved()
    return document


def _packet(entry: Entry) -> Packet:
    try:
        frame = base64.b64decode(entry.raw["packet"]["binary"], validate=True)
    except (TypeError, KeyError, binascii.Error, ValueError):
        raise DeskError(f"stream {entry.stream_id} has no packet in base64") from None
    stream = ProfileStream(entry.stream_id, entry.raw, entry.port, entry.profile)
    return Packet(frame, (), stream=stream)


def with_program(packet: Packet) -> Asking[Packet]:
    """The packet with the program that its stream's VM stands for, if it is not known yet."""
    stream = packet.stream
    if stream is None or stream.program is not None:
        return packet
    vm = stream.raw.get("vm") or {}
    program = Program()
    if vm.get("instructions"):
        read = yield from ask("decompile_vm_raw", base64_text(packet.frame), dict(vm), True)
        program = Program(
            tuple(read.get("instructions") or ()), dict(read.get("global_parameters") or {})
        )
    return replace(packet, stream=replace(stream, program=program))


def profile_of(document: Document) -> Asking[ProfileDocument]:
    """The streams of a document; of one that is no profile a single, continuous one.

    Raises DeskError, naming the stream, where a program cannot be compiled.
    """
    entries = []
    for position, packet in enumerate(document.packets()):
        stream = packet.stream
        if stream is None:
            stream = ProfileStream(position + 1, DEFAULTS, program=document.program, is_edited=True)
        raw = yield from _current(packet, stream)
        entries.append(Entry(stream.number, raw, stream.port, stream.profile))
    return ProfileDocument(tuple(entries))


def _current(packet: Packet, stream: ProfileStream) -> Asking[Mapping[str, Any]]:
    """The stream's JSON with the packet and the program as they are now."""
    raw = dict(stream.raw)
    raw["packet"] = {**raw.get("packet", {}), "binary": base64_text(packet.frame)}
    if not stream.is_edited:
        return raw
    program = stream.program or Program()
    if not program.instructions:
        return {**raw, "vm": {"instructions": []}}
    model = whole_model((yield from looked_at(packet)))
    built = yield from ask("build_pkt_ex", model, {"field_engine": program.to_json()})
    compiled = built["field_engine"]
    if compiled.get("error"):
        raise DeskError(f"stream {stream.number}: {compiled['error']}")
    return {**raw, "vm": compiled["instructions"]}


def save_profile(document: Document, ending: str) -> Asking[Saved]:
    """The document as a file that the engine's client loads; DeskError where it cannot be."""
    profile = yield from profile_of(document)
    try:
        return Saved(written(profile, ending), tuple(_said(losses(profile, ending))))
    except ScapyServerError as error:
        raise DeskError(error.detail) from None


def _said(lost: list[str]) -> Iterator[str]:
    for each in lost:
        yield f"the file does not hold {each}"


def paced(packet: Packet, changes: Mapping[str, Any]) -> Packet:
    """The packet with other members of its stream's JSON; DeskError says what is refused."""
    stream = packet.stream
    if stream is None:
        raise DeskError("the packet is not one of a profile")
    raw = {**stream.raw, **changes}
    entry = Entry(stream.number, raw, stream.port, stream.profile)
    try:
        entry.stream()
    except ScapyServerError as error:
        raise DeskError(error.detail) from None
    return replace(packet, stream=replace(stream, raw=raw))


def pace_in_words(stream: ProfileStream) -> str:
    """How a stream sends, in a line."""
    raw = stream.raw
    mode: Mapping[str, Any] = raw.get("mode") or {}
    rate: Mapping[str, Any] = mode.get("rate") or {}
    words = [str(raw.get("name") or f"stream {stream.number}")]
    match mode.get("type"):
        case "single_burst":
            words.append(f"{mode.get('total_pkts')} packets")
        case "multi_burst":
            words.append(f"{mode.get('count')} bursts of {mode.get('pkts_per_burst')}")
        case _:
            words.append("continuous")
    words.append(f"{rate.get('value')} {_UNITS.get(str(rate.get('type')), rate.get('type'))}")
    if raw.get("isg"):
        words.append(f"after {raw['isg']} µs")
    if raw.get("next_stream_id", -1) not in (-1, None):
        words.append(f"then stream {raw['next_stream_id']}")
    if not raw.get("enabled", True):
        words.append("disabled")
    return ", ".join(words)


_UNITS = {"pps": "pps", "bps_L1": "bit/s on the wire", "bps_L2": "bit/s", "percentage": "%"}

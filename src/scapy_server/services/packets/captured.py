"""Packets of captures as clients see them: pages of what was read, and what is to be written.

Every packet keeps what its capture says of it. A page ends early when it has read as much as
one call may.

Source: docs/captures.md, "Reading in parts".
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Annotated, Any

import msgspec

from scapy_server import limits
from scapy_server.captures.link_types import ETHERNET, link_type_of
from scapy_server.captures.reading import Capture, capture_of
from scapy_server.captures.records import PacketRecord
from scapy_server.captures.writing import plain_record
from scapy_server.errors import RefusedError, located
from scapy_server.errors import shown as quoted
from scapy_server.packet.plans.answering import Answer, PacketBuilder
from scapy_server.packet.plans.kept import Learned
from scapy_server.packet.plans.read_work import FIELD
from scapy_server.rpc import Noted
from scapy_server.schema.captures import CapturedHead
from scapy_server.services.packets.refusals import fault_of_item
from scapy_server.services.packets.reread import LastCapture, WalkedCapture
from scapy_server.shapes import checked
from scapy_server.wording import JsonType, decode_base64
from scapy_server.work import WorkExhausted

_encode = msgspec.json.Encoder().encode
#: Taking so many bytes along is as much work as reading a field.
_BYTES_OF_A_FIELD = 16 * 1024
_PARTS = "read it in parts, with the options start, count and detail"


class Detail(Enum):
    """How much is shown of each packet."""

    SUMMARY = "summary"
    TREE = "tree"
    BYTES = "bytes"

    @property
    def bound(self) -> limits.Limit:
        """How many packets one call answers with."""
        return limits.CAPTURE_PACKETS if self is Detail.TREE else limits.CAPTURE_SUMMARIES


class PageOptions(msgspec.Struct, frozen=True):
    """Which packets are asked for: from number `start` on, at most `count`."""

    start: Annotated[int, msgspec.Meta(ge=0)] = 1
    count: Annotated[int, msgspec.Meta(ge=1)] = int(limits.CAPTURE_PACKETS)
    detail: Detail = Detail.TREE


class Page(msgspec.Struct, frozen=True):
    """Packets of a capture in order.

    `next` is the number to go on from, None at the end, and `total` how many packets the
    capture has, None if there are many more. `problem` says why the capture ends there.
    """

    packets: list[msgspec.Raw]
    next: int | None
    total: int | None
    problem: str | msgspec.UnsetType = msgspec.UNSET


def page_options(raw: Mapping[str, Any]) -> PageOptions:
    """The options as a client gave them; raises RefusedError for what is none."""
    return checked(raw, PageOptions, RefusedError)


class _Part:
    """The part of a capture that is asked for, as it fills.

    What it holds, and where it ends, follows from the capture and the options alone: packets
    count as what it takes to read them without a plan, whether or not there is one.
    """

    def __init__(self, options: PageOptions, builder: PacketBuilder) -> None:
        #: The number to go on from, None as long as there is room.
        self.following: int | None = None
        self._show, self._builder, self._start = _SHOW[options.detail], builder, options.start
        self._packets: list[msgspec.Raw] = []
        self._count = min(options.count, options.detail.bound)
        self._learned: Learned | None = None
        self._work = 0

    def take(self, record: PacketRecord) -> None:
        """Show the next packet of the capture, unless it is before or behind the part."""
        if record.number < self._start or self.following is not None:
            return
        if len(self._packets) == self._count or self._work >= limits.CAPTURE_WORK:
            self.following = record.number
            return
        try:
            answer = self._show(record, self._builder)
        except WorkExhausted:
            if not self._packets:
                raise
            self.following = record.number
            return
        self._learned = answer.learned or self._learned
        self._work += answer.work + len(record.data) // _BYTES_OF_A_FIELD
        self._packets.append(msgspec.Raw(_joined(record, answer)))

    def page(self, total: int | None, damage: str | None = None) -> Noted[Page]:
        """What is answered."""
        page = Page(self._packets, self.following, total, damage or msgspec.UNSET)
        return Noted(page, self._learned)


def page(text: str, options: PageOptions, builder: PacketBuilder, last: LastCapture) -> Noted[Page]:
    """The asked part of a capture in base64; raises RefusedError if nothing is found in it."""
    part = _Part(options, builder)
    known = last.get(text)
    if known is None:
        return _walk(text, part, last)
    for record in known.records[max(0, options.start - 1) :]:
        part.take(record)
        if part.following is not None:
            break
    return part.page(len(known.records), known.damage)


def _walk(text: str, part: _Part, last: LastCapture) -> Noted[Page]:
    capture = capture_of(decode_base64(text, "pcap_base64"))
    records = []
    beyond = passed = 0
    for passed, piece in enumerate(capture.pieces()):
        limits.CAPTURE_PIECES.check(passed)
        beyond += part.following is not None
        if beyond > limits.CAPTURE_COUNTED:
            return part.page(None)
        if piece.record is not None:
            records.append(piece.record)
            part.take(piece.record)
    if not records and capture.damage:
        raise RefusedError(capture.damage)
    if passed <= limits.CAPTURE_COUNTED:  # of those it is always said how many they are
        last.keep(text, WalkedCapture(tuple(records), capture.damage))
    return part.page(len(records), capture.damage)


def every_packet(capture: Capture, builder: PacketBuilder) -> Noted[list[msgspec.Raw]]:
    """All packets of a capture, without what the capture says of them besides.

    Raises RefusedError for a capture that one call does not read.
    """
    results = []
    learned: Learned | None = None
    shown_fields = 0
    for record in capture.records():
        if record.number > limits.CAPTURE_PACKETS:
            raise RefusedError(
                f"the capture has more than {int(limits.CAPTURE_PACKETS)} packets; {_PARTS}"
            )
        try:
            result = _tree(record, builder)
        except WorkExhausted as exhausted:
            raise RefusedError(f"{exhausted.problem}; {_PARTS}") from None
        shown_fields += result.json.count(FIELD)
        if shown_fields > limits.CAPTURE_SHOWN_FIELDS:
            raise RefusedError(
                f"the capture's packets have more than {int(limits.CAPTURE_SHOWN_FIELDS)} fields; "
                f"{_PARTS}"
            )
        learned = result.learned or learned
        results.append(msgspec.Raw(_alone(result, record)))
    if not results and capture.damage:
        raise RefusedError(capture.damage)
    return Noted(results, learned)


def _alone(shown: Answer, record: PacketRecord) -> bytes:
    """What is shown of a packet, and what is wrong with it."""
    problem = record.problem or shown.problem
    if problem is None:
        return shown.json
    return shown.json[:-1] + b',"problem":%s}' % _encode(problem)


def _tree(record: PacketRecord, builder: PacketBuilder) -> Answer:
    def unread(problem: str | None = None) -> Answer:
        binary = base64.b64encode(record.data)
        return Answer(b'{"data":[],"binary":"%s"}' % binary, problem)

    return _read(record, builder.dissect, unread)


def _summary(record: PacketRecord, builder: PacketBuilder) -> Answer:
    def unread(problem: str | None = None) -> Answer:
        return Answer(b'{"info":"","layers":[]}', problem)

    return _read(record, builder.summarise, unread)


def _read(
    record: PacketRecord,
    read: Callable[[bytes, int], Answer],
    unread: Callable[[str | None], Answer],
) -> Answer:
    """A packet as it is read, or unread if there is nothing or something goes wrong with it."""
    if not record.data:
        return unread(None)
    try:
        return read(record.data, record.link_type)
    except WorkExhausted:
        raise
    except Exception as error:  # which costs no other packet its place
        return unread(fault_of_item(error).message)


def _bytes(record: PacketRecord, builder: PacketBuilder) -> Answer:
    return Answer(b'{"binary":"%s"}' % base64.b64encode(record.data))


_SHOW: Mapping[Detail, Callable[[PacketRecord, PacketBuilder], Answer]] = {
    Detail.TREE: _tree,
    Detail.SUMMARY: _summary,
    Detail.BYTES: _bytes,
}


def _joined(record: PacketRecord, shown: Answer) -> bytes:
    """What the capture says of a packet, and what is shown of it."""
    head = CapturedHead(
        record.number,
        record.time_ns,
        len(record.data),
        record.original_length,
        record.link_type,
        record.problem or shown.problem or msgspec.UNSET,
        msgspec.UNSET if record.comment is None else record.comment,
        msgspec.UNSET if record.interface is None else record.interface,
    )
    return _encode(head)[:-1] + b"," + shown.json[1:]


def dissected_packet(record: PacketRecord, builder: PacketBuilder) -> bytes:
    """A packet as a page with the detail `tree` has it, as JSON."""
    return _joined(record, _tree(record, builder))


# --- packets to be written


def records_of(raw_packets: list[Any], raw_link_type: object) -> list[PacketRecord]:
    """The packets that a client hands over: base64 texts, or objects as `page` has them.

    Raises RefusedError, located, for what is neither.
    """
    limits.WRITTEN_PACKETS.check(len(raw_packets))
    given = None if raw_link_type is None else link_type_of(raw_link_type)
    records = []
    for index, raw in enumerate(raw_packets):
        with located(f"packet {index}"):
            records.append(_record(index, raw, given))
    return records


def _record(index: int, raw: Any, link_type: int | None) -> PacketRecord:
    if isinstance(raw, str):
        frame = decode_base64(raw, "a packet")
        if not frame:
            raise RefusedError("it is empty; a packet has at least one byte")
        return plain_record(index, frame, ETHERNET if link_type is None else link_type)
    if not isinstance(raw, dict):
        kind = JsonType.of(raw).value
        raise RefusedError(f"a packet must be base64 text or an object, not {kind}")
    return _record_of(index, raw, link_type)


def _record_of(index: int, raw: dict[str, Any], link_type: int | None) -> PacketRecord:
    binary = raw.get("binary")
    if not isinstance(binary, str):
        raise RefusedError("binary must be the packet in base64")
    frame = decode_base64(binary, "binary")
    own = raw.get("link_type")
    plain = plain_record(
        index, frame, link_type_of(own if own is not None or link_type is None else link_type)
    )
    time_ns = raw.get("time_ns", plain.time_ns)
    return msgspec.structs.replace(
        plain,
        time_ns=None if time_ns is None else _integer(time_ns, "time_ns"),
        original_length=_original_length(raw, len(frame)),
        comment=_text(raw, "comment"),
        interface=_text(raw, "interface"),
    )


def _original_length(raw: dict[str, Any], length: int) -> int:
    """What the packet's length on the wire is, now that it may have been edited.

    What was not captured is still missing: the length that was captured says how much.
    """
    if raw.get("original_length") is None:
        return length
    original = _integer(raw["original_length"], "original_length")
    captured = raw.get("captured_length")
    if captured is not None:
        original += length - _integer(captured, "captured_length")
    if not 0 <= original < 1 << 32:
        raise RefusedError(f"original_length must be from 0 to 4294967295, not {original}")
    return original


def _integer(value: object, name: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and -(1 << 80) < value < 1 << 80:
        return value
    raise RefusedError(f"{name} must be a whole number, not {quoted(value)}")


def _text(raw: dict[str, Any], name: str) -> str | None:
    value = raw.get(name)
    if value is None or isinstance(value, str):
        return value or None
    raise RefusedError(f"{name} must be text, not {JsonType.of(value).value}")

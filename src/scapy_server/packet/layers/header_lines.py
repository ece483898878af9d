"""Header lines of HTTP and RTSP, written as they are given: in that order, and no others.

Scapy sorts them, spells all names its own way, and adds a length and a date. Here they stand in
the order in which a packet's fields were set, which is the order of a model. What no field says
stands in `Unknown_Headers`, a dictionary of names and values, whose name may be more than that:

- one with a colon in it is all of the line in front of the value, such as `b"Accept:"`, and may
  have whole lines before it;
- one with None for a value says where the line of another field stands, and how its name is
  spelled there; where no field is called so it is a line by itself;
- one with a number for a value says how many of the four bytes at the header's end are there, of
  one that was cut; its name is the start of the last line, where that has no colon yet.

Source: docs/models.md, "Header lines"; RFC 9112, sections 3 and 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from scapy import fields as sf
from scapy.layers.http import _HTTPContent
from scapy.packet import Packet

#: The field of all lines that no other field is for.
UNKNOWN = "Unknown_Headers"
_END = b"\r\n"
_WHOLE_END = 2 * _END
_COLON = b":"
#: So many fields are the first line.
_FIRST = 3

#: The values of a header by field, in order.
Header = dict[str, Any]


def has_lines(packet: Packet) -> bool:
    """Whether the packet is such a header."""
    return isinstance(packet, _HTTPContent)


def holds_lines(packet: Packet, field_id: str) -> bool:
    """Whether the field is the dictionary of header lines."""
    return field_id == UNKNOWN and has_lines(packet)


def is_line(packet: Packet, field_id: str) -> bool:
    """Whether the field is one of the header lines."""
    return (
        has_lines(packet)
        and field_id != UNKNOWN
        and field_id in (field.name for field in packet.fields_desc[_FIRST:])
    )


def are_lines(entries: Mapping[object, object]) -> bool:
    """Whether a dictionary may be the one of header lines."""
    return all(
        isinstance(name, bytes) and (isinstance(value, bytes | None) or _is_cut(value))
        for name, value in entries.items()
    )


def write_as_given() -> None:
    """Let Scapy's headers build what they were given."""

    def self_build(packet: Packet, **_: Any) -> bytes:
        kept: bytes | None = packet.raw_packet_cache
        if kept is not None:
            return kept
        names = [field.name for field in packet.fields_desc[:_FIRST]]
        first = {name: packet.getfieldval(name) for name in names}
        return _text(packet.fields_desc, first | packet.fields)

    common: Any = _HTTPContent
    common.self_build = self_build


def told(packet: Packet, own: bytes) -> Header:
    """What a header that was read is to be told as, so that it is written as it stands in `own`.

    What its lines do not say in the way that all are written is said in `Unknown_Headers`; where
    that does not help either it is left at the order.
    """
    fields = packet.fields_desc
    first = {field.name: packet.fields.get(field.name) for field in fields[:_FIRST]}
    there = _end_of(own)
    lines = own[: len(own) - there].split(_END)[1:]
    begun = b"" if there or not lines or _COLON in lines[-1] else lines.pop()
    in_order, named = _in_order(packet, lines), _line_by_line(packet, lines)
    if there < len(_WHOLE_END):
        in_order = named = named | {UNKNOWN: {**named.get(UNKNOWN, {}), begun: there}}
    for rest in (in_order, named):
        if _text(fields, first | rest) == own:
            return first | rest
    return first | in_order


def _end_of(own: bytes) -> int:
    """How many of the bytes with which a header ends are at the end of this one."""
    sizes = range(len(_WHOLE_END), 0, -1)
    return next((size for size in sizes if own.endswith(_WHOLE_END[:size])), 0)


def _in_order(packet: Packet, lines: Iterable[bytes]) -> Header:
    """The values as they are, each where the first line stands that it is read from."""
    known = _known(packet.fields_desc)
    order = dict.fromkeys(known.get(_plain(line), UNKNOWN) for line in lines if _COLON in line)
    return {name: packet.fields[name] for name in order if name in packet.fields}


def _line_by_line(packet: Packet, lines: Sequence[bytes]) -> Header:
    """The values of the fields, and every line by its name."""
    known = _known(packet.fields_desc)
    header: Header = {}
    entries: dict[bytes, bytes | None] = {}
    last = {known[name]: at for at, line in enumerate(lines) if (name := _plain(line)) in known}
    for at, line in enumerate(lines):
        field = known.get(_plain(line))
        if field is not None and last[field] == at and field in packet.fields:
            value = header[field] = packet.fields[field]
            name = _name(line, len(line) - len(value))
            entries = _without(entries, name, known) if name in entries else entries | {name: None}
            continue
        pairs = ((name, value) for name, value in _pairs(line, field) if name not in entries)
        entries.update([next(pairs, (line, None))])
    return header | {UNKNOWN: entries}


def _without(
    entries: Mapping[bytes, bytes | None], name: bytes, known: Mapping[bytes, str]
) -> dict[bytes, bytes | None]:
    """The entries and then a field's line, whose name is one of theirs.

    As of `Host:1` after a line that is `Host:` alone. That line is then told in the name of the
    line behind it: `{b"Host:\\r\\nHost:": None}`.
    """
    items = [*entries.items(), (name, None)]
    at = list(entries).index(name)
    (_, own), (behind, value) = items[at : at + 2]
    alone = value is None and _plain(behind) not in known
    line = name + (own or b"") + _END + (behind if alone else _before(behind))
    return dict([*items[:at], (line, value), *items[at + 2 :]])


def _pairs(line: bytes, field: str | None) -> Iterator[tuple[bytes, bytes | None]]:
    """The entries that mean a line, which no field tells; `field` is the one with its name."""
    name, colon, value = line.partition(_COLON)
    if not colon:
        yield line, None
        return
    if value.startswith(b" ") and field is None:
        yield name, value[1:]
    for end in range(len(line), len(name), -1):
        yield line[:end], line[end:]


def _name(line: bytes, end: int) -> bytes:
    """What to call a line whose value begins at `end`."""
    before = line[:end]
    return before[:-2] if before.endswith(b": ") and before.count(_COLON) == 1 else before


def _text(fields: Sequence[Any], header: Mapping[str, Any]) -> bytes:
    """The header's bytes; none if nothing is in it."""
    text = b""
    for number, field in enumerate(fields[:_FIRST]):
        value = header.get(field.name)
        text += _bytes(value) + (_END if number == _FIRST - 1 else b" ") if value else b""
    text += b"".join(line + _END for line in _lines(fields, header))
    if not text:
        return b""
    begun, there = next((entry for entry in _entries(header) if _is_cut(entry[1])), (b"", None))
    return (text if begun else text[: -len(_END)]) + begun + _WHOLE_END[:there]


def _is_cut(value: Any) -> bool:
    """Whether the value of an entry is how much is there of the header's end."""
    return type(value) is int and 0 <= value < len(_WHOLE_END)


def _entries(header: Mapping[str, Any]) -> Iterator[tuple[bytes, Any]]:
    """What stands in `Unknown_Headers`."""
    for name, value in dict(header.get(UNKNOWN) or {}).items():
        yield _bytes(name), value


def _lines(fields: Sequence[Any], header: Mapping[str, Any]) -> Iterator[bytes]:
    known = _known(fields)
    spelled = _spelled(tuple(fields))
    entries = {name: value for name, value in _entries(header) if not _is_cut(value)}
    placed = {known.get(_plain(name)) for name, value in entries.items() if value is None}
    for field, value in header.items():
        if field == UNKNOWN:
            for name, own in entries.items():
                yield from _entry(name, own, known.get(_plain(name)), header)
        elif field in spelled and field not in placed and value:
            yield _before(spelled[field]) + _bytes(value)


def _entry(
    name: bytes, value: Any, field: str | None, header: Mapping[str, Any]
) -> Iterator[bytes]:
    """The line of an entry of `Unknown_Headers`; `field` is the one with its name."""
    if value is None and field is not None:
        value = header.get(field)
        if value is None:
            return  # the line of a field that is not there
    yield name if value is None else _before(name) + _bytes(value)


def _known(fields: Sequence[Any]) -> Mapping[bytes, str]:
    """The fields for header lines by their plain names."""
    return _by_plain_name(tuple(fields))


# A class has nearly a hundred such fields, and each of its headers asks for them a few times.
@lru_cache(maxsize=64)
def _by_plain_name(fields: tuple[Any, ...]) -> Mapping[bytes, str]:
    names = (field.name for field in fields[_FIRST:] if field.name != UNKNOWN)
    return {_plain(name.encode()): name for name in names}


@lru_cache(maxsize=64)
def _spelled(fields: tuple[Any, ...]) -> Mapping[str, bytes]:
    """How the names of the fields for header lines are written."""
    return {field.name: field.real_name.encode() for field in fields[_FIRST:]}


def _plain(line: bytes) -> bytes:
    """The name of a line, or of the last one of some, as Scapy compares it."""
    return line.rpartition(_END)[2].partition(_COLON)[0].strip().replace(b"-", b"_").lower()


def _before(name: bytes) -> bytes:
    """What stands in front of the value of a line with this name."""
    return name if _COLON in name else name + b": "


def _bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | sf.RawVal) else str(value).encode()

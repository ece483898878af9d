"""A packet as coloured text: the field tree, and a hex dump with the same colour per layer."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from itertools import groupby, islice
from typing import Any, Protocol

from rich.text import Text

from scapy_server.desk.comparing import Changed, changed_fields, differing_bytes
from scapy_server.desk.names import FieldRow, field_rows, layer_names
from scapy_server.desk.packet import JsonObject, Packet
from scapy_server.wording import printable

#: Layers take these in turn, in the tree and in the dump.
LAYER_STYLES = ("cyan", "green", "yellow", "magenta", "bright_blue", "bright_red")

_LONGEST_VALUE = 100
_NS = 1_000_000_000
#: So many fields and lines of bytes are shown of an edit.
_MOST_LINES = 40


def style_of(index: int) -> str:
    """The colour of the layer at an index."""
    return LAYER_STYLES[index % len(LAYER_STYLES)]


class Shown(Protocol):
    """A packet as far as it is shown: its bytes, and its field tree."""

    @property
    def frame(self) -> bytes: ...

    @property
    def layers(self) -> Sequence[JsonObject]: ...


def title(packet: Packet, place: str = "") -> str:
    """The line above a packet: its place in a capture, its length, and when and where it was."""
    parts = [place, size_text(8 * len(packet.frame))]
    if packet.record is not None and packet.record.time_ns is not None:
        parts.append(time_text(packet.record.time_ns))
    if packet.record is not None and packet.record.interface is not None:
        parts.append(printable(packet.record.interface))
    return ", ".join(part for part in parts if part)


def time_text(time_ns: int) -> str:
    """A time to the nanosecond, as 2023-11-14 22:13:20.000000001 UTC where that has a name."""
    seconds, rest = divmod(time_ns, _NS)
    try:
        moment = datetime.fromtimestamp(seconds, timezone.utc)
    except (OverflowError, ValueError, OSError):
        return f"{seconds}.{rest:09} s"
    return f"{moment:%Y-%m-%d %H:%M:%S}.{rest:09} UTC"


def remarks(packet: Packet) -> Iterator[str]:
    """What a capture says of the packet, and why its dissection ended early, if it did."""
    record = packet.record
    if record is not None and record.comment is not None:
        yield f"comment: {printable(record.comment)}"
    for problem in dict.fromkeys([packet.problem, None if record is None else record.problem]):
        if problem is not None:
            yield f"problem: {printable(problem)}"


def tree_lines(packet: Shown) -> Iterator[Text]:
    """A line per layer, field and part: absolute offset, size, name, value."""
    names = layer_names(packet.layers)
    shown = {index: list(rows) for index, rows in groupby(_shown_rows(packet), _layer_of)}
    for index, (name, layer) in enumerate(zip(names, packet.layers, strict=True)):
        line = Text(name, style=f"bold {style_of(index)}")
        if layer["name"] != layer["id"]:
            line.append(f"  {printable(layer['name'])}", style=style_of(index))
        line.append(f"  from byte {layer['offset']}", style="dim")
        if not layer["valid_structure"]:
            line.append(f"  reads as {layer['real_id'] or 'payload'}", style="bold red")
        yield line
        rows = shown.get(index, ())
        width = max([len(row.field_id) for row in rows], default=0)
        for row in rows:
            yield _field_line(row, width, style_of(index))


def _layer_of(row: FieldRow) -> int:
    return row.layer


def _shown_rows(packet: Shown) -> Iterator[FieldRow]:
    """The fields and what they are made of; of an option, which has a value, no more."""
    whole: FieldRow | None = None
    for row in field_rows(packet.layers):
        if whole is not None and row.depth > whole.depth and row.layer == whole.layer:
            continue
        whole = row if row.depth % 2 and row.has_value else None
        yield row


def _field_line(row: FieldRow, width: int, style: str) -> Text:
    item, absent = row.field, row.field.get("ignored")
    if row.bit_offset is None:
        place, size = "", "absent" if absent else "unplaced"
    else:
        place, size = position(row.bit_offset), size_text(row.bit_length)
    line = Text(f"{place:>8}  {size:>10}  ", style="dim")
    line.append(f"{row.field_id:<{width}}", style="dim" if absent else style)
    text = value_text(item) if row.has_value else printable(str(item.get("name", "")))
    line.append(f"  {text}", style="dim" if absent or not row.has_value else "")
    return line


def position(bits: int) -> str:
    """A place as people write it: `14`, or `14.4` for bit 4 of byte 14."""
    return f"{bits // 8}.{bits % 8}" if bits % 8 else str(bits // 8)


def size_text(bits: int) -> str:
    """`6 bytes`, or `4 bits` where it is no whole number of bytes."""
    if bits % 8:
        return f"{bits} bit{'s' if bits != 1 else ''}"
    return f"{bits // 8} byte{'s' if bits != 8 else ''}"


def value_text(item: JsonObject) -> str:
    """A field's value: as people read it, with the number behind a name."""
    value, shown = item["value"], str(item["hvalue"])
    if isinstance(value, dict):
        shown = _bytes_text(value) if value.get("vtype") == "BYTES" else shown
    elif isinstance(value, int) and not shown[:1].isdigit() and shown[:1] != "-":
        shown = f"{shown} ({value})" if shown else str(value)
    text = printable(shown)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."


def _bytes_text(value: dict[str, Any]) -> str:
    try:
        data = base64.b64decode(str(value.get("base64", "")), validate=True)
    except (binascii.Error, ValueError):
        return "?"
    if data and data.isascii() and data.decode().isprintable():
        return f"{data.decode()!r} ({size_text(8 * len(data))})"
    return f"{data[: _LONGEST_VALUE // 2].hex()} ({size_text(8 * len(data))})".lstrip()


def dump_lines(packet: Shown, most_bytes: int, per_line: int = 16) -> Iterator[Text]:
    """A hex dump of the first bytes of the packet, each in the colour of its layer.

    `per_line` is 16 (lines of 74 columns) or 8 (42).
    """
    yield from _dump(packet, 0, most_bytes, per_line)
    if len(packet.frame) > most_bytes:
        yield Text(f"... {len(packet.frame) - most_bytes} more bytes; hex shows all", style="dim")


def _dump(packet: Shown, first: int, end: int, per_line: int) -> Iterator[Text]:
    frame = packet.frame[:end]
    owners = _owners(packet.layers, len(frame))
    for start in range(first, len(frame), per_line):
        line = Text(f"{start:06x}  ", style="dim")
        indices = range(start, min(start + per_line, len(frame)))
        for index in indices:
            line.append(f"{frame[index]:02x}", style=style_of(owners[index]))
            line.append("  " if index - start == 7 else " ")
        missing = per_line - len(indices)
        line.append(" " * (3 * missing + (missing > per_line - 8) + 1))
        for index in indices:
            character = chr(frame[index]) if 0x20 <= frame[index] < 0x7F else "."
            line.append(character, style=style_of(owners[index]))
        yield line


def changed_lines(before: Packet, after: Packet, per_line: int = 16) -> Iterator[Text]:
    """A line per field that an edit changed, and the lines of the dump with other bytes."""
    rows = list(changed_fields(before, after))
    width = max([len(change.row.path) for change in rows[:_MOST_LINES]], default=0)
    for change in rows[:_MOST_LINES]:
        yield _changed_line(change, width)
    yield from _and_more(len(rows), "fields")
    starts = sorted(
        {
            at - at % per_line
            for at in differing_bytes(before.frame, after.frame)
            if at < len(after.frame)
        }
    )
    yield Text()
    for start in starts[:_MOST_LINES]:
        yield from islice(_dump(after, start, start + per_line, per_line), 1)
    yield from _and_more(len(starts), "lines of bytes")


def _changed_line(change: Changed, width: int) -> Text:
    row = change.row
    place = "" if row.bit_offset is None else position(row.bit_offset)
    line = Text(f"{place:>8}  {size_text(row.bit_length):>10}  ", style="dim")
    line.append(f"{row.path:<{width}}  ", style=style_of(row.layer))
    if change.after is None:
        return line.append(f"gone, was {value_text(row.field)}", style="dim")
    if change.before is None:
        return line.append(f"{value_text(row.field)}  new")
    line.append(f"{value_text(change.before.field)} -> ", style="dim")
    return line.append(value_text(row.field))


def _and_more(count: int, what: str) -> Iterator[Text]:
    if count > _MOST_LINES:
        yield Text(f"... {count - _MOST_LINES} more {what}; show prints all", style="dim")


def _owners(layers: Sequence[JsonObject], length: int) -> list[int]:
    """For each byte the index of the layer that it belongs to: the last that has begun."""
    owners = [0] * length
    starts = sorted((layer["offset"], index) for index, layer in enumerate(layers))
    for number, (start, index) in enumerate(starts):
        end = starts[number + 1][0] if number + 1 < len(starts) else length
        owners[start:end] = [index] * (min(end, length) - min(start, length))
    return owners

"""A field's value as it is read and typed: in which base, by which name."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import FieldRow
from scapy_server.desk.packet import JsonObject, Packet
from scapy_server.desk.typed import bytes_value, value_of

#: How numbers may be shown: by what each is called, and how its texts begin.
BASES = {"given": "as given", "dec": "decimal", "hex": "hexadecimal", "bin": "binary"}
_BINARY = re.compile(r"0[bB][01_]+\Z")
_MOST_CHARACTERS = 400
#: No number of a field has more digits than one of 512 bits in binary, nor is longer text one.
_MOST_DIGITS = 514


#: By their bits: how the texts of addresses look, and what makes one.
_ADDRESSES: Mapping[int, tuple[re.Pattern[str], Callable[[int], str]]] = {
    32: (re.compile(r"[0-9]+(\.[0-9]+){3}\Z"), lambda value: str(IPv4Address(value))),
    48: (
        re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}\Z"),
        lambda value: value.to_bytes(6, "big").hex(":"),
    ),
    128: (re.compile(r"[0-9a-f:.]*:[0-9a-f:.]*\Z"), lambda value: str(IPv6Address(value))),
}


@dataclass
class Bases:
    """In which base a page shows numbers: each as it was chosen for it, all others alike."""

    everywhere: str = "given"
    chosen: dict[str, str] = field(default_factory=dict)

    def text(self, row: FieldRow) -> str:
        """A field's value as it is shown."""
        value, plain = row.field.get("value"), shown(row.field)
        base = self.chosen.get(row.path, self.everywhere if _is_number(plain) else "given")
        if base == "given" or not isinstance(value, int) or value < 0:
            return plain
        return in_base(value, row.bit_length, base)

    def turn(self, row: FieldRow) -> None:
        """Show a field's number in the next base, and after the last as it is given."""
        names = list(BASES)
        now = self.chosen.get(row.path, self.everywhere)
        self.chosen[row.path] = names[(names.index(now) + 1) % len(names)]


def address_bits(field: JsonObject, bits: int) -> int:
    """How many bits the address has that a field is; 0 of what is none."""
    known = _ADDRESSES.get(bits)
    return bits if known is not None and known[0].match(shown(field)) else 0


def in_base(value: int, bits: int, base: str) -> str:
    """A number in a base, in binary with all of its bits."""
    return {"dec": str(value), "hex": f"0x{value:x}", "bin": f"0b{value:0{bits}b}"}[base]


def place_text(byte: int, in_hex: bool) -> str:
    """A place in the packet, in bytes from its start."""
    return f"0x{byte:x}" if in_hex else str(byte)


def was_in_words(row: FieldRow, packet: Packet) -> str:
    """What the capture has in a field whose bits are others now; empty where they are not.

    Of packets that are longer or shorter than theirs in the capture nobody can say it.
    """
    record, first = packet.record, row.bit_offset
    if record is None or first is None or len(record.data) != len(packet.frame):
        return ""
    then, now = (_bits(data, first, row.bit_length) for data in (record.data, packet.frame))
    if then == now:
        return ""
    return f"{_like(then, row)} in the capture"


def _bits(data: bytes, first: int, count: int) -> int:
    stop = first + count
    value = int.from_bytes(data[first // 8 : (stop + 7) // 8], "big")
    return (value >> -stop % 8) & ((1 << count) - 1)


def _like(then: int, row: FieldRow) -> str:
    """Bits as the field's value is shown now: an address, a number in its base, or bytes."""
    text, length = shown(row.field), row.bit_length
    if isinstance(row.field.get("value"), int):
        base = base_of(text) or "dec"
        return in_base(then, length, base)
    if address_bits(row.field, length):
        return _ADDRESSES[length][1](then)
    return then.to_bytes((length + 7) // 8, "big").hex(" ")


def base_of(text: str) -> str:
    """The base in which a text is a number; empty for what is none."""
    if not _is_number(text):
        return ""
    return {"0x": "hex", "0b": "bin"}.get(text[:2].lower(), "dec")


def shown(field: JsonObject) -> str:
    """A field's value as it is given to be read and typed."""
    value = field.get("value")
    if isinstance(value, dict) and value.get("vtype") == "BYTES":
        return _bytes_text(value)
    return str(field.get("hvalue", value))


def typed(field: JsonObject, text: str) -> Any:
    """The value of a model for a text that was typed over what is shown."""
    value = field.get("value")
    if isinstance(value, dict) and value.get("vtype") == "BYTES" and text[:2] not in ("b'", 'b"'):
        digits = _digits_of(text)
        if digits is not None:
            return bytes_value(bytes.fromhex(digits))
    if isinstance(value, int) and _BINARY.match(text.strip()):
        return int(text, 2)
    return value_of(text)


def found(choices: Mapping[str, Any], text: str, most: int) -> list[str]:
    """The names of an enumeration that a text finds: its number, a beginning, any part."""
    wanted = text.strip().lower()
    number = _number(wanted)
    ranked = [
        (rank, at, name)
        for at, (name, value) in enumerate(choices.items())
        if (rank := _rank(wanted, number, name.lower(), value)) is not None
    ]
    return [name for _, _, name in sorted(ranked)[:most]]


def chosen(choices: Mapping[str, Any], text: str) -> str:
    """What a text that was entered means: itself if it is a name or a number, else the first
    name that it is a part of, and itself again where there is none."""
    if not text.strip() or text in choices or _is_number(text):
        return text
    return next(iter(found(choices, text, 1)), text)


def _rank(wanted: str, number: int | None, name: str, value: Any) -> int | None:
    if number is not None and value == number:
        return 0
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    return 2 if wanted in name else None


def _number(text: str) -> int | None:
    if len(text) > _MOST_DIGITS:
        return None
    try:
        return int(text, 0)
    except ValueError:
        return int(text) if text.isdecimal() else None


def _is_number(text: str) -> bool:
    return _number(text.strip()) is not None


def bits_of(value: int, groups: Iterable[JsonObject]) -> list[tuple[JsonObject, JsonObject | None]]:
    """For each group of named bits the name of what stands in it, if that has one."""
    return [
        (
            group,
            next(
                (each for each in group["values"] if each["value"] == value & group["mask"]), None
            ),
        )
        for group in groups
    ]


def _bytes_text(value: JsonObject) -> str:
    try:
        data = base64.b64decode(str(value.get("base64", "")), validate=True)
    except (binascii.Error, ValueError):
        return ""
    if data and data.isascii() and data.decode().isprintable() and len(data) < _MOST_CHARACTERS:
        text = data.decode()
        return text if _is_plain(text) else repr(data)
    return data.hex()


def _is_plain(text: str) -> bool:
    """Whether a text that is typed for bytes means its own letters, and nothing else."""
    if _digits_of(text) is not None or text != text.strip():
        return False
    try:
        return bool(value_of(text) == text)
    except DeskError:
        return False


def _digits_of(text: str) -> str | None:
    """The digits of bytes in hexadecimal; None for a text that is none."""
    digits = text.replace(" ", "").removeprefix("0x")
    is_hex = len(digits) % 2 == 0 and all(digit in "0123456789abcdefABCDEF" for digit in digits)
    return digits if is_hex else None

"""Slots: where a frame holds a value that may differ, how it is written and how it is shown.

Source: docs/wire.md, "Values and their text".
"""

from __future__ import annotations

import binascii
import socket
from base64 import b64decode
from collections.abc import Iterable
from typing import Any

import msgspec

from scapy_server.addresses import mac_bytes
from scapy_server.packet.layers.number_form import NumberForm

_encode = msgspec.json.encode
_BINARY = b'"<binary>"'

#: The JSON of a field's value and hvalue.
Shown = tuple[bytes, bytes]

#: Numbers that a plan can hold and hand over: those of 64 bits.
LARGEST_NUMBER = (1 << 64) - 1


class NumberSlot(msgspec.Struct, frozen=True, tag="number"):
    """A number of `bits` bits that end `shift` bits before the end of frame[start:stop].

    `avoided` numbers select something else and are not for this plan.
    """

    start: int
    stop: int
    shift: int
    bits: int
    form: NumberForm
    avoided: frozenset[int] = frozenset()

    def write(self, frame: bytearray, raw: Any) -> Shown:
        """Write the value into the frame, and show it; raises if it is not for this plan."""
        number = self.form.read(raw)
        if number is None or number in self.avoided:
            raise ValueError
        start, stop, bits = self.start, self.stop, self.bits
        whole = number
        if 8 * (stop - start) != bits:
            mask = (1 << bits) - 1 << self.shift
            whole = int.from_bytes(frame[start:stop], "big") & ~mask | number << self.shift
        frame[start:stop] = whole.to_bytes(stop - start, "big")
        return number_shown(self.form, number)

    def show(self, frame: bytes | bytearray) -> Shown:
        """The value in the frame; raises if it is not for this plan."""
        number = int.from_bytes(frame[self.start : self.stop], "big")
        number = number >> self.shift & (1 << self.bits) - 1
        if number in self.avoided:
            raise ValueError
        return number_shown(self.form, number)

    def another(self) -> int | None:
        """The greatest number but the least that the slot admits, None if it has no choice."""
        if self.form.maximum > LARGEST_NUMBER:
            return None
        candidates = range(self.form.maximum, self.form.minimum, -1)
        return next((number for number in candidates if number not in self.avoided), None)


class AddressSlot(msgspec.Struct, frozen=True, tag="address"):
    """An IPv4 (4 bytes), IPv6 (16) or MAC (6) address at frame[start:stop]."""

    start: int
    stop: int

    def write(self, frame: bytearray, raw: Any) -> Shown:
        """Write the address into the frame, and show it; raises if it is none."""
        size = self.stop - self.start
        data: bytes | None
        if size == 4:
            data = socket.inet_pton(socket.AF_INET, raw)
        elif size == 16:
            data = socket.inet_pton(socket.AF_INET6, raw)
        else:
            data = mac_bytes(raw)
            if data is None:
                raise ValueError(raw)
        frame[self.start : self.stop] = data
        return self._shown(data)

    def show(self, frame: bytes | bytearray) -> Shown:
        """The address in the frame."""
        return self._shown(frame[self.start : self.stop])

    @staticmethod
    def _shown(data: bytes | bytearray) -> Shown:
        if len(data) == 4:
            shown = b'"%d.%d.%d.%d"' % tuple(data)
        elif len(data) == 16:
            shown = b'"%s"' % socket.inet_ntop(socket.AF_INET6, data).encode()
        else:
            shown = b'"%s"' % data.hex(":").encode()
        return shown, shown


class BytesSlot(msgspec.Struct, frozen=True, tag="bytes"):
    """Bytes of constant length at frame[start:stop]: text, or base64 in an object.

    Shorter ones may be `padded` with zeros.
    """

    start: int
    stop: int
    padded: bool = False

    def write(self, frame: bytearray, raw: Any) -> Shown:
        """Write the bytes into the frame, and show them; raises if they are not as long."""
        data = raw.encode() if type(raw) is str else b64decode(raw["base64"], validate=True)
        if self.padded:
            data = data.ljust(self.stop - self.start, b"\0")
        if len(data) != self.stop - self.start:
            raise ValueError
        frame[self.start : self.stop] = data
        return self.show(frame)

    def show(self, frame: bytes | bytearray) -> Shown:
        """The bytes in the frame."""
        return bytes_shown(bytes(frame[self.start : self.stop]))


Slot = NumberSlot | AddressSlot | BytesSlot


def bits_beside(length: int, slots: Iterable[Slot]) -> int:
    """All bits of `length` bytes but those that slots show."""
    mask = (1 << 8 * length) - 1
    for slot in slots:
        bits, shift = 8 * (slot.stop - slot.start), 8 * (length - slot.stop)
        if isinstance(slot, NumberSlot):
            bits, shift = slot.bits, shift + slot.shift
        mask &= ~((1 << bits) - 1 << shift)
    return mask


def bytes_shown(data: bytes) -> Shown:
    """The JSON of the value and hvalue of bytes, of which there are some."""
    base64 = binascii.b2a_base64(data, newline=False)
    text = _encode(data.decode("ascii")) if data.isascii() else _BINARY
    return b'{"vtype":"BYTES","base64":"%s"}' % base64, text


def number_shown(form: NumberForm, number: int) -> Shown:
    """The JSON of the value and hvalue of a number that is not negative."""
    return b"%d" % number, _shown(form, number)


def _shown(form: NumberForm, number: int) -> bytes:
    """The JSON of `form.show` of a number that is not negative, most of which have no name."""
    if form.shown or form.flags is not None:
        return _encode(form.show(number))
    return b'"0x%x"' % number if form.hexadecimal else b'"%d"' % number

"""Plans: packets of a known shape are patched instead of built.

A script that builds streams sends the same *shape* again and again: the same layers
with the same fields given, and only their values differ. A plan remembers all that
depends on the shape alone: the frame's bytes, and the reply with its field tree, cut
into pieces around what can differ. A later packet of the shape is made by

1. reading each given value (`Slot`): strictly, and giving up on whatever is not plain,
2. writing it over its bytes in a copy of the frame,
3. computing the checksums again, inner ones first (`Checksum`),
4. joining the pieces of the reply with the new values between them (`Reply`).

Frames that are sent to be changed (`Rewrite`) work alike: the bytes that steer the
dissection select the plan, and all other fields are shown from the frame itself.

Values that steer anything besides their own bytes (a length, a protocol number, a port
that selects the payload's dissector) belong to the shape: another value is another
plan. What may be patched is found out by planners, which watch a packet being built;
this module is plain data and arithmetic, without Scapy, so that a process that runs no
packet code can answer from it.

Whenever anything is not understood the answer is None, and the packet is built the
long way. Both ways give the same reply, byte for byte, and tests hold them to it.
"""

from __future__ import annotations

import binascii
import socket
from base64 import b64decode
from collections.abc import Callable, Iterable
from functools import cached_property
from operator import itemgetter
from typing import Any

import msgspec

from scapy_server.addresses import mac_bytes
from scapy_server.packet.layers.number_form import NumberForm

_encode = msgspec.json.encode
_BINARY = b'"<binary>"'

#: The JSON of a field's value and hvalue.
Shown = tuple[bytes, bytes]

#: What a plan takes besides its bytes, and each thing shown.
_OVERHEAD, _SHOWN_OVERHEAD = 1024, 512
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


class Checksum(msgspec.Struct, frozen=True):
    """An Internet checksum of two bytes at `at`.

    It covers the ranges of the frame, with the field itself counted as zero, and
    `constant`, the sum of all that stays as it is: the rest of a pseudo header.
    """

    at: int
    ranges: tuple[tuple[int, int], ...]
    constant: int
    form: NumberForm
    never_zero: bool = False

    def fill(self, frame: bytearray) -> Shown:
        """Compute the checksum, write it into the frame and show it."""
        frame[self.at : self.at + 2] = b"\0\0"
        number = -(self.constant + word_sum(frame, self.ranges)) % 65535
        if number == 0 and self.never_zero:
            number = 65535
        frame[self.at : self.at + 2] = number.to_bytes(2, "big")
        return number_shown(self.form, number)


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


def word_sum(frame: bytearray, ranges: tuple[tuple[int, int], ...]) -> int:
    """The ranges' one's-complement sum of 16-bit words, up to multiples of 65535.

    Such addition is addition modulo 65535, so a range is summed as one long number.
    """
    total = 0
    for start, stop in ranges:
        number = int.from_bytes(frame[start:stop], "big")
        total += number << 8 if (stop - start) & 1 else number
    return total % 65535


def joined(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The same in fewer ranges: whole words, and what follows them at once, are one."""
    found: list[tuple[int, int]] = []
    for start, stop in ranges:
        if found and found[-1][1] == start and (start - found[-1][0]) % 2 == 0:
            found[-1] = found[-1][0], stop
        else:
            found.append((start, stop))
    return tuple(found)


class Reply(msgspec.Struct, frozen=True, dict=True):
    """The JSON of a result, cut where packets of a shape differ.

    Between the pieces stand a field's value, then its hvalue, of each of the `holes`, which
    says which of the things shown; and between the last two the packet in base64.
    """

    pieces: tuple[bytes, ...]
    holes: tuple[int, ...]

    @property
    def size(self) -> int:
        """What it takes, in bytes."""
        return sum(map(len, self.pieces)) + _SHOWN_OVERHEAD * len(self.holes)

    @cached_property
    def _parts(self) -> list[bytes]:
        """The pieces, with room between them."""
        parts = [b""] * (2 * len(self.pieces) - 1)
        parts[::2] = self.pieces
        return parts

    @cached_property
    def _between(self) -> Callable[[list[bytes]], Iterable[bytes]]:
        """Takes what stands between the pieces from the texts in a row, the last is the packet."""
        if not self.holes:
            return itemgetter(slice(-1, None))
        return itemgetter(*(2 * hole + part for hole in self.holes for part in (0, 1)), -1)

    def join(self, shown: list[bytes], frame: bytearray) -> bytes:
        """The whole JSON; `shown` has value and hvalue of all things shown in a row."""
        texts = [*shown, binascii.b2a_base64(frame, newline=False)]
        parts = self._parts.copy()
        parts[1::2] = self._between(texts)
        return b"".join(parts)


class Plan(msgspec.Struct, frozen=True, tag="plan"):
    """How packets of one shape are built.

    `slots` are the given values that may differ, each with its position among all given
    values; the reply shows the slots first and then the checksums.
    """

    frame: bytes
    slots: tuple[tuple[int, Slot], ...]
    checksums: tuple[Checksum, ...]
    reply: Reply

    @property
    def size(self) -> int:
        """What it takes, in bytes."""
        return _OVERHEAD + len(self.frame) + self.reply.size

    def result(self, given: list[Any]) -> bytes | None:
        """The JSON of the result for these given values; None if one is not plain."""
        frame = bytearray(self.frame)
        shown: list[bytes] = []
        try:
            for position, slot in self.slots:
                shown += slot.write(frame, given[position])
            for checksum in self.checksums:
                shown += checksum.fill(frame)
            return self.reply.join(shown, frame)
        except Exception:  # whatever it is: the long way knows what to say of the value
            return None


class Line(msgspec.Struct, frozen=True):
    """The JSON of a `Summary`, cut where frames of a structure differ.

    `parts` are texts as JSON has them, without quotes, and the numbers of what is shown
    between them; what is `checked` besides must be shown too, for not all numbers are for
    this plan. `end` is what follows the line.
    """

    parts: tuple[bytes | int, ...]
    checked: tuple[int, ...]
    end: bytes

    def join(self, slots: tuple[Slot, ...], frame: bytearray) -> bytes:
        """The whole JSON; raises if the frame is not for this plan."""
        for number in self.checked:
            slots[number].show(frame)
        line = [
            part if isinstance(part, bytes) else slots[part].show(frame)[1][1:-1]
            for part in self.parts
        ]
        return b"".join((b'{"info":"', *line, self.end))


class Laid(msgspec.Struct, frozen=True):
    """What changes make of a frame besides writing slots: another frame around what it shows.

    `frame` has all that the changes and the structure say. Of the old frame it takes the bits
    under `head`, which keep their distance to its start, and those under `tail`, which keep
    that to its end.
    """

    frame: bytes
    head: bytes
    tail: bytes

    def over(self, frame: bytes) -> bytearray:
        """The changed frame, before slots are written."""
        old, new = (int.from_bytes(data, "big") for data in (frame, self.frame))
        head, tail = (int.from_bytes(mask, "big") for mask in (self.head, self.tail))
        further = 8 * (len(self.frame) - len(frame))
        first = old & head
        new |= old & tail | (first << further if further >= 0 else first >> -further)
        return bytearray(new.to_bytes(len(self.frame), "big"))


class Rewrite(msgspec.Struct, frozen=True, tag="rewriting"):
    """How frames of one structure are changed.

    A frame has the structure if its bits under `mask` are `structure`: everything that
    steers its dissection. All other fields are `shown` from its bytes, after the given
    values are written by the `slots`; given values that steer are `fixed`. The numbers that
    are written over must be for this plan too: `replaced`. Nothing is computed again. `line`
    makes the line on a frame without changes, if that depends on nothing else.
    """

    mask: bytes
    structure: bytes
    slots: tuple[tuple[int, Slot], ...]
    shown: tuple[Slot, ...]
    reply: Reply
    line: Line | None = None
    fixed: tuple[tuple[int, Any], ...] = ()
    replaced: tuple[Slot, ...] = ()
    laid: Laid | None = None

    @property
    def size(self) -> int:
        """What it takes, in bytes, with its mask and structure as numbers too."""
        laid = 0 if self.laid is None else len(self.laid.frame) + 2 * len(self.mask)
        return _OVERHEAD + 4 * len(self.mask) + laid + self.reply.size

    def is_for(self, frame: bytes) -> bool:
        """Whether a frame has the structure."""
        if len(frame) != len(self.mask):
            return False
        bits, mask = int.from_bytes(frame, "big"), int.from_bytes(self.mask, "big")
        return bits & mask == int.from_bytes(self.structure, "big")

    def summary(self, frame: bytes) -> bytes | None:
        """The JSON of the line on a frame of the structure, None if it is not for this plan."""
        if self.line is None:
            return None
        try:
            return self.line.join(self.shown, bytearray(frame))
        except Exception:  # as of a `Plan`
            return None

    def result(self, frame: bytes, given: list[Any]) -> bytes | None:
        """The JSON of the result for a frame of the structure; None if a value is not plain."""
        for position, value in self.fixed:
            if given[position] != value or type(given[position]) is not type(value):
                return None
        changed = bytearray(frame)
        try:
            for slot in self.replaced:
                slot.show(changed)
            if self.laid is not None:
                changed = self.laid.over(frame)
            for position, slot in self.slots:
                slot.write(changed, given[position])
            shown = [text for slot in self.shown for text in slot.show(changed)]
            return self.reply.join(shown, changed)
        except Exception:  # as of a `Plan`
            return None

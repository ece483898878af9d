"""An option of a list that Scapy keeps as tuples (TCP, DHCP, IKE), whose value becomes another.

Scapy writes such an option anew as it would, with numbers in as few bytes as they take and
with the length that is right. Here its bytes stay what they are, but for the value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class OptionBytes:
    """The bytes of an option, and which of them its members `kind`, `length` and `value` are."""

    own: bytes
    kind: slice
    length: slice
    value: slice

    def with_value(self, written: bytes, item: Any) -> bytes:
        """The option with its new value, of which Scapy has `written` the whole.

        A value of the same size, and a number that fits, goes into the old one's place. With
        one of another size the length follows if it was right.
        """
        before = self.own[self.value]
        after = _number(item, len(before))
        if after is None or not written.endswith(after.lstrip(b"\0")):
            after = written[self.value.start :]
            if written[self.kind] != self.own[self.kind]:
                return written  # in a form of another shape, as IKE has two
        head = bytearray(self.own[: self.value.start])
        if self._excess(self.own, before) == self._excess(written, after):
            head[self.length] = written[self.length]
        return bytes(head) + after + self.own[self.value.stop :]

    def _excess(self, option: bytes, value: bytes) -> int:
        """By how much the length is more than the bytes of the value: 2 in TCP."""
        return int.from_bytes(option[self.length], "big") - len(value)


def _number(item: Any, size: int) -> bytes | None:
    """A number alone in its option, in so many bytes; None of anything else."""
    match item:
        case (_, int(number)) if 0 <= number < 1 << 8 * size:
            return number.to_bytes(size, "big")
    return None

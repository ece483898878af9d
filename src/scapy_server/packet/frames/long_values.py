"""Values that take Scapy longer than other bytes do, counted by their lengths.

A number of any length is read byte by byte, each time with all that was read before; a bit string
as a text with a character for each bit; an object identifier number by number, each time with all
that is left. One such value could take a second.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from scapy.asn1.ber import BERcodec_BIT_STRING, BERcodec_INTEGER, BERcodec_OID
from scapy.layers.isakmp import ISAKMPTransformSetField

from scapy_server.packet.frames.budget import PIECE, being_read

#: The first byte of lengths in ASN.1 that have two bytes more: values that are shorter cost little.
_TWO_BYTES = 0x82


def install() -> None:
    """Let Scapy count them; harmless when called again."""
    if hasattr(ISAKMPTransformSetField.m2i, "__wrapped__"):
        return
    for codec, cost in (
        (BERcodec_INTEGER, _of_number),
        (BERcodec_BIT_STRING, _of_bits),
        (BERcodec_OID, _of_identifier),
    ):
        read: Any = codec.__dict__["do_dec"]
        setattr(codec, "do_dec", classmethod(_counted(read.__func__, 1, cost)))  # noqa: B010
    transforms: Any = ISAKMPTransformSetField
    transforms.m2i = _counted(transforms.m2i, 2, lambda data: _again_and_again(len(data)))


def _counted(
    read: Callable[..., Any], argument: int, cost: Callable[[bytes], int]
) -> Callable[..., Any]:
    """A method that counts what it costs to read the bytes that one of its arguments is."""

    @wraps(read)
    def counted(*given: Any, **named: Any) -> Any:
        budget = being_read()
        if budget is not None:
            budget.read_piece(cost(given[argument]))
        return read(*given, **named)

    return counted


def _of_number(data: bytes) -> int:
    return _again_and_again(_size(data))


def _of_bits(data: bytes) -> int:
    return _one_by_one(_size(data))


def _of_identifier(data: bytes) -> int:
    return _one_by_one(_size(data)) + _again_and_again(_size(data))


def _again_and_again(size: int) -> int:
    """What it takes to read so many bytes, each with all before, as so many bytes of pieces."""
    return size * size // PIECE


def _one_by_one(size: int) -> int:
    """As `_again_and_again`, each as a piece of its own."""
    return size * PIECE


def _size(data: bytes) -> int:
    """How many bytes of a value in ASN.1 there are, 0 where they are few."""
    if len(data) < 2 or data[1] < _TWO_BYTES:
        return 0
    told = bytes(data[2 : 2 + data[1] - 0x80])
    return min(len(data), int.from_bytes(told, "big"))

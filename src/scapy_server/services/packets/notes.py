"""What a worker hands over with an answer, so that the front can give the next one like it.

Plans that were just made, and answers that depend on their parameters alone. Plain data:
who reads notes needs no packet code.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from scapy_server.packet.plans.kept import BuildPlan, RewritePlan
from scapy_server.packet.plans.varied import VariedPlan
from scapy_server.services.packets.method import Method


class Constant(msgspec.Struct, frozen=True, tag="constant"):
    """The JSON of a method's result for these params, which never changes."""

    method: str
    params: bytes
    result: bytes


Note = BuildPlan | RewritePlan | VariedPlan | Constant


class _Params(msgspec.Struct):
    params: msgspec.Raw = msgspec.Raw(b"")


_params = msgspec.json.Decoder(_Params)
_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Note] = msgspec.msgpack.Decoder(Note)


def note_of(method: Method, message: bytes, result: object, learned: Note | None) -> bytes:
    """The note to go with the result of a request, b"" if there is none that can be sent.

    The front does without what cannot be encoded: the answer itself is there.
    """
    if learned is None and method.constant:
        learned = Constant(method.name, params_of(message), msgspec.json.encode(result))
    if learned is None:
        return b""
    try:
        return _encoder.encode(learned)
    except (OverflowError, TypeError, ValueError):
        return b""


def last_learned(learned: Iterable[Note | None]) -> Note | None:
    """What goes with an answer of many packets: a note has room for one lesson."""
    return next((each for each in reversed([*learned]) if each is not None), None)


def read_note(note: bytes) -> Note:
    """A note as it was; raises msgspec.DecodeError for anything else."""
    return _decoder.decode(note)


def params_of(message: bytes) -> bytes:
    """The bytes of a request's params as they were sent, b"" if it has none."""
    return bytes(_params.decode(message).params)

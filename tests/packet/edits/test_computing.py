from __future__ import annotations

import pytest

from scapy_server.errors import RefusedError
from scapy_server.packet.codec import PacketCodec
from tests.packet.cases import CASES
from tests.packet.edits.cases import RESET, change
from tests.packet.edits.test_editor import bytes_of, reconstruct

ETHERNET = [case for case in CASES if case.link_type == 1]


def test_a_checksum_covers_the_bytes_that_are_there(codec: PacketCodec) -> None:
    """Options of TCP in a form that Scapy would not write."""
    frame = bytes.fromhex(
        "02000000000202000000000108004500002c000100004006f6c7c0000201c0000202"
        "9c40005000000001000000016002200000000000 01010101".replace(" ", "")
    )
    result = bytes_of(reconstruct(codec, frame, change("Ether", "IP", ("TCP", {"chksum": RESET}))))
    words = frame[26:34] + b"\x00\x06\x00\x18" + result[34:]
    total = sum(int.from_bytes(words[at : at + 2], "big") for at in range(0, len(words), 2))
    assert total % 65535 == 0
    assert result[:50] == frame[:50] and result[52:] == frame[52:]


@pytest.mark.parametrize("case", ETHERNET, ids=lambda case: case.name)
def test_only_reset_fields_are_others(case: object, codec: PacketCodec) -> None:
    frame = case.frame  # type: ignore[attr-defined]
    layers = codec.dissect(frame).data
    for depth, layer in enumerate(layers):
        for field in layer.fields:
            if field.id not in ("len", "chksum", "cksum") or field.ignored is True:
                continue
            changes = change(*(each.id for each in layers[:depth]), (layer.id, {field.id: RESET}))
            try:
                result = bytes_of(reconstruct(codec, frame, changes))
            except RefusedError as error:
                assert field.id in str(error)
                continue
            first = layer.offset + field.bit_offset // 8
            stop = first + field.bit_length // 8
            assert result[:first] == frame[:first] and result[stop:] == frame[stop:]

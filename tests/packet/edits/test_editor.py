"""An edit changes what was asked and nothing else."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from scapy_server.errors import RefusedError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.models.model import parse_model
from scapy_server.schema.results import LayerResult, PacketResult
from tests.packet.cases import CASES, Case
from tests.packet.edits.cases import EDITS, Edit, change

ETHERNET = [case for case in CASES if case.link_type == 1]


def reconstruct(codec: PacketCodec, frame: bytes, changes: list[dict[str, Any]]) -> PacketResult:
    return codec.reconstruct(frame, parse_model(changes, codec.registry, changing=True))


def bytes_of(result: PacketResult) -> bytes:
    return base64.b64decode(result.binary or "")


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_only_what_was_asked_is_another(edit: Edit, codec: PacketCodec) -> None:
    assert bytes_of(reconstruct(codec, edit.frame, edit.changes)).hex() == edit.right.hex()


def test_a_layer_that_scapy_wrote_anew_says_so(codec: PacketCodec) -> None:
    edit = next(edit for edit in EDITS if "type of ICMP" in edit.name)
    layers = reconstruct(codec, edit.frame, edit.changes).data
    assert [layer.rebuilt is True for layer in layers[:3]] == [False, False, True]


def fields_of(result: PacketResult) -> Iterator[tuple[LayerResult, list[str], Any]]:
    for depth, layer in enumerate(result.data):
        below = [each.id for each in result.data[:depth]]
        for field in layer.fields:
            if field.ignored is not True:
                yield layer, below, field


@pytest.mark.parametrize("case", ETHERNET, ids=lambda case: case.name)
def test_its_own_value_sent_back_changes_nothing(case: Case, codec: PacketCodec) -> None:
    for layer, below, field in fields_of(codec.dissect(case.frame)):
        for value in (field.value, field.hvalue):
            changes = change(*below, (layer.id, {field.id: value}))
            assert bytes_of(reconstruct(codec, case.frame, changes)) == case.frame, field


@pytest.mark.parametrize("case", ETHERNET[::3], ids=lambda case: case.name)
def test_a_new_number_changes_the_bits_of_its_field(case: Case, codec: PacketCodec) -> None:
    for layer, below, field in fields_of(codec.dissect(case.frame)):
        if not isinstance(field.value, int) or not field.bit_length:
            continue
        changes = change(*below, (layer.id, {field.id: field.value ^ 1}))
        result = reconstruct(codec, case.frame, changes)
        if result.data[len(below)].rebuilt is True:
            continue
        first = 8 * layer.offset + field.bit_offset
        mask = (1 << field.bit_length) - 1 << 8 * len(case.frame) - first - field.bit_length
        new, old = (int.from_bytes(data, "big") for data in (bytes_of(result), case.frame))
        assert new != old and not (new ^ old) & ~mask, field


@pytest.mark.parametrize("case", ETHERNET[::5], ids=lambda case: case.name)
def test_a_layer_that_comes_or_goes_leaves_the_bytes_of_the_others(
    case: Case, codec: PacketCodec
) -> None:
    layers = codec.dissect(case.frame).data
    ids = [layer.id for layer in layers]
    for depth in range(1, len(layers)):
        changes = [*change(*ids[:depth]), {"id": ids[depth], "delete": True}]
        left = bytes_of(reconstruct(codec, case.frame, changes))
        assert left.startswith(case.frame[: layers[depth].offset]) and len(left) < len(case.frame)
    more = bytes_of(reconstruct(codec, case.frame, change(*ids, ("Raw", {"load": "more"}))))
    assert more.replace(b"more", b"", 1) == case.frame and b"more" in more


def test_raw_is_no_first_layer(codec: PacketCodec) -> None:
    frame = ETHERNET[0].frame
    with pytest.raises(RefusedError, match="Protocol id inconsistent: the frame has Ether"):
        reconstruct(codec, frame, change(("Raw", {"load": "x"})))

"""Commands that edit, asked of the real methods; right bytes come from RFCs and the frames."""

from __future__ import annotations

import pytest

from scapy_server.captures.records import PacketRecord
from scapy_server.client import ClientError
from scapy_server.desk import editing
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import Packet
from scapy_server.desk.past.kept import bare
from tests.desk.asking import Answerer

MODEL = [{"id": "Ether"}, {"id": "IP"}, {"id": "TCP"}]
FRAME = bytes.fromhex(
    "000000010000000000020000080045000028000100004006 3ace10000001300000010014005000000000"
    "00000000500220001b100000".replace(" ", "")
)


def ids(packet: Packet) -> list[str]:
    return [layer["id"] for layer in packet.layers]


def test_a_model_becomes_a_packet_and_remembers_it(answerer: Answerer) -> None:
    packet = answerer.run(editing.built(MODEL))
    assert ids(packet) == ["Ether", "IP", "TCP"]
    assert packet.model == tuple(MODEL)
    assert len(packet.frame) == 54


def test_a_built_packet_is_built_again(answerer: Answerer) -> None:
    packet = answerer.run(editing.built(MODEL))
    changed = answerer.run(editing.set_field(packet, 1, "ttl", 9))
    assert changed.frame[22] == 9
    assert changed.frame[24:26] != packet.frame[24:26]  # the header checksum followed
    reset = answerer.run(editing.reset_field(changed, 1, "ttl"))
    assert reset.frame == packet.frame


def test_a_dissected_packet_keeps_all_other_bytes(answerer: Answerer) -> None:
    packet = answerer.run(editing.dissected(FRAME))
    changed = answerer.run(editing.set_field(packet, 1, "ttl", 9))
    assert changed.model is None
    differing = [at for at in range(54) if changed.frame[at] != FRAME[at]]
    assert differing == [22]


def test_a_field_that_is_not_there_is_refused(answerer: Answerer) -> None:
    packet = answerer.run(editing.built(MODEL))
    with pytest.raises(ClientError, match="ttll"):
        answerer.run(editing.set_field(packet, 1, "ttll", 9))
    with pytest.raises(ClientError, match="ttll"):
        answerer.run(editing.reset_field(packet, 1, "ttll"))


def test_a_drawn_value_stays_when_another_field_changes(answerer: Answerer) -> None:
    packet = answerer.run(editing.built(MODEL))
    drawn = answerer.run(editing.draw_field(packet, 1, "src", seed=5))
    changed = answerer.run(editing.set_field(drawn, 1, "ttl", 1))
    assert changed.frame[26:30] == drawn.frame[26:30]
    again = answerer.run(editing.draw_field(packet, 1, "src", seed=5))
    assert again.frame == drawn.frame


def test_layers_come_go_and_move(answerer: Answerer) -> None:
    packet = answerer.run(editing.built(MODEL))
    longer = answerer.run(editing.append_layers(packet, [{"id": "Raw"}]))
    assert ids(longer) == ["Ether", "IP", "TCP", "Raw"]
    tagged = answerer.run(editing.insert_layer(packet, 1, {"id": "Dot1Q"}))
    assert ids(tagged) == ["Ether", "Dot1Q", "IP", "TCP"]
    assert tagged.frame[12:14] == b"\x81\x00"
    assert answerer.run(editing.delete_layer(tagged, 1)).frame == packet.frame
    moved = answerer.run(editing.move_layer(tagged, 1, 2))
    assert ids(moved) == ["Ether", "IP", "Dot1Q", "TCP"]
    assert ids(answerer.run(editing.cut_layers(packet, 2))) == ["Ether", "IP"]
    with pytest.raises(DeskError, match="first layer"):
        answerer.run(editing.cut_layers(packet, 0))
    with pytest.raises(DeskError, match="no layer beyond"):
        answerer.run(editing.move_layer(packet, 2, 3))


def test_the_last_layer_of_a_dissected_packet_goes_in_place(answerer: Answerer) -> None:
    packet = answerer.run(editing.dissected(FRAME))
    shorter = answerer.run(editing.delete_layer(packet, 2))
    assert shorter.frame == FRAME[:34]
    with pytest.raises(DeskError, match="keeps one layer"):
        answerer.run(editing.delete_layer(answerer.run(editing.built(MODEL[:1])), 0))


def test_bytes_are_written_and_read_again(answerer: Answerer) -> None:
    packet = answerer.run(editing.built(MODEL))
    changed = answerer.run(editing.write_bytes(packet, 22, 23, b"\x07"))
    assert changed.frame == packet.frame[:22] + b"\x07" + packet.frame[23:]
    assert changed.model is None
    with pytest.raises(DeskError, match="0 to 53"):
        answerer.run(editing.write_bytes(packet, 50, 60, b""))


def test_what_a_capture_says_stays(answerer: Answerer) -> None:
    record = PacketRecord(5, FRAME, 1, 1_700_000_000_000_000_001, 1500, comment="see")
    packet = answerer.run(editing.dissected(FRAME, Packet(FRAME, (), record=record)))
    changed = answerer.run(editing.set_field(packet, 1, "ttl", 3))
    assert changed.record == record


@pytest.mark.parametrize(
    "answer",
    [None, [], {"data": 3}, {"data": [{}], "binary": ""}, {"data": [], "binary": "?"}],
)
def test_an_answer_without_a_packet_is_said(answer: object) -> None:
    with pytest.raises(DeskError, match="holds no packet"):
        editing.packet_of(answer)


def test_a_packet_without_its_tree_is_looked_at_again(answerer: Answerer) -> None:
    for packet in (answerer.run(editing.built(MODEL)), answerer.run(editing.dissected(FRAME))):
        assert answerer.run(editing.looked_at(bare(packet))) == packet
        assert answerer.run(editing.looked_at(packet)) is packet


def test_bytes_that_its_model_does_not_give_are_the_truth(answerer: Answerer) -> None:
    packet = Packet(FRAME, (), ({"id": "Ether"},))
    again = answerer.run(editing.looked_at(packet))
    assert (again.frame, again.model, ids(again)) == (FRAME, None, ["Ether", "IP", "TCP"])


def test_layers_that_are_shown_are_edited_whatever_the_bytes_read_as(answerer: Answerer) -> None:
    packet = answerer.run(editing.dissected(FRAME))
    other = answerer.run(editing.set_field(packet, 0, "type", 0x86DD))  # IP reads as IPv6 now
    assert not all(layer["valid_structure"] for layer in other.layers)
    edited = answerer.run(editing.set_field(other, 1, "ttl", 9))
    edited = answerer.run(editing.reset_field(edited, 1, "chksum"))
    edited = answerer.run(editing.set_field(edited, 2, "sport", 7))
    edited = answerer.run(editing.set_field(edited, 1, "dst", "48.0.0.2"))
    assert ids(edited) == ["Ether", "IP", "TCP"]
    back = answerer.run(editing.set_field(edited, 0, "type", 0x0800))
    assert all(layer["valid_structure"] for layer in back.layers)
    frame = back.frame
    assert (frame[12:14], frame[22], frame[33], frame[34:36]) == (b"\x08\0", 9, 2, b"\0\7")
    assert frame[24:26] == edited.frame[24:26] != packet.frame[24:26]  # computed when it was asked
    assert frame[26:33] == FRAME[26:33] and frame[36:] == FRAME[36:]
    assert bare(edited).last_read is None


def test_a_length_counts_what_came_however_often_it_was_edited(answerer: Answerer) -> None:
    built = answerer.run(editing.from_expression("Ether()/IP()/UDP(dport=9)/'ab'"))
    packet = answerer.run(editing.dissected(built.frame))
    for number in range(3):
        packet = answerer.run(editing.set_field(packet, 3, "load", "abc" * (number + 1)))
        packet = answerer.run(editing.set_field(packet, 1, "ttl", number))
    assert packet.frame[16:18] == built.frame[16:18]  # it has not followed
    packet = answerer.run(editing.reset_field(packet, 2, "len"))
    packet = answerer.run(editing.reset_field(packet, 1, "len"))
    assert (packet.frame[17], packet.frame[39], len(packet.frame)) == (20 + 8 + 9, 8 + 9, 51)
    short = answerer.run(editing.set_field(packet, 1, "len", 29))
    short = answerer.run(editing.set_field(short, 1, "ttl", 7))
    assert answerer.run(editing.reset_field(short, 1, "len")).frame[17] == 20 + 8 + 9


def test_after_many_changes_a_packet_is_read_again(
    answerer: Answerer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editing, "_MOST_CHANGES", 2)
    packet = answerer.run(editing.dissected(FRAME))
    for field_id in ("ttl", "ttl", "tos"):
        packet = answerer.run(editing.set_field(packet, 1, field_id, 9))
        assert packet.last_read is not None
    packet = answerer.run(editing.set_field(packet, 1, "id", 9))
    assert packet.last_read is None
    assert (packet.frame[15], packet.frame[19], packet.frame[22]) == (9, 9, 9)

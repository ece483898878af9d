from __future__ import annotations

import pytest

from scapy_server.desk.checking import computed, contradictions
from scapy_server.desk.editing import built, dissected, set_field, write_bytes
from scapy_server.desk.packet import Packet
from tests.desk.asking import Answerer

PORTS = [{"id": "sport", "value": 9}, {"id": "dport", "value": 9}]
MODEL = [{"id": "Ether"}, {"id": "IP"}, {"id": "UDP", "fields": PORTS}, {"id": "Raw"}]


@pytest.fixture(scope="module")
def packet(answerer: Answerer) -> Packet:
    return answerer.run(built(MODEL))


def automatic(layer_id: str) -> tuple[str, ...]:
    return {"IP": ("ihl", "len", "chksum"), "UDP": ("len", "chksum")}.get(layer_id, ())


def paths(answerer: Answerer, packet: Packet) -> list[str]:
    return [each.path for each in answerer.run(contradictions(packet, automatic))]


def test_what_is_computed_contradicts_nothing(answerer: Answerer, packet: Packet) -> None:
    assert paths(answerer, packet) == []
    assert paths(answerer, answerer.run(dissected(packet.frame))) == []


def test_a_checksum_that_was_set_and_its_remedy(answerer: Answerer, packet: Packet) -> None:
    wrong = answerer.run(set_field(packet, 1, "chksum", "0x1234"))
    (found,) = answerer.run(contradictions(wrong, automatic))
    assert (found.path, found.value) == ("IP.chksum", "0x1234")
    assert int(found.computed, 16) == int.from_bytes(packet.frame[24:26], "big")
    assert answerer.run(computed(wrong, [(1, "chksum")])).frame == packet.frame


def test_a_trace_whose_bytes_were_changed(answerer: Answerer, packet: Packet) -> None:
    changed = answerer.run(write_bytes(packet, 22, 23, b"\x05"))  # the time to live
    assert paths(answerer, changed) == ["IP.chksum"]
    mended = answerer.run(computed(changed, [(1, "chksum")]))
    assert mended.frame[:24] == changed.frame[:24]
    assert paths(answerer, mended) == []


def test_lengths_and_checksums_are_computed_together(answerer: Answerer, packet: Packet) -> None:
    wrong = answerer.run(set_field(packet, 1, "len", 100))
    found = answerer.run(contradictions(wrong, automatic))
    # A checksum covers the length: that of the header itself, that of UDP as its own view of it.
    assert [each.path for each in found] == ["IP.len", "IP.chksum", "UDP.chksum"]
    dissected_one = answerer.run(dissected(wrong.frame))
    for each in (wrong, dissected_one):
        fields = [(one.layer, one.field_id) for one in found]
        assert answerer.run(computed(each, fields)).frame == packet.frame


@pytest.mark.parametrize("length", [20, 25, 28, 100])
def test_a_length_that_was_set_has_its_remedy(
    answerer: Answerer, packet: Packet, length: int
) -> None:
    """However little it leaves of what is behind it: the bytes would read as others then."""
    whole = answerer.run(dissected(packet.frame))
    wrong = answerer.run(set_field(whole, 1, "len", length))
    found = answerer.run(contradictions(wrong, automatic))
    assert ("IP.len", str(length), "33") in [(f.path, f.value, f.computed) for f in found]
    assert answerer.run(computed(wrong, [(1, "len")])).frame == whole.frame


def test_layers_without_computed_fields_are_not_asked_about(answerer: Answerer) -> None:
    packet = answerer.run(built([{"id": "Ether"}]))
    before = len(answerer.asked)
    assert paths(answerer, packet) == []
    assert len(answerer.asked) == before

from __future__ import annotations

import pytest
from scapy.layers.dns import DNS, DNSRR
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.layers.rip import RIP
from scapy.packet import Raw

from scapy_server import limits
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.frames.budget import Budget, OverBudget, being_read, count_fields
from scapy_server.packet.layers.registry import Registry


@pytest.fixture
def codec(registry: Registry) -> PacketCodec:
    return PacketCodec(registry)


def message(payload: bytes) -> bytes:
    return bytes(Ether() / IP() / UDP(sport=53, dport=53) / Raw(payload))


def answers(count: int) -> bytes:
    return bytes(DNS(an=[DNSRR(rrname="a", rdata="192.0.2.1")] * count))


def test_records() -> None:
    budget = Budget()
    for _ in range(limits.READ_RECORDS):
        budget.read_record(1)
    with pytest.raises(OverBudget, match="more than 256 records"):
        budget.read_record(1)


def test_fields() -> None:
    budget = Budget()
    budget.read_fields(limits.READ_FIELDS - 1)
    budget.read_record(1)
    with pytest.raises(OverBudget, match="more than 2048 fields"):
        budget.read_fields(1)


def test_a_chain_of_layers_ends_where_its_fields_are_too_many(codec: PacketCodec) -> None:
    entries = bytes(Ether() / IP() / UDP(sport=520, dport=520) / RIP() / Raw(bytes(20 * 400)))
    result = codec.dissect(entries)
    assert sum(len(layer.fields) for layer in result.data) <= limits.READ_FIELDS
    assert result.data[-1].id == "Raw"


def test_many_layers_of_a_long_frame_end_where_they_are_copied_too_often(
    codec: PacketCodec,
) -> None:
    """Each of them carries all that follow."""
    entries = Ether() / IP() / UDP(sport=520, dport=520) / RIP() / Raw(b"\0" * 20 * 3000)
    result = codec.dissect(bytes(entries))
    assert 40 < len(result.data) < 150
    assert "takes as long as" in str(result.problem)
    jumbo = bytes(Ether() / IP() / UDP(sport=9, dport=9) / Raw(bytes(60_000)))
    assert [layer.id for layer in codec.dissect(jumbo).data] == ["Ether", "IP", "UDP", "Raw"]
    assert not codec.dissect(jumbo).problem


def test_bytes() -> None:
    budget = Budget()
    budget.read_piece(limits.READ_BYTES - 64)
    with pytest.raises(OverBudget, match="more than 1048576 bytes"):
        budget.read_piece(0)


def test_all_together() -> None:
    """Each kind is within its own bound."""
    budget = Budget()
    budget.read_piece(limits.READ_BYTES // 2 - 64)
    budget.read_layer(484)
    for _ in range(limits.READ_RECORDS // 2):
        budget.read_record(4)
    budget.read_fields(24)
    assert budget.read[0] < limits.READ_RECORDS
    assert budget.read[1] < limits.READ_FIELDS
    with pytest.raises(OverBudget, match=f"takes as long as {int(limits.READ_WORK)} fields"):
        budget.read_piece(0)
    with pytest.raises(OverBudget, match=f"takes as long as {int(limits.READ_WORK)} fields"):
        budget.read_fields(1)


def test_a_part_of_it() -> None:
    budget = Budget(2)
    budget.read_record(limits.READ_FIELDS // 2)
    budget.read_piece(100)
    assert (budget.read, budget.taken) == ((1, limits.READ_FIELDS // 2), 164)
    with pytest.raises(OverBudget):
        budget.read_fields(1)


def test_what_was_read_may_be_looked_at() -> None:
    def look(budget: Budget) -> None:
        for _ in range(2 * limits.READ_RECORDS):
            budget.read_record(1)
        budget.read_piece(2 * limits.READ_BYTES)

    with pytest.raises(OverBudget):
        look(Budget())
    read = Budget()
    read.close()
    look(read)


def test_plain_bytes_within_a_packet_are_of_its_budget() -> None:
    count_fields(limits.READ_FIELDS + 1)  # of no packet
    outer, inner = Budget(), Budget()
    with outer:
        assert being_read() is outer
        with inner:
            count_fields(3)
        with pytest.raises(OverBudget):
            count_fields(limits.READ_FIELDS + 1)
    assert being_read() is None
    assert inner.read == (0, 3)


def test_what_was_spent_is_known_once_nothing_is_counted() -> None:
    budget = Budget()
    budget.read_fields(7)
    budget.close()
    budget.read_fields(7)
    assert budget.spent == 7


def test_dissectors_do_not_go_on() -> None:
    assert not issubclass(OverBudget, Exception)


def test_a_packet_within_its_budget(codec: PacketCodec) -> None:
    result = codec.dissect(message(answers(100)))
    assert result.data[-1].id == "DNS"
    assert isinstance(result.problem, type(codec.dissect(message(b"")).problem))


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (answers(300), "to read all of it takes as long as 2560 fields"),
        (b"x" * 1400, "to read all of it takes as long as 2560 fields"),
        # Names that point to one name of a thousand labels, each to be put together again.
        (
            bytes.fromhex("000001000000 00c8 00000000")
            + (b"\x01a" * 1000 + b"\0" + bytes(10))
            + (b"\xc0\x0c" + bytes(10)) * 199,
            "to read it takes more than 1048576 bytes",
        ),
    ],
)
def test_a_packet_beyond_it_is_raw(payload: bytes, reason: str, codec: PacketCodec) -> None:
    frame = message(payload)
    result = codec.dissect(frame)
    assert [layer.id for layer in result.data] == ["Ether", "IP", "UDP", "Raw"]
    assert result.problem == f"the bytes from 42 on cannot be read as DNS: {reason}"
    assert codec.reconstruct(frame, ()) == result


def test_a_packet_of_many_short_records_is_raw(codec: PacketCodec) -> None:
    attributes = b"\x01\x03a" * 300
    header = b"\x01\x01" + (20 + len(attributes)).to_bytes(2, "big") + bytes(16)
    frame = bytes(Ether() / IP() / UDP(sport=1812, dport=1812) / Raw(header + attributes))
    assert "as Radius: it has more than 256 records" in str(codec.dissect(frame).problem)


def test_what_was_spent_is_told_of_a_layer_that_cannot_be_read(codec: PacketCodec) -> None:
    budget = Budget()
    budget.read_record(4)
    budget.read_piece(1024 - 64)
    assert budget.spent == 1 + 4 + 2
    real = codec.trace(message(answers(300)), 1)
    assert real[-1].problem is not None
    assert real[-1].spent > limits.READ_RECORDS
    assert [traced.spent for traced in real[:-1]] == [0] * (len(real) - 1)

from __future__ import annotations

import io
import struct
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from scapy_server.captures.editing import edited
from scapy_server.captures.reading import Capture, read_capture
from scapy_server.captures.records import PacketRecord
from scapy_server.errors import RefusedError
from tests.captures.files import BIG, FRAMES, LITTLE, classic, erf, erf_file, whole

NOTES = LITTLE.options((1, b"note"), (2, bytes(4)))
FILES = {
    "pcap": classic(*map(whole, FRAMES), order=">", magic=0xA1B23C4D),
    "pcap with a tail": classic(*map(whole, FRAMES)) + b"and no packets",
    "pcapng": LITTLE.section(options=NOTES)
    + LITTLE.interface(options=LITTLE.options((2, b"eth0")))
    + b"".join(LITTLE.enhanced(frame, options=NOTES) for frame in FRAMES)
    + LITTLE.block(0xBAD, b"of another vendor"),
    "pcapng of two sections": LITTLE.section()
    + LITTLE.interface()
    + LITTLE.simple(FRAMES[0])
    + BIG.section()
    + BIG.interface()
    + BIG.obsolete(FRAMES[1])
    + BIG.enhanced(FRAMES[2]),
    "ERF": erf_file(FRAMES),
}


def copy(data: bytes, change: Callable[[PacketRecord], PacketRecord | None]) -> bytes:
    def records(record: PacketRecord) -> list[PacketRecord]:
        changed = change(record)
        return [] if changed is None else [changed]

    return b"".join(edited(Capture(io.BytesIO(data)), records))


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
class TestEveryFormat:
    def test_nothing_changed(self, data: bytes) -> None:
        assert copy(data, lambda record: record) == data

    def test_one_byte_changed(self, data: bytes) -> None:
        def change(record: PacketRecord) -> PacketRecord:
            return record if record.number != 2 else record.with_data(b"The second")

        after = copy(data, change)
        differing = [place for place in range(len(data)) if after[place] != data[place]]
        assert differing == [data.index(b"the second")]
        assert len(after) == len(data)

    def test_a_longer_packet(self, data: bytes) -> None:
        def change(record: PacketRecord) -> PacketRecord:
            return record.with_data(record.data + b" and more") if record.number == 2 else record

        (_, before, _), (first, second, third) = (
            list(Capture(io.BytesIO(file)).records()) for file in (data, copy(data, change))
        )
        assert (first.data, third.data) == (FRAMES[0], FRAMES[2])
        assert second == before.with_data(b"the second and more")

    def test_a_packet_dropped(self, data: bytes) -> None:
        after = copy(data, lambda record: None if record.number == 1 else record)
        assert [record.data for record in Capture(io.BytesIO(after)).records()] == FRAMES[1:]

    def test_one_packet_becomes_two(self, data: bytes) -> None:
        def halves(record: PacketRecord) -> list[PacketRecord]:
            if record.number != 2:
                return [record]
            return [record.with_data(half) for half in (record.data[:3], record.data[3:])]

        after = b"".join(edited(Capture(io.BytesIO(data)), halves))
        records = list(Capture(io.BytesIO(after)).records())
        assert [record.data for record in records] == [FRAMES[0], b"the", b" second", FRAMES[2]]
        assert records[1].time_ns == records[2].time_ns


ODD = {
    "padding of pcapng that is not zero": LITTLE.section()
    + LITTLE.interface()
    + LITTLE.block(6, struct.pack("<IIIII", 0, 0, 7, 5, 5) + b"hello" + b"PAD" + NOTES),
    "more in a block than its packet": LITTLE.section()
    + LITTLE.interface()
    + LITTLE.block(6, struct.pack("<IIIII", 0, 0, 7, 5, 5) + b"hello, and more than that"),
    "a block whose two lengths differ": LITTLE.section()
    + LITTLE.interface()
    + LITTLE.enhanced(b"hello")[:-4]
    + b"\x01\x02\x03\x04",
    "pcap cut in the packet": classic(whole(b"first"), (9, 9, b"hello")),
    "pcapng cut in the packet": (
        LITTLE.section() + LITTLE.interface() + LITTLE.enhanced(b"hello, and more")
    )[:-14],
    "ERF cut in the packet": erf(b"first") + erf(b"hello, and more")[:-10],
    "ERF longer than it was on the wire": erf(b"first") + erf(b"hello, and more", wire=9),
}


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
class TestOddRecords:
    def test_an_edit_in_place_leaves_every_other_byte(self, data: bytes) -> None:
        after = copy(data, lambda record: record.with_data(record.data.replace(b"h", b"J")))
        assert after == data.replace(b"hello", b"Jello")
        assert after != data

    def test_a_longer_packet_lacks_and_is_followed_by_what_it_was(self, data: bytes) -> None:
        def longer(record: PacketRecord) -> PacketRecord:
            return record.with_data(record.data.replace(b"hello", b"oh, hello"))

        before, after = (
            list(Capture(io.BytesIO(file)).records()) for file in (data, copy(data, longer))
        )
        assert [record.data for record in after] == [longer(record).data for record in before]
        assert [record.lacking for record in after] == [record.lacking for record in before]
        assert [record.comment for record in after] == [record.comment for record in before]


def test_a_simple_block_keeps_what_is_behind_its_packet() -> None:
    head = LITTLE.section() + LITTLE.interface(snaplen=5)
    data = head + LITTLE.block(3, struct.pack("<I", 900) + b"hello, and more")
    assert copy(data, lambda record: record.with_data(b"Jello")) == data.replace(b"h", b"J")


def test_what_was_not_captured_is_still_missing() -> None:
    data = classic((3, 60, b"abc"))
    after = copy(data, lambda record: record.with_data(b"abcdef"))
    (record,) = read_capture(after)
    assert (record.data, record.original_length) == (b"abcdef", 63)


def test_what_the_format_cannot_hold_names_the_packet() -> None:
    with pytest.raises(RefusedError, match="packet 1: pcap holds times"):
        copy(FILES["pcap"], lambda record: replace(record, time_ns=-1))

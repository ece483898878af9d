from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from scapy_server.captures.editing import edited
from scapy_server.captures.reading import Capture, read_capture
from scapy_server.captures.records import PacketRecord
from scapy_server.errors import RefusedError
from tests.captures.files import BIG, FRAMES, LITTLE, classic, erf_file, whole

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


def test_what_was_not_captured_is_still_missing() -> None:
    data = classic((3, 60, b"abc"))
    after = copy(data, lambda record: record.with_data(b"abcdef"))
    (record,) = read_capture(after)
    assert (record.data, record.original_length) == (b"abcdef", 63)


def test_what_the_format_cannot_hold_names_the_packet() -> None:
    with pytest.raises(RefusedError, match="packet 1: pcap holds times"):
        copy(FILES["pcap"], lambda record: replace(record, time_ns=-1))

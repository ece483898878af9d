from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from scapy_server import limits
from scapy_server.captures.reading import read_capture
from scapy_server.captures.records import PacketRecord
from scapy_server.captures.writing import (
    PcapngWriter,
    PcapWriter,
    plain_record,
    write_capture,
    write_records,
    writer_for,
)
from scapy_server.errors import RefusedError
from tests import tshark
from tests.captures.files import classic

RECORD = PacketRecord(1, b"abcd", 1, 1_700_000_000_000_001_000, 4)


def test_bytes_of_frames() -> None:
    assert write_capture([b"ab", b"c"], 101) == bytes.fromhex(
        "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 65000000"
        "00000000 00000000 02000000 02000000 6162"
        "00000000 01000000 01000000 01000000 63"
    )


def test_no_frames_make_a_header() -> None:
    assert write_capture([]) == classic()


def test_the_snap_length_covers_the_longest_frame() -> None:
    assert struct.unpack_from("<I", write_capture([bytes(65536)]), 16) == (65536,)


@pytest.mark.parametrize(
    ("changes", "writer"),
    [
        ({}, PcapWriter(1, nano=False)),
        ({"time_ns": 1}, PcapWriter(1, nano=True)),
        ({"original_length": 9}, PcapWriter(1, nano=False)),
        ({"link_type": 101}, PcapngWriter(nano=False)),
        ({"comment": "note"}, PcapngWriter(nano=False)),
        ({"interface": "eth0"}, PcapngWriter(nano=False)),
        ({"time_ns": None}, PcapngWriter(nano=False)),
        ({"time_ns": 2**32 * 1_000_000_000}, PcapngWriter(nano=False)),
        ({"time_ns": 2**32 * 1_000_000_000 + 1}, PcapngWriter(nano=True)),
    ],
)
def test_pcapng_where_one_pcap_cannot_hold_them(
    changes: dict[str, object], writer: PcapWriter | PcapngWriter
) -> None:
    assert writer_for([RECORD, replace(RECORD, **changes)]) == writer


_stamps = st.integers(0, 2**63)
_times = st.none() | _stamps.map(lambda time_ns: time_ns // 1000 * 1000) | _stamps
_texts = st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


@given(
    st.lists(
        st.builds(
            lambda data, link, time_ns, missing, interface, comment: PacketRecord(
                1,
                data,
                link,
                time_ns,
                len(data) + missing,
                interface,
                None if time_ns is None else comment,
            ),
            st.binary(min_size=1, max_size=40),
            st.sampled_from((1, 101, 65535)),
            _times,
            st.integers(0, 3),
            _texts,
            _texts,
        ),
        max_size=6,
    )
)
def test_all_that_is_known_survives(records: list[PacketRecord]) -> None:
    found = read_capture(write_records(records))
    assert [replace(record, number=1, problem=None) for record in found] == records


@pytest.mark.processes
def test_as_tshark_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "mixed.pcapng"
    path.write_bytes(
        write_records(
            [
                replace(RECORD, interface="eth0", comment="first"),
                replace(RECORD, link_type=101, time_ns=1_700_000_000_123456789),
                replace(RECORD, interface="eth0", original_length=60),
            ]
        )
    )
    names = ["frame.encap_type", "frame.time_epoch", "frame.cap_len", "frame.len"]
    assert tshark.columns(path, [*names, "frame.comment", "frame.interface_name"]) == [
        ["1", "1700000000.000001000", "4", "4", "first", "eth0"],
        ["7", "1700000000.123456789", "4", "4", "", "unknown"],
        ["1", "1700000000.000001000", "4", "60", "", "eth0"],
    ]


@pytest.mark.processes
def test_no_time_among_times_as_tshark_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "some.pcapng"
    timeless = replace(RECORD, time_ns=None, interface="eth1")
    path.write_bytes(
        write_records(
            [
                replace(RECORD, interface="eth0"),
                timeless,
                replace(timeless, original_length=60),
                replace(timeless, link_type=101, interface=None),
                replace(RECORD, interface="eth0", data=b"more than that", original_length=14),
            ]
        )
    )
    names = ["frame.encap_type", "frame.time_epoch", "frame.cap_len", "frame.len"]
    assert tshark.columns(path, names) == [
        ["1", "1700000000.000001000", "4", "4"],
        ["1", "", "4", "4"],
        ["1", "", "4", "60"],
        ["7", "", "4", "4"],
        ["1", "1700000000.000001000", "14", "14"],
    ]


def test_a_packet_without_a_time_is_a_simple_block() -> None:
    records = [replace(RECORD, time_ns=None), replace(RECORD, time_ns=None, comment="note")]
    found = read_capture(write_records(records))
    assert [record.time_ns for record in found] == [None, 0]  # a comment needs another block


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"comment": "x" * 65536}, "a comment may be at most 65535 bytes"),
        ({"interface": "x" * 65536}, "the name of an interface may be at most 65535 bytes"),
        ({"time_ns": -1}, "not one that a capture can hold"),
        ({"time_ns": 2**64 * 1000}, "not one that a capture can hold"),
        ({"data": bytes(limits.FRAME_BYTES + 1)}, "a packet may be at most"),
    ],
)
def test_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(RefusedError, match=f"packet 2: .*{said}"):
        write_records([RECORD, replace(RECORD, **changes)])


def test_a_pcap_file_has_one_link_type() -> None:
    with pytest.raises(RefusedError, match="one link type"):
        PcapWriter(1).written(replace(RECORD, link_type=101))


def test_as_many_packets_as_may_be() -> None:
    records = [RECORD] * limits.WRITTEN_PACKETS
    assert len(write_records(records)) == 24 + 20 * len(records)
    with pytest.raises(RefusedError, match="at most 100000 packets"):
        write_records([*records, RECORD])


def test_as_many_bytes_as_may_be() -> None:
    fitting = (limits.CAPTURE_BYTES - 24) // (limits.FRAME_BYTES + 16)
    frames = [bytes(limits.FRAME_BYTES)] * fitting
    rest = limits.CAPTURE_BYTES - 24 - fitting * (limits.FRAME_BYTES + 16) - 16
    assert len(write_capture([*frames, bytes(rest)])) == limits.CAPTURE_BYTES
    with pytest.raises(RefusedError, match=f"at most {int(limits.CAPTURE_BYTES)} bytes"):
        write_capture([*frames, bytes(rest + 1)])


def test_a_frame_of_which_nothing_else_is_known() -> None:
    assert plain_record(2, b"ab", 101) == PacketRecord(3, b"ab", 101, 2000, 2)

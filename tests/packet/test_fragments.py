"""Fragments: rules of the RFCs on made packets, and tshark puts real ones together."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.captures.writing import write_capture
from scapy_server.errors import RefusedError
from scapy_server.packet.fragments import fragmented
from tests import tshark

DATA = random.Random(5).randbytes(3000)


def ipv4(data: bytes, options: bytes = b"", word: int = 0) -> bytes:
    size = 20 + len(options)
    head = struct.pack(">BBHHHBBH", 0x40 | size // 4, 0, size + len(data), 77, word, 64, 17, 0)
    return head + bytes([192, 0, 2, 1, 192, 0, 2, 2]) + options + data


def ipv6(data: bytes, next_header: int = 17) -> bytes:
    addresses = bytes.fromhex("20010db8" + "00" * 11 + "01") * 2
    return struct.pack(">IHBB", 6 << 28, len(data), next_header, 64) + addresses + data


def udp(data: bytes) -> bytes:
    return struct.pack(">HHHH", 1025, 40000, 8 + len(data), 0) + data


@pytest.mark.processes
@pytest.mark.parametrize("mtu", [68, 576, 1499, 1500, 3007])
def test_tshark_puts_ipv4_together(mtu: int, tmp_path: Path) -> None:
    packet = ipv4(udp(DATA))
    pieces = fragmented(packet, mtu, 1)
    assert all(len(piece) <= mtu for piece in pieces)
    path = tmp_path / "parts.pcap"
    path.write_bytes(write_capture(pieces, 101))
    options = ("-o", "ip.defragment:TRUE", "-Y", "udp")
    rows = tshark.columns(path, ["ip.reassembled.data", "ip.checksum.status"], *options)
    assert [row[0].replace(":", "") for row in rows] == [udp(DATA).hex()]
    states = tshark.columns(path, ["ip.checksum.status"])
    assert {state for (state,) in states} == {"1"}


@pytest.mark.processes
@pytest.mark.parametrize("mtu", [96, 1280, 1500])
def test_tshark_puts_ipv6_together(mtu: int, tmp_path: Path) -> None:
    pieces = fragmented(ipv6(udp(DATA)), mtu, 0x1234)
    assert all(len(piece) <= mtu for piece in pieces)
    path = tmp_path / "parts.pcap"
    path.write_bytes(write_capture(pieces, 101))
    options = ("-o", "ipv6.defragment:TRUE", "-Y", "udp")
    rows = tshark.columns(path, ["ipv6.reassembled.data", "ipv6.fraghdr.ident"], *options)
    assert [row[0].replace(":", "") for row in rows] == [udp(DATA).hex()]
    assert {row[1] for row in rows} == {"0x00001234"}


@given(st.integers(68, 400), st.integers(1, 1200), st.integers(68, 400))
def test_fragments_of_fragments_make_the_same_whole(first: int, size: int, second: int) -> None:
    for packet, head in ((ipv4(DATA[:size]), 20), (ipv6(DATA[:size], 59), 48)):
        pieces = [
            part for piece in fragmented(packet, first, 9) for part in fragmented(piece, second, 8)
        ]
        whole = bytearray(size)
        for piece in pieces:
            if head == 20:
                word, data = int.from_bytes(piece[6:8], "big"), piece[20:]
                place, more = 8 * (word & 0x1FFF), bool(word & 0x2000)
            elif piece[6] == 44:
                word, data = int.from_bytes(piece[42:44], "big"), piece[48:]
                place, more = word & ~7, bool(word & 1)
                assert piece[44:48] == bytes([0, 0, 0, 9 if len(packet) > first else 8])
            else:
                place, more, data = 0, False, piece[40:]
            whole[place : place + len(data)] = data
            assert more == (place + len(data) < size)
        assert whole == DATA[:size]


def test_options_that_are_copied_stand_in_every_fragment() -> None:
    record_route, router_alert = bytes([7, 3, 4]), bytes([148, 4, 0, 0])
    packet = ipv4(DATA[:200], record_route + b"\x01" + router_alert, word=0x4000)
    first, *others = fragmented(packet, 100, 1)
    assert first[20:28] == record_route + b"\x01" + router_alert
    assert [piece[20:24] for piece in others] == [router_alert] * len(others)
    assert all(piece[6] & 0x40 for piece in (first, *others))


def test_headers_on_the_way_stand_before_the_fragment_header() -> None:
    hop_by_hop, routing = bytes([43, 0, 1, 4, 0, 0, 0, 0]), bytes([60, 0, 4, 0, 0, 0, 0, 0])
    at_the_end = bytes([17, 0, 1, 4, 0, 0, 0, 0])
    packet = ipv6(hop_by_hop + routing + at_the_end + DATA[:200], next_header=0)
    for piece in fragmented(packet, 120, 1):
        assert piece[40:48] == hop_by_hop
        assert piece[48:56] == bytes([44]) + routing[1:]
        assert piece[56] == 60


def test_what_fits_stays_without_what_lies_behind_it() -> None:
    packet = ipv4(DATA[:20])
    assert fragmented(packet + b"padding", 68, 1) == [packet]


@pytest.mark.parametrize(
    ("packet", "said"),
    [
        (b"", "only IPv4 and IPv6"),
        (b"\x50" + bytes(60), "only IPv4 and IPv6"),
        (ipv4(DATA)[:100], "do not fit the bytes"),
        (ipv6(DATA)[:100], "does not fit the bytes"),
        (ipv6(bytes([60, 200]) + bytes(100), 0), "not all there"),
        (ipv6(b"".join([b"\x00\x02" + bytes(22)] * 3) + b"\x3b\x02" + bytes(22), 0), "alone"),
        (ipv6(b"\x3b\x07" + bytes(62) + DATA[:100], 0), "no room"),
        (ipv4(DATA[:200], word=0x1FFF), "beyond the greatest offset"),
    ],
)
def test_what_cannot_be_cut_is_refused(packet: bytes, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        fragmented(packet, 68, 1)


@given(st.binary(max_size=120), st.integers(68, 100))
def test_any_bytes_are_cut_or_refused(packet: bytes, mtu: int) -> None:
    try:
        assert fragmented(packet, mtu, 1)
    except RefusedError:
        return

"""Packets of captures, typed, come back to the server as they were read."""

from __future__ import annotations

import base64

import msgspec

from scapy_server.rpc import Dispatcher
from scapy_server.schema.captures import CapturedPacket, CapturePage
from tests.services.packets.calling import call

FRAME = bytes.fromhex("000000010000000000020000900001020304")
PACKET = {
    "binary": base64.b64encode(FRAME).decode(),
    "time_ns": 1_700_000_000_500_000_001,
    "original_length": 100,
    "captured_length": len(FRAME),
    "comment": "here",
}


def page_of(dispatcher: Dispatcher, capture: str, **options: object) -> CapturePage:
    return msgspec.convert(call(dispatcher, "read_pcap", [capture, options]), CapturePage)


def test_all_that_a_capture_says_comes_back(dispatcher: Dispatcher) -> None:
    capture = call(dispatcher, "write_pcap", [[PACKET]])
    page = page_of(dispatcher, capture)
    (packet,) = page.packets
    assert (page.total, page.next) == (1, None)
    assert (packet.bytes, packet.time_ns, packet.comment) == (FRAME, PACKET["time_ns"], "here")
    assert isinstance(packet.data, list)
    assert packet.data[0]["type"] == 0x9000
    again = call(dispatcher, "write_pcap", [msgspec.to_builtins([packet])])
    assert again == capture


def test_an_edited_packet(dispatcher: Dispatcher) -> None:
    (packet,) = page_of(dispatcher, call(dispatcher, "write_pcap", [[PACKET]])).packets
    edited = packet.with_bytes(FRAME + b"xy")
    assert edited.data is msgspec.UNSET
    written = call(dispatcher, "write_pcap", [msgspec.to_builtins([edited])])
    (found,) = page_of(dispatcher, written, detail="bytes").packets
    assert (found.bytes, found.original_length, found.time_ns, found.comment) == (
        FRAME + b"xy",
        102,
        PACKET["time_ns"],
        "here",
    )


def test_a_summary_has_no_bytes(dispatcher: Dispatcher) -> None:
    capture = call(dispatcher, "write_pcap", [[PACKET]])
    (packet,) = page_of(dispatcher, capture, detail="summary").packets
    assert isinstance(packet, CapturedPacket)
    assert packet.bytes == b""
    assert packet.layers == ["Ether", "Raw"]

"""Captures, as clients hand them in and get them. The formats are tested in tests/packet."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from scapy_server import limits
from scapy_server.rpc import Dispatcher
from tests.services.packets.calling import HANDLER, call, error, in_every_form

FRAME = "AAAAAQAAAAAAAgAACABFAAAoAAEAAEAGOs4QAAABMAAAAQAUAFAAAAAAAAAAAFACIABPfQAA"


def test_there_and_back(dispatcher: Dispatcher) -> None:
    pcap = in_every_form(dispatcher, "write_pcap", packets_base64=[FRAME, FRAME[:20]])
    assert len(base64.b64decode(pcap, validate=True)) == 24 + 16 + 54 + 16 + 15
    first, second = in_every_form(dispatcher, "read_pcap", pcap_base64=pcap)
    assert first == call(dispatcher, "reconstruct_pkt", [FRAME])
    assert second["binary"] == FRAME[:20]


def test_nothing(dispatcher: Dispatcher) -> None:
    pcap = call(dispatcher, "write_pcap", [[]])
    assert len(base64.b64decode(pcap)) == 24
    assert call(dispatcher, "read_pcap", [pcap]) == []


@pytest.mark.parametrize(
    ("method", "params", "code", "said"),
    [
        ("read_pcap", [], -32603, "pcap_base64"),
        ("read_pcap", [[]], -32603, "must be a string"),
        ("read_pcap", ["!"], -32098, "pcap_base64 must be base64"),
        ("read_pcap", ["AAAA"], -32098, ""),
        ("read_pcap", [""], -32098, ""),
        ("read_pcap", ["junk", "AAAA"], -32098, "version handler 'junk' does not match"),
        ("write_pcap", [], -32603, "packets_base64"),
        ("write_pcap", [FRAME], -32098, "version handler"),
        (
            "write_pcap",
            [[FRAME, 5]],
            -32098,
            "packet 1: a packet must be base64 text or an object, not a number",
        ),
        ("write_pcap", [HANDLER, [FRAME, "!"]], -32098, "packet 1: a packet must be base64"),
        ("write_pcap", [["AAAA"] * (limits.WRITTEN_PACKETS + 1)], -32098, "at most"),
    ],
)
def test_errors(dispatcher: Dispatcher, method: str, params: Any, code: int, said: str) -> None:
    found, message = error(dispatcher, method, params)
    assert (found, said in message) == (code, True), message

"""How ports are named."""

from __future__ import annotations

import pytest

from scapy_server.services.ports.kinds.spec import LineSpec, spec_of
from scapy_server.services.ports.plane.line import LineError


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("loop", LineSpec("loop")),
        ("loop:loss=1%", LineSpec("loop", wire="loss=1%")),
        ("null", LineSpec("null")),
        ("interface:eth1", LineSpec("interface", interface="eth1")),
        ("pcap:out.pcap", LineSpec("pcap", file="out.pcap")),
        ("pcap:out.pcap,in.pcap", LineSpec("pcap", file="out.pcap", receive="in.pcap")),
    ],
)
def test_ports_are_named(text: str, spec: LineSpec) -> None:
    assert spec_of(text) == spec


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("eth1", "'eth1' is no kind of port; there are loop, null, interface, pcap"),
        ("interface", "interface needs a name, such as interface:eth1"),
        ("pcap:", "pcap needs a name, such as pcap:out.pcap"),
        ("null:x", "a null port has no options"),
        ("loop:loss=x", "the wire 'loss=x': a share is a number"),
    ],
)
def test_what_is_no_port_is_said(text: str, sentence: str) -> None:
    with pytest.raises(LineError, match=sentence):
        spec_of(text)

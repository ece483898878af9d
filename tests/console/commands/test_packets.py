"""Making a packet and looking at it."""

from __future__ import annotations

import pytest

from tests.console.pipe import Pipe


@pytest.mark.parametrize(
    "text", ["Ether()/IP(dst='1.2.3.4')/UDP()", '[{"id": "Ether"}, {"id": "IP"}, {"id": "UDP"}]']
)
def test_build(pipe: Pipe, text: str) -> None:
    shown = pipe.run(f"build {text}")
    assert shown.startswith("42 bytes\nEther  Ethernet  from byte 0\n")
    assert "\x1b" not in shown
    assert len(pipe.session.packet.frame) == 42


@pytest.mark.parametrize("digits", ["0x00 0x00:00,00,01,00", "000000 000100"])
def test_hex_takes_bytes_as_they_are_pasted(pipe: Pipe, digits: str) -> None:
    pipe.run(f"hex {digits} 00 00 00 02 00 00 90 00")
    assert pipe.value("Ether", "type") == 0x9000


def test_looking_at_a_packet(pipe: Pipe) -> None:
    built = pipe.run("build Ether()/IP()/UDP()")
    assert pipe.run("show") == built
    assert pipe.run("hex") == built[built.index("000000  ") :]
    offsets = pipe.run("offsets").splitlines()
    assert "IP.frag     6.3       20.3       13 bits" in offsets
    assert "Raw" in pipe.run("payloads").splitlines()
    pipe.run("append IP")
    assert "IP:1.ttl      8         50         1 byte" in pipe.run("offsets").splitlines()


def test_templates(pipe: Pipe) -> None:
    assert any(line.startswith("TCP-SYN ") for line in pipe.run("templates").splitlines())
    pipe.run("template ICMP echo request")
    assert pipe.value("ICMP", "type") == 8

from __future__ import annotations

from typing import Any

import pytest

from scapy_server.captures.link_types import ETHERNET
from scapy_server.packet.models.model import parse_model
from scapy_server.packet.packets_as_text import packet_of
from scapy_server.packet.recomputing import recomputing
from scapy_server.services.packets.core import Core


def frame_of(core: Core, expression: str) -> bytes:
    return bytes(packet_of(expression, core.registry))


def reset(core: Core, expression: str, *kept: tuple[int, str]) -> dict[str, list[str]]:
    chain = core.codec.trace(frame_of(core, expression), ETHERNET)
    model: list[dict[str, Any]] = recomputing(chain, core.registry, kept)
    parse_model(model, core.registry, changing=True)
    return {
        f"{depth} {layer['id']}": [field["id"] for field in layer["fields"]]
        for depth, layer in enumerate(model)
        if layer["fields"]
    }


@pytest.mark.parametrize(
    ("expression", "fields"),
    [
        ("Ether()/ARP()", {"1 ARP": ["hwlen", "plen"]}),
        ("Ether()/IP()/UDP()", {"1 IP": ["ihl", "len", "chksum"], "2 UDP": ["len", "chksum"]}),
        (
            "Ether()/IPv6()/ICMPv6EchoRequest()",
            {"1 IPv6": ["plen"], "2 ICMPv6EchoRequest": ["cksum"]},
        ),
        # the rest of a datagram is not here
        ("Ether()/IP(flags='MF')/UDP()", {"1 IP": ["ihl", "len", "chksum"]}),
        ("Ether()/IP(frag=9)/Raw(b'x')", {"1 IP": ["ihl", "len", "chksum"]}),
        ("Ether()/IPv6()/IPv6ExtHdrFragment(m=1)/UDP()", {"1 IPv6": ["plen"]}),
        # an error quotes what was sent, as it was sent
        (
            "Ether()/IP()/ICMP(type=3)/IPerror()/UDPerror()",
            {"1 IP": ["ihl", "len", "chksum"], "2 ICMP": ["chksum"]},
        ),
        # of tunnels the innermost transport counts, and not what it carries
        (
            "Ether()/IP()/UDP(dport=2152)/GTP_U_Header()/IPv6()/IPv6ExtHdrHopByHop()/UDP()/DNS()",
            {
                "1 IP": ["ihl", "len", "chksum"],
                "2 UDP": ["len", "chksum"],
                "3 GTP_U_Header": ["length"],
                "4 IPv6": ["plen"],
                "5 IPv6ExtHdrHopByHop": ["len"],
                "6 UDP": ["len", "chksum"],
            },
        ),
        # a message may go on in TCP's next segment
        (
            "Ether()/IP()/TCP(dport=179)/BGPHeader()/BGPKeepAlive()",
            {"1 IP": ["ihl", "len", "chksum"], "2 TCP": ["dataofs", "chksum"]},
        ),
    ],
)
def test_what_is_computed_again(core: Core, expression: str, fields: dict[str, list[str]]) -> None:
    assert reset(core, expression) == fields


def test_what_was_given_is_kept(core: Core) -> None:
    found = reset(core, "Ether()/IP()/UDP()", (1, "len"), (2, "chksum"))
    assert found == {"1 IP": ["ihl", "chksum"], "2 UDP": ["len"]}


def test_nothing_to_compute_is_no_change(core: Core) -> None:
    assert (
        recomputing(core.codec.trace(frame_of(core, "Ether()/Raw(b'x')"), 1), core.registry) == []
    )

"""What stored documents of the earlier server hold is built again, to the same bytes.

The bytes are the earlier server's replies to these models.
"""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest

from scapy_server.errors import RefusedError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model

ETHER = "000000010000000000020000"
#: The EtherTypes that the RPC document prints, with their numbers.
DOCUMENTED_TYPES = """
    ATMMPOA 884c RAW_FR 6559 DNA_DL 6001 ATMFATE 8884 ATALK 809b BPQ 08ff X25 0805 PPP_DISC 8863
    DEC 6000 n_802_1Q 8100 PPP_SES 8864 TEB 6558 SCA 6007 PPP 880b FR_ARP 0808 CUST 6006 ARP 0806
    DNA_RC 6002 NetBEUI 8191 AARP 80f3 DIAG 6005 IPv4 0800 DNA_RT 6003 IPv6 86dd LAT 6004 IPX 8137
    LOOP 9000 n_802_AD 88a8 n_802_1AE 88e5
"""

NONE = {"vtype": "EXPRESSION", "expr": "None"}
CASES: list[tuple[str, dict[str, Any], str]] = [
    *(
        ("Ether", {"type": name}, ETHER + number)
        for name, number in re.findall(r"(\w+) ([0-9a-f]{4})", DOCUMENTED_TYPES)
    ),
    ("IP", {"proto": "hopopt"}, "450000140001000040003ae81000000130000001"),
    ("IPv6ExtHdrHopByHop", {"autopad": "On"}, "3b00010400000000"),
    ("ICMP", {"type": "dest-unreach", "code": "host-unreachable"}, "0301fcfe00000000"),
    ("ICMP", {"code": "host-unreachable", "type": "3"}, "0301fcfe00000000"),
    ("ICMP", {"type": 11, "code": "ttl-zero-during-reassembly"}, "0b01f4fe00000000"),
    ("ICMP", {"type": "3", "unused": 0}, "0300fcff00000000"),
    ("DNS", {}, "000001000000000000000000"),
    ("DNS", {"qd": NONE, "an": NONE}, "000001000000000000000000"),
    (
        "IP",
        {"ttl": {"vtype": "EXPRESSION", "expr": "[3]"}},
        "4500001400010000030077e81000000130000001",
    ),
    (
        "IP",
        {"src": {"vtype": "OBJECT", "value": ["1.1.1.1"]}},
        "4500001400010000400048e70101010130000001",
    ),
]


def built(registry: Registry, layer_id: str, fields: dict[str, Any]) -> dict[str, str]:
    """The texts of the layer's fields; its bytes under ""."""
    items = [{"id": field, "value": value} for field, value in fields.items()]
    model = parse_model([{"id": layer_id, "fields": items}], registry)
    result = PacketCodec(registry).build(model)
    texts = {field.id: field.hvalue for field in result.data[0].fields}
    return {**texts, "": base64.b64decode(result.binary or "").hex()}


@pytest.mark.parametrize(("layer_id", "fields", "frame"), CASES)
def test_the_bytes_are_what_they_were(
    registry: Registry, layer_id: str, fields: dict[str, Any], frame: str
) -> None:
    assert built(registry, layer_id, fields)[""] == frame


def test_codes_are_called_by_their_type(registry: Registry) -> None:
    assert built(registry, "ICMP", {"type": 3, "code": 1})["code"] == "host-unreachable"
    assert built(registry, "ICMP", {"type": 5, "code": 1})["code"] == "host-redirect"
    assert built(registry, "ICMP", {"type": 8, "code": 1})["code"] == "1"
    with pytest.raises(RefusedError, match="is not a number"):
        built(registry, "ICMP", {"type": 8, "code": "host-unreachable"})


def test_a_time_of_day_is_what_was_shown(registry: Registry) -> None:
    shown = built(registry, "ICMP", {"type": 13, "ts_ori": 47229077})
    assert shown["ts_ori"] == "13:7:9.77"
    assert built(registry, "ICMP", {"type": 13, "ts_ori": "13:7:9.77"}) == shown


@pytest.mark.parametrize(
    "data", [b"ab", b"112233", b"\x01\x02\x03\x04\x05\x06", b"0011223344556677"]
)
def test_bytes_of_a_hardware_address_are_no_text(registry: Registry, data: bytes) -> None:
    given = {"vtype": "BYTES", "base64": base64.b64encode(data).decode()}
    frame = built(registry, "BOOTP", {"chaddr": given})[""]
    assert bytes.fromhex(frame)[28:44] == data.ljust(16, b"\0")

"""Documents that name layers as they once were, with the bytes that they had."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model


def layer(layer_id: str, **fields: Any) -> dict[str, Any]:
    return {"id": layer_id, "fields": [{"id": k, "value": v} for k, v in fields.items()]}


#: What the earlier server answered to the same models.
CASES = [
    (
        [layer("Ether"), layer("IP"), layer("IGMPv3"), layer("IGMPv3mq")],
        "000000010000000000020000080045c00020000100000102c90410000001e0000016"
        "1114eeeb0000000000000000",
    ),
    ([layer("IGMPv3mr")], "00000000"),
    (
        [layer("Ether"), layer("IP"), layer("IGMPv3")],
        "000000010000000000020000080045c00018000100000102c90c10000001e00000161114eeeb",
    ),
    ([layer("IGMPv3")], "1114eeeb"),
]


@pytest.mark.parametrize(("model", "frame"), CASES)
def test_their_bytes_are_what_they_were(
    registry: Registry, model: list[dict[str, Any]], frame: str
) -> None:
    result = PacketCodec(registry).build(parse_model(model, registry))
    assert [shown.id for shown in result.data] == [asked["id"] for asked in model]
    assert base64.b64decode(result.binary or "").hex() == frame


def test_a_report_is_read_as_one_of_today(registry: Registry) -> None:
    records = {"vtype": "EXPRESSION", "expr": "[IGMPv3gr(rtype=4, maddr='224.1.2.3')]"}
    model = [layer("Ether"), layer("IP"), layer("IGMPv3"), layer("IGMPv3mr", records=records)]
    codec = PacketCodec(registry)
    binary = codec.build(parse_model(model, registry)).binary
    found = codec.dissect(base64.b64decode(binary or ""))
    assert found.data[-1].id in ("IGMPv3_MR", "IGMPv3mr")
    assert "224.1.2.3" in str(found.data[-1].fields[-1].hvalue)


def test_a_checksum_that_is_given_stands(registry: Registry) -> None:
    model = [layer("IGMPv3", chksum=5), layer("IGMPv3mra", qryIntvl=125, robust=2)]
    binary = PacketCodec(registry).build(parse_model(model, registry)).binary
    assert base64.b64decode(binary or "").hex() == "30140005007d0002"

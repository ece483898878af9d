"""A misspelt member is refused by its name; what clients send back is not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from scapy_server.errors import RefusedError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model
from scapy_server.packet.plans.answering import PacketBuilder

#: Where the member stands, what is near, and the model.
MISSPELT: list[tuple[str, str, list[dict[str, Any]]]] = [
    ("layer 0 (Ether)", 'a layer has no member \'field\'; did you mean "fields"', [
        {"id": "Ether", "field": [{"id": "src", "value": "00:00:00:00:00:99"}]}
    ]),
    ("layer 0 (IP)", 'a field has no member \'valeu\'; did you mean "value"', [
        {"id": "IP", "fields": [{"id": "ttl", "value": 1, "valeu": 2}]}
    ]),
    ("layer 0 (Raw)", 'a value has no member \'siez\'; did you mean "size"', [
        {"id": "Raw", "fields": [{"id": "load", "value": {
            "vtype": "BYTES", "generate": "random_ascii", "size": 4, "siez": 9}}]}
    ]),
    ("layer 0 (IP)", "a layer has no member 'comment'; it has id, fields", [
        {"id": "IP", "comment": "mine"}
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("place", "problem", "model"), MISSPELT)
def test_misspelt_members(
    registry: Registry, place: str, problem: str, model: list[dict[str, Any]]
) -> None:
    with pytest.raises(RefusedError) as caught:
        parse_model(model, registry)
    assert place in caught.value.message
    assert problem in caught.value.message
    builder = PacketBuilder(PacketCodec(registry))
    for _ in range(3):  # no plan may answer it either
        with pytest.raises(RefusedError):
            builder.build(model)
        assert builder.plans.built(model) is None


def test_results_are_models(registry: Registry) -> None:
    """Everything that is handed out may be sent back as it is."""
    codec = PacketCodec(registry)
    model = [{"id": layer} for layer in ("Ether", "IP", "UDP", "DNS")]
    result = codec.build(parse_model(model, registry))
    sent_back = msgspec.to_builtins(result)["data"]
    assert codec.build(parse_model(sent_back, registry)).binary == result.binary

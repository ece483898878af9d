from __future__ import annotations

import pytest

from scapy_server.errors import RefusedError
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.values.comparing import check_comparable
from tests.packet.corpus import alone, captured
from tests.packet.properties import FORMS, RootedCodec, shown


@pytest.mark.parametrize(
    ("layer", "field", "text"),
    [("Ether", "dst", "00:11"), ("IPv6", "src", "1.2.3.4"), ("UDP", "len", "long")],
)
def test_what_the_field_never_reads_as(
    registry: Registry, layer: str, field: str, text: str
) -> None:
    with pytest.raises(RefusedError):
        check_comparable(registry.layer(layer).by_id[field], text)


@pytest.mark.sweep
def test_what_is_shown_may_be_compared(registry: Registry) -> None:
    codec, refused = RootedCodec(registry), []
    for frame in (*alone(registry), *captured(registry)):
        codec.root = frame.root
        try:
            layers = codec.reconstruct(frame.data, ()).data
        except RefusedError:
            continue
        for layer in layers:
            facts = registry.layer(layer.id).by_id
            for form in FORMS:
                for field in shown(layer, form):
                    try:
                        check_comparable(facts[field.id], str(form(field)))
                    except RefusedError as error:
                        refused.append((layer.id, field.id, error.detail))
    assert refused == []

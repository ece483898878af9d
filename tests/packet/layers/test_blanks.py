from __future__ import annotations

from typing import Any

import pytest
from scapy.layers.dns import DNS
from scapy.layers.inet import IP, TCP
from scapy.layers.ldap import LDAP
from scapy.packet import Packet, Raw, bind_layers, split_layers

from scapy_server.packet.layers import blanks
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import layer_to_read, new_layer

pytestmark = pytest.mark.usefixtures("registry")


def state(packet: Packet) -> dict[str, Any]:
    return {
        name: getattr(packet, name)
        for name in dict.fromkeys(Packet.__slots__)
        if name not in {"_pkt", "_answered"}
    }


def test_an_empty_packet_is_as_scapy_makes_it(registry: Registry) -> None:
    classes = {facts.cls for facts in registry}
    made = {cls: blanks.empty(cls) for cls in classes}
    for cls, packet in made.items():
        if packet is not None:
            other = object.__new__(cls)
            other.__init__(_internal=1)  # type: ignore[misc]
            assert str(state(packet)) == str(state(other)), cls
    assert sum(packet is not None for packet in made.values()) > 0.7 * len(classes)


def test_packets_share_nothing_that_can_change() -> None:
    first, second = blanks.empty(IP), blanks.empty(IP)
    assert first is not None
    assert second is not None
    first.options.append(1)
    first.fields["ttl"] = 1
    first.overloaded_fields["proto"] = 1
    first.post_transforms.append(1)
    assert (second.options, second.ttl, second.proto) == ([], 64, 0)
    assert second.post_transforms == []
    assert blanks.empty(IP).options == []  # type: ignore[union-attr]


def test_what_is_bound_later_is_known() -> None:
    class Later(Packet):
        fields_desc = TCP.fields_desc

    before = blanks.empty(Later)
    assert before is not None
    assert IP not in before.overload_fields
    bind_layers(IP, Later, proto=253)
    try:
        after = blanks.empty(Later)
        assert after is not None
        assert after.overload_fields[IP] == {"proto": 253}
    finally:
        split_layers(IP, Later, proto=253)


def test_a_class_that_makes_its_packets_itself_is_left_to_it() -> None:
    class Own(Raw):
        def __init__(self, *arguments: Any, **fields: Any) -> None:
            super().__init__(*arguments, **fields)

    assert blanks.empty(Own) is None
    assert blanks.empty(Own) is None


def test_defaults_that_are_packets_are_left_to_scapy() -> None:
    made = blanks.empty(DNS)
    assert made is None or made.qd == DNS().qd


def test_one_that_is_to_be_read_has_no_copies_of_packets(registry: Registry) -> None:
    """Wherever all else is as in any empty one."""
    held = 0
    for cls in {facts.cls for facts in registry}:
        packet, unread = blanks.empty(cls), blanks.empty(cls, reading=True)
        if unread is None:
            assert packet is None
            continue
        own = {name for name, value in unread.default_fields.items() if isinstance(value, Packet)}
        assert own.isdisjoint(unread.fields)
        held += bool(own)
        if packet is not None:
            assert str(state(packet)) == str(state(unread))
    assert held > 20
    read = layer_to_read(LDAP, None)
    assert "protocolOp" not in read.fields
    assert "protocolOp" in new_layer(LDAP, None).fields

from __future__ import annotations

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet, Raw

from scapy_server.errors import RefusedError
from scapy_server.packet.layers.field_kinds import Kind
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import new_layer
from scapy_server.packet.values.random_values import assign_random

SEEDS = range(40)


def draws(cls: type[Packet], field_id: str, registry: Registry) -> list[object]:
    field = registry.field(registry.of_class(cls), field_id)
    values = []
    for seed in SEEDS:
        packet = new_layer(cls, None)
        assign_random(packet, field, seed)
        values.append(packet.getfieldval(field_id))
    return values


@pytest.mark.parametrize(
    ("cls", "field_id", "minimum", "maximum"),
    [
        (IP, "ttl", 0, 255),
        (IP, "frag", 0, 8191),
        (IP, "flags", 0, 7),
        (IP, "proto", 0, 255),
        (TCP, "seq", 0, 2**32 - 1),
        (IPv6, "fl", 0, 2**20 - 1),
        (UDP, "len", 0, 65535),
    ],
)
def test_numbers_fill_the_range_of_their_field(
    cls: type[Packet], field_id: str, minimum: int, maximum: int, registry: Registry
) -> None:
    values = [int(str(int(value))) for value in draws(cls, field_id, registry)]  # type: ignore[call-overload]
    assert all(minimum <= value <= maximum for value in values)
    assert max(values) > maximum // 2 > min(values)


@pytest.mark.parametrize(
    ("cls", "field_id"),
    [
        (IP, "src"),
        (IPv6, "dst"),
        (Ether, "src"),
        (ARP, "pdst"),
        (Raw, "load"),
    ],
)
def test_addresses_and_bytes_are_drawn_and_can_be_built(
    cls: type[Packet], field_id: str, registry: Registry
) -> None:
    values = draws(cls, field_id, registry)
    assert len(set(map(str, values))) == len(SEEDS)
    for value in values:
        packet = new_layer(cls, None)
        packet.setfieldval(field_id, value)
        assert packet.build()


def test_the_same_seed_draws_the_same_value(registry: Registry) -> None:
    assert draws(IP, "src", registry) == draws(IP, "src", registry)


def test_without_a_seed_values_differ(registry: Registry) -> None:
    field = registry.field(registry.of_class(IPv6), "src")
    packet = new_layer(IPv6, None)
    values = set()
    for _ in range(5):
        assign_random(packet, field, None)
        values.add(packet.getfieldval("src"))
    assert len(values) == 5


@pytest.mark.parametrize(("cls", "field_id"), [(IP, "options"), (TCP, "options")])
def test_lists_have_no_random_value(cls: type[Packet], field_id: str, registry: Registry) -> None:
    with pytest.raises(RefusedError, match="no random value"):
        draws(cls, field_id, registry)


@pytest.mark.sweep
def test_every_field_gets_a_value_or_a_refusal(registry: Registry) -> None:
    drawn = 0
    for layer in registry:
        try:
            packet = new_layer(layer.built_class, None)
        except Exception:
            continue
        for field in layer.by_id.values():
            try:
                assign_random(packet, field, 1)
            except RefusedError:
                # Numbers of a known range can always be drawn.
                assert field.kind not in (Kind.IPV4, Kind.IPV6, Kind.MAC), (layer.id, field.id)
            else:
                drawn += 1
    assert drawn > 10_000

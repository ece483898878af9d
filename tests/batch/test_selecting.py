from __future__ import annotations

import pytest
from msgspec.structs import replace

from scapy_server.batch.recipe import Recipe
from scapy_server.batch.selecting import Seen, Selector
from scapy_server.captures.records import PacketRecord
from scapy_server.errors import RefusedError
from scapy_server.services.packets.core import Core
from tests.batch.packets import records


def chosen(core: Core, recipe: Recipe) -> list[int]:
    selector = Selector(recipe, core.registry)
    return [record.number for record in records(core) if selector.matches(Seen(record, core))]


@pytest.mark.parametrize(
    ("recipe", "numbers"),
    [
        (Recipe(), list(range(1, 13))),
        (Recipe(where="number in 5..9"), [5, 6, 7, 8, 9]),
        (Recipe(where="IP.src == 10.0.0.4"), [4]),
        (Recipe(where="TCP and number > 4"), [7, 10]),
        (Recipe(bpf="vlan"), [1, 4, 7, 10]),
        (Recipe(bpf="arp"), [2, 5, 8, 11]),
        (Recipe(bpf="arp", where="number < 6"), [2, 5]),
        (Recipe(bpf=" "), list(range(1, 13))),
    ],
)
def test_packets_are_chosen_by_fields_numbers_and_filters(
    core: Core, recipe: Recipe, numbers: list[int]
) -> None:
    assert chosen(core, recipe) == numbers


def test_a_filter_goes_by_the_link_type(core: Core) -> None:
    record = next(record for record in records(core) if record.number == 3)
    raw = replace(record, data=record.data[14:], link_type=101)
    assert Selector(Recipe(bpf="udp"), core.registry).matches(Seen(raw, core))
    assert not Selector(Recipe(bpf="udp"), core.registry).matches(
        Seen(replace(raw, link_type=1), core)
    )


@pytest.mark.parametrize("text", ["host example.com", "udp port", "ether[0:3]"])
def test_what_is_no_filter_is_refused_before_any_packet(core: Core, text: str) -> None:
    with pytest.raises(RefusedError, match="is no filter for packets of link type 1: "):
        Selector(Recipe(bpf=text), core.registry)


def test_an_empty_packet_has_no_layers(core: Core) -> None:
    seen = Seen(PacketRecord(1, b"", 1, 0, 0), core)
    assert (list(seen.layers), list(seen.layer_ids)) == ([], [])

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.naming import layer_names, layer_place, split_name


def test_only_the_later_ones_are_numbered() -> None:
    names = layer_names(["Ether", "IP", "IP", "UDP", "IP"])
    assert names == ["Ether", "IP", "IP:1", "UDP", "IP:2"]


@given(st.lists(st.sampled_from(["Ether", "IP", "gtp_v2.IE_Cause", "A: B"]), max_size=8))
def test_every_name_leads_back_to_its_layer(ids: list[str]) -> None:
    for index, name in enumerate(layer_names(ids)):
        if name not in ids:
            layer_id, number = split_name(name)
            assert [at for at, other in enumerate(ids) if other == layer_id][number] == index


@pytest.mark.parametrize(
    ("name", "parts"),
    [("IP", ("IP", 0)), ("IP:0", ("IP", 0)), ("IP:12", ("IP", 12)), ("A: B:1", ("A: B", 1))],
)
def test_reading_a_name(name: str, parts: tuple[str, int]) -> None:
    assert split_name(name) == parts


@pytest.mark.parametrize("name", ["IP:", "IP:x", "IP:-1", "IP:9999999", "A: B"])
def test_what_is_no_number_of_a_layer(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        split_name(name)


def test_the_place_of_a_layer_in_a_model() -> None:
    assert layer_place(2, "IP") == "layer 2 (IP)"
    assert layer_place(2, None) == "layer 2"

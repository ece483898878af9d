from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scapy_server.cli.streams.choices import ProfileWish, number
from scapy_server.errors import RefusedError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("1000", 1000),
        ("10k", 10_000),
        ("10M", 10_000_000),
        ("4G", 4_000_000_000),
        ("1_000", 1000),
        ("1.5M", 1_500_000),
        (" 7 ", 7),
        ("9" * 20, int("9" * 20)),
    ],
)
def test_numbers_as_people_write_them(text: str, value: int) -> None:
    assert number(text, "-n") == value


@pytest.mark.parametrize("text", ["", "k", "-1", "1.5", "1T", "ten", "9" * 21, "0x10"])
def test_what_is_none_is_refused_by_its_option(text: str) -> None:
    with pytest.raises(RefusedError, match="--start must be a number such as 1000 or 10M"):
        number(text, "--start")


@pytest.mark.parametrize(
    "said",
    [
        {"ports": (1,)},
        {"multiplier": "2"},
        {"duration": 0.0},
        {"speed": "1G"},
        {"tunables": "a=1"},
        {"limit": "5"},
        {"events": Path("x")},
        {"port_macs": ("1,2",)},
        {"per_port": True},
        {"timeline": True},
    ],
)
def test_a_single_stream_has_nothing_of_a_profile(said: dict[str, Any]) -> None:
    nothing = ProfileWish()
    assert not nothing.given
    assert not ProfileWish(force=True).given  # which a single stream's file has as well
    nothing.refuse_alone()
    wish = replace(nothing, **said)
    assert wish.given
    with pytest.raises(RefusedError, match="the source is one stream"):
        wish.refuse_alone()

from __future__ import annotations

import pytest
import typer

from scapy_server.cli.ports_options import speed_of


@pytest.mark.parametrize(("text", "gigabits"), [("10", 10.0), ("100m", 0.1), ("2.5g", 2.5)])
def test_a_line_rate(text: str, gigabits: float) -> None:
    assert speed_of(text) == gigabits


def test_what_is_no_line_rate() -> None:
    with pytest.raises(typer.BadParameter, match="fast"):
        speed_of("fast")

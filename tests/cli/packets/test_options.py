"""The bounds of the options that commands for packets share, on both sides."""

from __future__ import annotations

import pytest

from scapy_server.cli.packets.options import Form
from tests.cli.rendering import command

PACKET = "Ether()/IP()/UDP()"


@pytest.mark.parametrize(
    ("option", "value", "fits"),
    [
        ("--fragment", "67", False),
        ("--fragment", "68", True),
        ("--fragment", "65535", True),
        ("--fragment", "65536", False),
        ("--fuzz", "-1", False),
        ("--fuzz", "0", True),
        ("--fuzz", str((1 << 63) - 1), True),
        ("--fuzz", str(1 << 63), False),
        ("--format", "hex", True),
        ("--format", "txt", False),
    ],
)
def test_both_sides_of_a_bound(option: str, value: str, fits: bool) -> None:
    assert command("build", PACKET, option, value).exit_code == (0 if fits else 2)


@pytest.mark.parametrize("form", list(Form))
def test_help_names_every_form(form: Form) -> None:
    assert form.value in command("build", "--help").output

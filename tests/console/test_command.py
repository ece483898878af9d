from __future__ import annotations

import pytest

from scapy_server.console.answers import Said
from scapy_server.console.command import Command, matching


def command(parameters: str = "", text: str = "Set a field. Text is read as needed.") -> Command:
    return Command("set", lambda seat, argument: Said("", None), text, parameters)


def test_usage_and_summary() -> None:
    assert command(parameters="FIELD VALUE").usage == "set FIELD VALUE"
    assert command().usage == "set"
    assert command().summary == "Set a field"
    assert command(text="Take up x.y: or z.").summary == "Take up x.y"


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("IP", ["IP", "IPv6", "ip"]),
        ("ip", ["ip", "IPv6", "IP"]),
        ("", ["IPv6", "IP", "ip", "UDP"]),
        ("U", ["UDP"]),
        ("x", []),
    ],
)
def test_what_goes_on_from_what_is_typed(typed: str, texts: list[str]) -> None:
    choices = list(matching(["IPv6", "IP", "ip", "UDP"], typed, "note"))
    assert [choice.text for choice in choices] == texts
    assert all((choice.replaces, choice.note) == (len(typed), "note") for choice in choices)

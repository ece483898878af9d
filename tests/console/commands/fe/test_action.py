from __future__ import annotations

from scapy_server.console.answers import Said
from scapy_server.console.commands.fe.action import Action


def test_usage() -> None:
    assert Action("list", lambda seat, rest: Said("", None)).usage == "list"
    assert Action("add", lambda seat, rest: Said("", None), "ID").usage == "add ID"

"""The commands, one file per family, in the order in which help lists them."""

from __future__ import annotations

from scapy_server.console.command import Command
from scapy_server.console.commands import editing, field_engine, files, general, packets

COMMANDS: tuple[Command, ...] = (
    *packets.COMMANDS,
    *editing.COMMANDS,
    *field_engine.COMMANDS,
    *files.COMMANDS,
    *general.COMMANDS,
)

__all__ = ["COMMANDS"]

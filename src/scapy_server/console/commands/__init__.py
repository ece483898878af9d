"""The commands, one file per family, in the order in which help lists them.

A **command** is an entry `Command` beside its function. The function gets the **desk**, on which
the session, the wire and the output stand, and the rest of the line; `shell` calls it, and
`completion` the function that completes its line. What is wrong is a DeskError, what the
server refuses a ClientError; the packet at hand is then what it was.
"""

from __future__ import annotations

from scapy_server.console.command import Command
from scapy_server.console.commands import editing, field_engine, files, general, packets, ports

COMMANDS: tuple[Command, ...] = (
    *packets.COMMANDS,
    *editing.COMMANDS,
    *field_engine.COMMANDS,
    *files.COMMANDS,
    *ports.COMMANDS,
    *general.COMMANDS,
)

__all__ = ["COMMANDS"]

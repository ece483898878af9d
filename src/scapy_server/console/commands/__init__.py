"""The commands, one per file, in the order in which help lists them.

A **command** is an entry `Command` beside its function. The function gets the **seat**, at which
the session, the wire and the output are, and the rest of the line, and returns an **answer**;
`shell` calls it and prints that, and `completion` the function that completes its line. What is
wrong is a DeskError, what the server refuses a ClientError; the packet at hand is then what it
was.
"""

from __future__ import annotations

from scapy_server.console.command import Command
from scapy_server.console.commands import (
    append,
    build,
    call,
    delete,
    describe,
    go_to,
    hex_bytes,
    insert_part,
    leave,
    next_packet,
    offsets,
    open_file,
    payloads,
    ping,
    previous_packet,
    random_field,
    redo,
    save,
    set_field,
    show,
    undo,
    unset_field,
    verbose,
)
from scapy_server.console.commands.fe import command as fe
from scapy_server.console.commands.known import fields, layers, template, templates
from scapy_server.console.commands.ports import list_ports, start, stats, stop

_COMMANDS: tuple[Command, ...] = (
    build.COMMAND,
    hex_bytes.COMMAND,
    show.COMMAND,
    offsets.COMMAND,
    payloads.COMMAND,
    layers.COMMAND,
    fields.COMMAND,
    templates.COMMAND,
    template.COMMAND,
    undo.COMMAND,
    redo.COMMAND,
    set_field.COMMAND,
    unset_field.COMMAND,
    random_field.COMMAND,
    append.COMMAND,
    insert_part.COMMAND,
    delete.COMMAND,
    fe.COMMAND,
    open_file.COMMAND,
    next_packet.COMMAND,
    previous_packet.COMMAND,
    go_to.COMMAND,
    save.COMMAND,
    list_ports.COMMAND,
    start.COMMAND,
    stop.COMMAND,
    stats.COMMAND,
    ping.COMMAND,
    verbose.COMMAND,
    call.COMMAND,
    leave.COMMAND,
)

#: All of them, with the one that describes them.
COMMANDS: tuple[Command, ...] = (*_COMMANDS, describe.help_command(_COMMANDS))

__all__ = ["COMMANDS"]

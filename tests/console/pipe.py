"""A console whose lines come from a test, over a real server."""

from __future__ import annotations

import io
import json
from typing import Any

from scapy_server.console.commands import COMMANDS
from scapy_server.console.output import Output
from scapy_server.console.seat import Seat
from scapy_server.console.shell import Shell
from scapy_server.console.wire import Wire


class Pipe:
    """A console whose lines come from a test."""

    def __init__(self, wire: Wire) -> None:
        self.out, self.err = io.StringIO(), io.StringIO()
        self.wire = wire
        self.seat = Seat(wire, Output(False, self.out, self.err))
        self.session = self.seat.session
        self.shell = Shell(COMMANDS, self.seat)

    def run(self, *lines: str) -> str:
        """What lines that succeed print."""
        start = self.out.tell()
        for line in lines:
            assert self.shell.execute(line), self.err.getvalue()
        return self.out.getvalue()[start:]

    def json(self, line: str) -> Any:
        """The one value that a line that succeeds prints as JSON."""
        self.seat.as_json = True
        printed = self.run(line)
        self.seat.as_json = False
        assert printed.count("\n") == 1
        return json.loads(printed)

    def fail(self, line: str) -> str:
        """The one line that a failing line prints; the packet stays as it was."""
        before = self.session.current
        start = self.err.tell()
        assert not self.shell.execute(line)
        assert self.session.current is before
        text = self.err.getvalue()[start:]
        assert text.startswith("[FAILED] ")
        assert text.count("\n") == 1
        return text

    def value(self, layer: str, field: str) -> object:
        """The value of a field of the packet at hand."""
        layers = [item for item in self.session.packet.layers if item["id"] == layer]
        return next(item["value"] for item in layers[-1]["fields"] if item["id"] == field)

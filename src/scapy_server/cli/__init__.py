"""The command `scapy-server`: `serve`, `call`, `console`, `status`, `keys`, `version` and others.

`main` is the entry point; each command is a file, and `app` lists them. `main_of_server` is the
documented `scapy_zmq_server` with its options in `documented`. A server that cannot start or a
call that fails is one line on standard error and exit status 1, wrong usage is 2.
"""

from __future__ import annotations

import sys

from scapy_server.process.stop import Stopped, StopSignals

# The commands are imported only when a signal is no traceback any more: it takes a while.


def main() -> None:
    """Run `scapy-server`. Ctrl+C and SIGTERM are quiet from the first moment on."""
    with StopSignals() as stop:
        try:
            from scapy_server.cli.app import app  # noqa: PLC0415

            app(obj=stop, prog_name="scapy-server")
        except Stopped:
            # A server that is told to stop has done its work; any other command has not.
            sys.exit(0 if {"serve", "ports"} & set(sys.argv[1:2]) else 130)


def main_of_server() -> None:
    """Run `scapy_zmq_server`, likewise."""
    with StopSignals() as stop:
        try:
            from scapy_server.cli.documented import app  # noqa: PLC0415

            app(obj=stop)
        except Stopped:
            sys.exit(0)

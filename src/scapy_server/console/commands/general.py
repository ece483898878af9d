"""The server itself: is it there, what goes over the wire, and any method of it.

Source: the first version of the RPC document, "TRex Console".
"""

from __future__ import annotations

from collections.abc import Iterator

from scapy_server.client.calls import Calls
from scapy_server.console.catalogue import Catalogue
from scapy_server.console.command import Choice, Command, Desk, matching
from scapy_server.console.session import Session
from scapy_server.desk.errors import DeskError
from scapy_server.desk.typed import from_json


def ping(desk: Desk, argument: str) -> None:
    """Ask the server for an empty answer, with the documented words."""
    desk.out.line("-> Pinging RPC server")
    desk.wire.send("ping", None)
    desk.out.success()


def verbose(desk: Desk, argument: str) -> None:
    """Show the messages on the wire from now on, or no more."""
    if argument not in ("on", "off"):
        raise DeskError("write verbose on, or verbose off")
    desk.wire.observer = desk.out.message if argument == "on" else None
    desk.out.line(f"verbose set to {argument}")


def call(desk: Desk, argument: str) -> None:
    """Call any method; without one, list them with their parameters."""
    method, _, params = argument.partition(" ")
    if not method:
        methods = desk.wire.ask(Calls.all_methods())
        desk.out.columns([(name, ", ".join(names)) for name, (_, names) in methods.items()])
        return
    if params.strip():
        desk.out.json(desk.wire.send(method, from_json(params.strip())))
    else:
        desk.out.json(desk.wire.send(method))


def quit_console(desk: Desk, argument: str) -> None:
    """Leave."""
    desk.done = True


def _complete_method(catalogue: Catalogue, session: Session, typed: str) -> Iterator[Choice]:
    if " " not in typed:
        for name, (_, names) in catalogue.methods().items():
            yield from matching([name], typed, ", ".join(names))


COMMANDS = (
    Command("ping", ping, "Ask whether the server is there."),
    Command(
        "verbose",
        verbose,
        "Show each request and reply as it goes over the wire, or no more.",
        "on|off",
        complete=("on", "off"),
    ),
    Command(
        "call",
        call,
        "Call any method of the server; alone, list the methods and their parameters. The JSON "
        "goes into params as it is, null, texts and objects too.",
        "[METHOD [JSON]]",
        ("call get_version", 'call get_template ["TCP-SYN"]', 'call build_pkt "IP()/UDP()"'),
        _complete_method,
    ),
    Command("quit", quit_console, "Leave; so do exit and Ctrl+D."),
)

"""`call`: any method of the server."""

from __future__ import annotations

from scapy_server.client.calls import Calls
from scapy_server.console.answers import Answer, Table, Value
from scapy_server.console.command import Command
from scapy_server.console.completers import complete_method
from scapy_server.console.seat import Seat
from scapy_server.desk.typed import from_json


def call(seat: Seat, argument: str) -> Answer:
    """Call a method; without one, list them with their parameters."""
    method, _, params = argument.partition(" ")
    if not method:
        methods = seat.wire.ask(Calls.all_methods())
        rows = [(name, ", ".join(names)) for name, (_, names) in methods.items()]
        values = [{"method": name, "parameters": names} for name, (_, names) in methods.items()]
        return Table(("method", "parameters"), rows, values, headed=False)
    if params.strip():
        return Value(seat.wire.send(method, from_json(params.strip())))
    return Value(seat.wire.send(method))


COMMAND = Command(
    "call",
    call,
    "Call any method of the server; alone, list the methods and their parameters. The JSON "
    "goes into params as it is, null, texts and objects too.",
    "[METHOD [JSON]]",
    ("call get_version", 'call get_template ["TCP-SYN"]', 'call build_pkt "IP()/UDP()"'),
    complete_method,
)

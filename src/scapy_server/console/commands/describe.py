"""`help`: the commands, and the server's methods, described."""

from __future__ import annotations

from collections.abc import Iterable

from scapy_server.client.calls import Calls
from scapy_server.console.answers import Answer, Said, Table
from scapy_server.console.command import Command
from scapy_server.console.seat import Seat
from scapy_server.desk.errors import DeskError


def help_command(commands: Iterable[Command]) -> Command:
    """The command that describes the others and itself."""
    listed = list(commands)

    def describe(seat: Seat, argument: str) -> Answer:
        if not argument:
            rows = [(command.name, command.summary) for command in listed]
            values = [{"command": name, "summary": summary} for name, summary in rows]
            return Table(("command", "summary"), rows, values, headed=False)
        command = next((command for command in listed if command.name == argument), None)
        return _method(seat, argument) if command is None else _described(command)

    names = tuple(command.name for command in listed)
    listed.append(
        Command(
            "help",
            describe,
            "List the commands, or describe one; or describe a method that call takes.",
            "[COMMAND|METHOD]",
            complete=(*names, "help"),
        )
    )
    return listed[-1]


def _described(command: Command) -> Answer:
    lines = [command.usage, f"  {command.help}"]
    lines += [f"  TRex > {example}" for example in command.examples]
    told = {"usage": command.usage, "help": command.help, "examples": list(command.examples)}
    return Said("\n".join(lines), told)


def _method(seat: Seat, name: str) -> Answer:
    """What the server says of one of its methods."""
    if name not in seat.wire.ask(Calls.all_methods()):
        raise DeskError(
            f"there is no command {name[:32]!r}, and no method; help lists the commands, "
            "call the methods"
        )
    method = seat.wire.ask(Calls.describe_method(name))
    parameters = {each.name: each.help for each in method.parameters}
    told = {"usage": method.usage, "help": method.summary, "parameters": parameters}
    return Said("\n".join(method.in_words()), {**told, "result": method.result})

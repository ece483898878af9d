"""Reading commands, from a person or a pipe, and running them one by one."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterable
from io import TextIOWrapper
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.output import ColorDepth

from scapy_server.client import ClientError
from scapy_server.client.calls import Calls
from scapy_server.console.catalogue import Catalogue
from scapy_server.console.command import Command, Desk
from scapy_server.console.commands import COMMANDS
from scapy_server.console.completion import ConsoleCompleter
from scapy_server.console.output import Output
from scapy_server.console.session import Session
from scapy_server.console.wire import Wire
from scapy_server.desk.errors import DeskError
from scapy_server.wording import closest

PROMPT = "TRex > "

#: Other words for commands.
_ALSO = {"exit": "quit", "?": "help"}


def run(
    server: str, timeout: float, curve_keys: Path | None = None, keep_going: bool = False
) -> bool:
    """Run the console at a terminal, or over standard input; whether all commands succeeded.

    A script ends with the first command that fails, unless it is to `keep_going`. A
    conversation has succeeded when it ends. Raises ValueError for a `server` that is not
    `host:port`, and for a directory `curve_keys` without usable keys.
    """
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    # A byte that is no text fails the one command that it stands in.
    for stream, on_error in ((sys.stdin, "surrogateescape"), (sys.stdout, "backslashreplace")):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=on_error)
    wire = Wire(server, timeout, curve_keys)
    shell = Shell(Desk(wire, Session(), Output(interactive)))
    try:
        if not interactive:
            return shell.run_lines(sys.stdin, keep_going)
        catalogue = Catalogue(Wire(server, timeout, curve_keys))
        try:
            shell.desk.out.line(f"Scapy server {server}; help lists the commands.")
            shell.converse(catalogue)
        finally:
            catalogue.close()
        return True
    finally:
        wire.close()
        if shell.desk.ports is not None:
            shell.desk.ports.close()


class Shell:
    """Runs command lines on one desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._commands = (*COMMANDS, help_command((*COMMANDS,)))
        self._by_name = {command.name: command for command in self._commands}

    def execute(self, line: str) -> bool:
        """Run one line; a failure is printed as one line. Blank lines and comments succeed."""
        name, _, argument = line.strip().partition(" ")
        if not name or name.startswith("#"):
            return True
        try:
            command = self._command(name)
            if argument.strip() and not command.parameters:
                raise DeskError(f"{name} stands alone, without {argument.strip()[:32]!r}")
            command.run(self.desk, argument.strip())
        except DeskError as error:
            self.desk.out.failure(str(error))
        except ClientError as error:
            code = "" if error.code is None else f" ({error.code})"
            self.desk.out.failure(f"{error.message}{code}")
        except KeyboardInterrupt:
            self.desk.out.failure("interrupted")
        else:
            return True
        return False

    def run_lines(self, lines: Iterable[str], keep_going: bool = False) -> bool:
        """Run every line up to `quit`, or to the first that fails; whether all succeeded."""
        succeeded = True
        for number, line in enumerate(lines, start=1):
            if not self.execute(line):
                succeeded = False
                self.desk.out.failure(f"that was line {number}")
                if not keep_going:
                    break
            if self.desk.done:
                break
        return succeeded

    def converse(self, catalogue: Catalogue) -> None:
        """Prompt for lines until the person leaves. Ctrl+C drops a line, Ctrl+D leaves."""
        completer = ConsoleCompleter(self._commands, catalogue, self.desk.session)
        prompt: PromptSession[str] = PromptSession(
            PROMPT,
            history=_history(),
            completer=completer,
            complete_in_thread=True,
            color_depth=None if self.desk.out.coloured else ColorDepth.DEPTH_1_BIT,
        )
        with _KeyboardInterrupts():
            while not self.desk.done:
                try:
                    line = prompt.prompt()
                except KeyboardInterrupt:
                    continue
                except EOFError:
                    return
                if line.strip():
                    self.desk.out.space()
                    self.execute(line)
                    self.desk.out.space()

    def _command(self, name: str) -> Command:
        command = self._by_name.get(_ALSO.get(name, name))
        if command is None:
            near = closest(name, self._by_name)
            hint = f"did you mean {near}?" if near else "help lists them"
            raise DeskError(f"there is no command {name[:32]!r}; {hint}")
        return command


def help_command(commands: Iterable[Command]) -> Command:
    """The command that describes the others and itself."""
    listed = list(commands)

    def show_help(desk: Desk, argument: str) -> None:
        if not argument:
            desk.out.columns([(command.name, command.summary) for command in listed])
            return
        command = next((command for command in listed if command.name == argument), None)
        if command is None:
            _describe_method(desk, argument)
            return
        desk.out.line(command.usage, "bold")
        desk.out.line(f"  {command.help}")
        for example in command.examples:
            desk.out.line(f"  TRex > {example}", "dim")

    names = tuple(command.name for command in listed)
    listed.append(
        Command(
            "help",
            show_help,
            "List the commands, or describe one; or describe a method that call takes.",
            "[COMMAND|METHOD]",
            complete=(*names, "help"),
        )
    )
    return listed[-1]


def _describe_method(desk: Desk, name: str) -> None:
    """What the server says of one of its methods."""
    if name not in desk.wire.ask(Calls.all_methods()):
        raise DeskError(
            f"there is no command {name[:32]!r}, and no method; help lists the commands, "
            "call the methods"
        )
    method = desk.wire.ask(Calls.describe_method(name))
    desk.out.line(f"{name}({', '.join(each.name for each in method.parameters)})", "bold")
    desk.out.line(f"  {method.summary}")
    for each in method.parameters:
        given = each.types if each.required else f"{each.types}, may be left out"
        desk.out.line(f"  {each.name} ({given}): {each.help}")
    desk.out.line(f"  Result: {method.result}")


def _history() -> History:
    """The lines of earlier conversations, if they can be kept in the user's state directory."""
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    path = state / "scapy-server" / "console_history"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))


class _KeyboardInterrupts:
    """While it is entered, Ctrl+C raises KeyboardInterrupt, whatever it did before."""

    def __enter__(self) -> None:
        self._previous = None
        if threading.current_thread() is threading.main_thread():
            self._previous = signal.signal(signal.SIGINT, signal.default_int_handler)

    def __exit__(self, *_: object) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)

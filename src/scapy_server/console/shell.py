"""Reading commands, from a person or a pipe, and running them one by one."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.output import ColorDepth

from scapy_server.client import ClientError
from scapy_server.console.catalogue import Catalogue
from scapy_server.console.command import Command
from scapy_server.console.completion import ConsoleCompleter
from scapy_server.console.output import Output
from scapy_server.console.seat import Seat
from scapy_server.console.wire import Wire
from scapy_server.desk.errors import DeskError
from scapy_server.errors import RefusedError
from scapy_server.wording import closest, printable

PROMPT = "TRex > "

#: Other words for commands.
_ALSO = {"exit": "quit", "?": "help"}


@dataclass(frozen=True)
class Wanted:
    """Which server, and how: a script may `keep_going` behind what fails, and answer in JSON.

    `script` is a file with commands; without one they come from the terminal or the pipe.
    """

    server: str
    timeout: float
    curve_keys: Path | None = None
    keep_going: bool = False
    as_json: bool = False
    script: Path | None = None

    @contextmanager
    def lines(self) -> Iterator[Iterable[str]]:
        """What a script says; RefusedError for a file that cannot be read.

        A byte that is no text fails the one command that it stands in.
        """
        if self.script is None or str(self.script) == "-":
            yield sys.stdin
            return
        try:
            file = self.script.open(encoding="utf-8", errors="surrogateescape")
        except OSError as error:
            raise RefusedError(f"{self.script}: {error.strerror}") from None
        with file:
            yield file

    def wire(self) -> Wire:
        """A connection; ValueError for what is no `host:port`, or keys that are not usable."""
        return Wire(self.server, self.timeout, self.curve_keys)


def run(commands: Sequence[Command], wanted: Wanted) -> bool:
    """Run the console at a terminal, or what a script says; whether all commands succeeded.

    A conversation has succeeded when it ends. Raises as `Wanted.wire` and `Wanted.lines`.
    """
    interactive = wanted.script is None and sys.stdin.isatty() and sys.stdout.isatty()
    # A byte that is no text fails the one command that it stands in.
    for stream, on_error in ((sys.stdin, "surrogateescape"), (sys.stdout, "backslashreplace")):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=on_error)
    wire = wanted.wire()
    shell = Shell(commands, Seat(wire, Output(interactive), as_json=wanted.as_json))
    try:
        if not interactive:
            with wanted.lines() as lines:
                return shell.run_lines(lines, wanted.keep_going)
        catalogue = Catalogue(wanted.wire())
        try:
            shell.seat.say(f"Scapy server {wanted.server}; help lists the commands.")
            shell.converse(catalogue)
        finally:
            catalogue.close()
        return True
    finally:
        wire.close()
        if shell.seat.ports is not None:
            shell.seat.ports.close()


class Shell:
    """Runs command lines at one seat."""

    def __init__(self, commands: Sequence[Command], seat: Seat) -> None:
        self.seat = seat
        self._commands = commands
        self._by_name = {command.name: command for command in commands}

    def execute(self, line: str, number: int | None = None) -> bool:
        """Run one line and print its answer, or why there is none; whether it succeeded.

        Blank lines and comments succeed. `number` is the line's in its script.
        """
        name, _, argument = line.strip().partition(" ")
        if not name or name.startswith("#"):
            return True
        try:
            command = self._command(name)
            if argument.strip() and not command.parameters:
                raise DeskError(f"{name} stands alone, without {argument.strip()[:32]!r}")
            answer = command.run(self.seat, argument.strip())
        except DeskError as error:
            self._failed(str(error), None, number)
        except ClientError as error:
            self._failed(error.message.removeprefix("Scapy Server: "), error.code, number)
        except KeyboardInterrupt:
            self._failed("interrupted", None, number)
        else:
            if self.seat.as_json:
                self.seat.out.value(answer.to_json())
            else:
                answer.print(self.seat.out)
            return True
        return False

    def run_lines(self, lines: Iterable[str], keep_going: bool = False) -> bool:
        """Run every line up to `quit`, or to the first that fails; whether all succeeded."""
        succeeded = True
        for number, line in enumerate(lines, start=1):
            if not self.execute(line, number):
                succeeded = False
                if not keep_going:
                    break
            if self.seat.done:
                break
        return succeeded

    def converse(self, catalogue: Catalogue) -> None:
        """Prompt for lines until the person leaves. Ctrl+C drops a line, Ctrl+D leaves."""
        completer = ConsoleCompleter(self._commands, catalogue, self.seat.session)
        depth = None if self.seat.out.coloured else ColorDepth.DEPTH_1_BIT
        prompt: PromptSession[str] = PromptSession(
            PROMPT,
            history=_history(),
            completer=completer,
            complete_in_thread=True,
            color_depth=depth,
        )
        with _KeyboardInterrupts():
            while not self.seat.done or not self._may_leave():
                self.seat.done = False
                try:
                    line = prompt.prompt()
                except KeyboardInterrupt:
                    continue
                except EOFError:
                    self.seat.done = True
                    continue
                if line.strip():
                    self.seat.out.space()
                    self.execute(line)
                    self.seat.out.space()

    def _may_leave(self) -> bool:
        """Ask whether changes that are in no file may be lost; Ctrl+D again says that they may."""
        unsaved = self.seat.session.unsaved
        if not unsaved or self.seat.sure:
            return True
        names = ", ".join(dict.fromkeys(printable(each.name) for each in unsaved))
        question: PromptSession[str] = PromptSession()
        try:
            said = question.prompt(f"Changes of {names} are not saved. Leave all the same? [y/N] ")
        except KeyboardInterrupt:
            return False
        except EOFError:
            return True
        return said.strip().lower() in ("y", "yes")

    def _failed(self, problem: str, code: int | None, number: int | None) -> None:
        """Say on standard error what failed and where; in JSON, on standard output too."""
        out = self.seat.out
        if self.seat.as_json:
            where = {} if number is None else {"line": number}
            out.value({"error": {"message": problem, "code": code, **where}})
        out.failure(problem)
        if number is not None:
            out.failure(f"that was line {number}")

    def _command(self, name: str) -> Command:
        command = self._by_name.get(_ALSO.get(name, name))
        if command is None:
            near = closest(name, self._by_name)
            hint = f"did you mean {near}?" if near else "help lists them"
            raise DeskError(f"there is no command {name[:32]!r}; {hint}")
        return command


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

"""Completion of what is being typed, from the list of commands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from scapy_server.console.catalogue import Catalogue
from scapy_server.console.command import Choice, Command, matching
from scapy_server.console.session import Session

_MOST_CHOICES = 200
#: What stands in front of a file's name.
_OPTIONS = re.compile(r"^(?:--?\w+\s+)*")


class ConsoleCompleter(Completer):
    """Completes commands, and what stands behind them as the command says.

    Runs in a thread beside the commands; of the session it only reads the packet at hand, a
    snapshot that never changes.
    """

    def __init__(self, commands: Iterable[Command], catalogue: Catalogue, session: Session) -> None:
        self._commands = {command.name: command for command in commands}
        self._catalogue = catalogue
        self._session = session
        self._paths = PathCompleter(expanduser=True)

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        typed = document.text_before_cursor.lstrip()
        name, blank, rest = typed.partition(" ")
        rest = rest.lstrip()
        command = self._commands.get(name)
        if blank and command is not None and command.files:
            paths = Document(_OPTIONS.sub("", rest))
            yield from self._paths.get_completions(paths, complete_event)
            return
        choices = self._argument(command, rest) if blank else self._names(typed)
        for number, choice in enumerate(choices):
            if number >= _MOST_CHOICES:
                break
            yield Completion(choice.text, start_position=-choice.replaces, display_meta=choice.note)

    def _names(self, typed: str) -> Iterator[Choice]:
        for command in self._commands.values():
            yield from matching([command.name], typed, command.summary)

    def _argument(self, command: Command | None, typed: str) -> Iterator[Choice]:
        if command is None:
            return
        if callable(command.complete):
            yield from command.complete(self._catalogue, self._session.current, typed)
        else:
            yield from matching(command.complete, typed)

"""A terminal for programs under test: keys go in, and what a person would see comes out."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyte

from tests.running import PATIENCE, environment

ROWS, COLUMNS = 60, 110

CTRL_C, CTRL_D, ENTER, TAB, UP, ESCAPE_ARROW_DOWN = "\x03", "\x04", "\r", "\t", "\x1b[A", "\x1b[B"


class _Screen(pyte.HistoryScreen):
    """A screen that answers when it is asked where its cursor is."""

    def __init__(self, answer: Callable[[str], None]) -> None:
        super().__init__(COLUMNS, ROWS, history=5000)
        self._answer = answer

    def write_process_input(self, data: str) -> None:
        self._answer(data)


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, process: subprocess.Popen[bytes], keyboard: int) -> None:
        self.process = process
        self._keyboard = keyboard
        self._screen = _Screen(self.keys)
        self._stream = pyte.ByteStream(self._screen)

    def keys(self, keys: str) -> None:
        os.write(self._keyboard, keys.encode())

    def lines(self) -> list[str]:
        """Everything on the screen and above it, without blanks at the ends of lines."""
        above = [
            "".join(row[column].data for column in range(COLUMNS))
            for row in self._screen.history.top
        ]
        lines = [line.rstrip() for line in (*above, *self._screen.display)]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def styles_of(self, text: str) -> set[str]:
        """The colours in which this text stands on the screen."""
        found = set()
        for number, line in enumerate(self._screen.display):
            start = line.find(text)
            while start >= 0:
                cells = self._screen.buffer[number]
                found |= {cells[start + i].fg for i, letter in enumerate(text) if letter != " "}
                start = line.find(text, start + 1)
        return found

    def wait(self, seen: Callable[[list[str]], bool]) -> list[str]:
        """The lines once they are as expected; AssertionError if they never are."""
        end = time.monotonic() + PATIENCE
        while not seen(self.lines()):
            if not self._read(end):
                raise AssertionError("never seen; the screen is\n" + "\n".join(self.lines()))
        return self.lines()

    def wait_for(self, text: str) -> list[str]:
        return self.wait(lambda lines: any(text in line for line in lines))

    def wait_for_prompt(self, prompt: str = "TRex >") -> list[str]:
        """Wait until the last line is an empty prompt."""
        return self.wait(lambda lines: bool(lines) and lines[-1] == prompt)

    def command(self, line: str) -> list[str]:
        """Type a line and give what is printed up to the next prompt."""
        before = len(self.wait_for_prompt())
        self.keys(line + ENTER)
        lines = self.wait(lambda lines: len(lines) > before and lines[-1] == "TRex >")
        return lines[before:-1]

    def exit_status(self) -> int:
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None and self._read(end):
            pass
        return self.process.wait(PATIENCE)

    def _read(self, end: float) -> bool:
        ready, _, _ = select.select([self._keyboard], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            return False
        try:
            data = os.read(self._keyboard, 65536)
        except OSError:  # the program has left its terminal
            return False
        self._stream.feed(data)
        return bool(data)


@contextmanager
def terminal(
    arguments: Sequence[str], home: Path, extra: dict[str, str] | None = None
) -> Iterator[Terminal]:
    """A Python program at a terminal; it is ended in the end."""
    keyboard, screen = pty.openpty()
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    variables = {
        **environment(),
        "TERM": "xterm-256color",
        "COLORTERM": "",
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        **(extra or {}),
    }
    variables.pop("NO_COLOR", None) if "NO_COLOR" not in (extra or {}) else None
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdin=screen,
        stdout=screen,
        stderr=screen,
        cwd=home,
        env=variables,
        start_new_session=True,
    )
    os.close(screen)
    try:
        yield Terminal(process, keyboard)
    finally:
        process.kill()
        process.wait()
        os.close(keyboard)

"""What goes wrong in a command: one line on standard error, and exit status 1."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from scapy_server.desk.errors import DeskError
from scapy_server.errors import ScapyServerError


def fail(problem: str) -> NoReturn:
    """End the command with a line on what is wrong."""
    print("scapy-server:", " ".join(problem.split()), file=sys.stderr)
    raise typer.Exit(1)


def note(*sentences: str) -> None:
    """Say what somebody may want to know of a command that goes on."""
    for sentence in sentences:
        print(f"note: {sentence}", file=sys.stderr)


@contextmanager
def one_line() -> Iterator[None]:
    """Turn an error that is raised inside into such a line."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:  # the captures' own are refusals by now
        # What is still kept would fail again, with a traceback, when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        fail(f"{error.filename or 'standard output'}: {error.strerror}")
    except ScapyServerError as error:
        fail(error.detail)
    except DeskError as error:
        fail(str(error))

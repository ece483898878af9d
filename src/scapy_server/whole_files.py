"""Files that appear whole or not at all."""

from __future__ import annotations

import glob
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from scapy_server.errors import RefusedError

_ENDING = ".part"


def check_free(path: Path, replace: bool) -> None:
    """Raise RefusedError for a file that is there and may not be replaced."""
    if path.is_dir():
        raise RefusedError(f"{path} is a directory")
    if path.is_file() and not replace:
        raise RefusedError(f"{path} is there already; --force replaces it")


@contextmanager
def whole_file(path: Path, run: str = "") -> Iterator[BinaryIO]:
    """A file to write, which takes its name once it is left without an exception.

    Until then it stands beside that name under one of its own, which holds `run`: what a
    process that was killed left over is found by it. What is no regular file (a pipe, a
    device) is written as it is. Raises RefusedError where nothing can be written.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as file:
                yield file
            return
        final = path.resolve()
        part = final.with_name(f".{final.name}.{run}{secrets.token_hex(4)}{_ENDING}")
        try:
            with part.open("xb") as file:
                yield file
            part.replace(final)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise RefusedError(f"{path}: {error.strerror or error}") from None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file of these bytes; raises as `whole_file`."""
    with whole_file(path) as file:
        file.write(content)


def clear_away(path: Path, run: str) -> None:
    """Remove what processes of a run that were killed have left over beside a file."""
    final = path.resolve()
    for part in final.parent.glob(f".{glob.escape(final.name)}.{run}*{_ENDING}"):
        part.unlink(missing_ok=True)

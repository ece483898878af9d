"""What the operator sees: the log file, the wire when verbose, and our own failures.

Whatever a client sent is escaped before it is written, so that it can neither steer a
terminal nor pass for a line of the log.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

logger = logging.getLogger("scapy_server")

#: How much of a message the verbose log shows.
SHOWN_BYTES = 16 * 1024


def printable(text: str) -> str:
    """The text with every character that is not printable as its escape sequence."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else repr(character)[1:-1] for character in text
    )


def wire_text(message: bytes) -> str:
    """A message for the verbose log, escaped and cut to `SHOWN_BYTES`."""
    text = printable(message[:SHOWN_BYTES].decode("utf-8", "backslashreplace"))
    rest = len(message) - SHOWN_BYTES
    return f"{text} … and {rest} bytes more" if rest > 0 else text


class _Formatter(logging.Formatter):
    """Keeps one record in one line, or in lines that are seen to belong together."""

    def format(self, record: logging.LogRecord) -> str:
        return "\n    | ".join(printable(line) for line in super().format(record).split("\n"))


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to a stream and gives up quietly on one that is gone (a closed pipe, a full disk)."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        pass


@contextmanager
def logging_to(verbose: bool, file: Path | None, out: TextIO) -> Iterator[None]:
    """Log as asked while the block runs; OSError when the file cannot be written.

    Without a file and not verbose, only our own failures are shown, on standard error.
    """
    stream = file.open("a", encoding="utf-8") if file is not None else None
    previous = logger.level, logger.propagate
    handlers = [_handler(sys.stderr, logging.WARNING, "%(levelname)s: %(message)s")]
    if verbose:
        wire = _handler(out, logging.DEBUG, "%(message)s")
        wire.addFilter(lambda record: record.levelno == logging.DEBUG)
        handlers.append(wire)
    if stream is not None:
        level = logging.DEBUG if verbose else logging.INFO
        handlers.append(_handler(stream, level, "%(asctime)s %(levelname)s %(message)s"))
    for handler in handlers:
        logger.addHandler(handler)
    logger.setLevel(min(handler.level for handler in handlers))
    logger.propagate = False
    try:
        yield
    finally:
        for handler in handlers:
            logger.removeHandler(handler)
        logger.level, logger.propagate = previous
        if stream is not None:
            stream.close()


def _handler(stream: TextIO, level: int, form: str) -> logging.Handler:
    handler = _Handler(stream)
    handler.setLevel(level)
    handler.setFormatter(_Formatter(form))
    return handler

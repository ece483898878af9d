"""What the operator sees: the log file, the wire when verbose, and our own failures.

The log has a line for each request and for each event, as text or as JSON. Whatever a
client sent is escaped before it is written, so that it can neither steer a terminal nor
pass for a line of the log.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from scapy_server.server.log_stream import LogStream, drop_line
from scapy_server.wording import printable

if TYPE_CHECKING:
    from scapy_server.rpc import Reply
    from scapy_server.transport.job import Job

logger = logging.getLogger("scapy_server")

#: Stands for standard error where a log file is named.
STANDARD_ERROR = Path("-")

_SHOWN_ID = 64

#: How much of a message the verbose log shows.
SHOWN_BYTES = 16 * 1024


def wire_text(message: bytes) -> str:
    """A message for the verbose log, escaped and cut to `SHOWN_BYTES`."""
    text = printable(message[:SHOWN_BYTES].decode("utf-8", "backslashreplace"))
    rest = len(message) - SHOWN_BYTES
    return f"{text} … and {rest} bytes more" if rest > 0 else text


class _Formatter(logging.Formatter):
    """Keeps one record in one line, or in lines that are seen to belong together."""

    def format(self, record: logging.LogRecord) -> str:
        return "\n    | ".join(printable(line) for line in super().format(record).split("\n"))


class _JsonFormatter(logging.Formatter):
    """Each record as one JSON object in one line, escaped to ASCII."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(),
            "level": record.levelname,
            "message": record.getMessage(),
        }
        line.update(getattr(record, "members", {}))
        return json.dumps(line)


class _Quiet(logging.Handler):
    """Gives up on a line that cannot be written (a closed pipe, a full disk), and counts it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        drop_line()


class _Stream(_Quiet):
    """Writes lines to a stream."""

    def __init__(self, stream: LogStream | TextIO) -> None:
        super().__init__()
        self._stream = stream

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._stream.write(f"{self.format(record)}\n")
            self._stream.flush()
        except (OSError, ValueError):
            self.handleError(record)


class _Opening(logging.FileHandler):
    """Opens its file so that writing to it never waits."""

    def _open(self) -> Any:
        return LogStream.of_file(Path(self.baseFilename))


class _WatchedFile(_Quiet, _Opening, logging.handlers.WatchedFileHandler):
    """Follows a file that another program (logrotate) moves away."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            super().emit(record)
        except OSError:  # a new file cannot be opened, as its directory is gone, or full
            self.handleError(record)


class _RotatingFile(_Quiet, _Opening, logging.handlers.RotatingFileHandler):
    """Moves the file away itself when it is full."""


#: How many files that were full are kept when the log rotates by itself.
KEPT_FILES = 5


@contextmanager
def logging_to(
    verbose: bool, file: Path | None, out: TextIO, form: str = "text", max_bytes: int = 0
) -> Iterator[None]:
    """Log as asked while the block runs; OSError when the file cannot be written.

    The log goes to `file` (`-` is standard error), as `form` text or json. A file of more
    than `max_bytes` is moved away; 0 leaves that to others. Without a file and not verbose,
    only warnings and our own failures are shown, on standard error.
    """
    with ExitStack() as stack:
        handlers = list(_handlers(verbose, file, out, form, max_bytes))
        for handler in handlers:
            stack.callback(handler.close)
        previous = logger.level, logger.propagate
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


def _handlers(
    verbose: bool, file: Path | None, out: TextIO, form: str, max_bytes: int
) -> Iterator[logging.Handler]:
    level = logging.DEBUG if verbose else logging.INFO
    if file == STANDARD_ERROR:
        yield _set_up(_Stream(_unwaiting(sys.stderr)), level, form)
    else:
        yield _set_up(_Stream(_unwaiting(sys.stderr)), logging.WARNING, "short")
        if file is not None:
            yield _set_up(_file_handler(file, max_bytes), level, form)
    if verbose:
        wire = _set_up(_Stream(_unwaiting(out)), logging.DEBUG, "message")
        wire.addFilter(lambda record: record.levelno == logging.DEBUG)
        yield wire


def _file_handler(file: Path, max_bytes: int) -> logging.Handler:
    if max_bytes:
        return _RotatingFile(file, maxBytes=max_bytes, backupCount=KEPT_FILES, encoding="utf-8")
    return _WatchedFile(file, encoding="utf-8")


def _unwaiting(stream: TextIO) -> LogStream | TextIO:
    """The file behind a stream, or the stream itself if there is none."""
    try:
        return LogStream(stream.fileno(), owned=False)
    except (OSError, AttributeError, ValueError):
        return stream


def say(out: TextIO, *lines: str) -> None:
    """Print lines for whoever started the server."""
    try:
        out.write("".join(f"{line}\n" for line in lines))
        out.flush()
    except (OSError, ValueError):
        pass  # nobody reads our output any more; the clients are still there


_FORMS = {
    "text": "%(asctime)s %(levelname)s %(message)s",
    "short": "%(levelname)s: %(message)s",
    "message": "%(message)s",
}


def _set_up(handler: logging.Handler, level: int, form: str) -> logging.Handler:
    handler.setLevel(level)
    handler.setFormatter(_JsonFormatter() if form == "json" else _Formatter(_FORMS[form]))
    return handler


def log_request(job: Job) -> None:
    """The wire, when verbose: what a client has sent."""
    if logger.isEnabledFor(logging.DEBUG):
        request = b" | ".join(job.message.body)
        logger.debug("Request from %s: %s", _client(job), wire_text(request))


def log_reply(job: Job, reply: Reply, seconds: float, problem: str | None) -> None:
    """A line per request; when verbose also the reply itself."""
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug("Reply to %s: %s", _client(job), wire_text(reply.text))
    members = {
        "id": wire_text(bytes(job.glance.id)[:_SHOWN_ID]),
        "client": job.address,
        "method": reply.method or "no method",
        "duration_ms": round(1000 * seconds, 3),
        "outcome": "ok" if reply.error is None else f"error {int(reply.error)}",
        "bytes_in": len(job.request),
        "bytes_out": reply.size,
    }
    if problem is not None:
        members["dropped"] = problem
    logger.info(
        "%s: %s in %.1f ms, %d bytes in, %d bytes out, id %s, client %s%s",
        members["method"],
        members["outcome"],
        members["duration_ms"],
        members["bytes_in"],
        members["bytes_out"],
        members["id"],
        members["client"],
        "" if problem is None else f"; dropped: {problem}",
        extra={"members": members},
    )


def _client(job: Job) -> str:
    return f"{job.address} ({job.connection})"

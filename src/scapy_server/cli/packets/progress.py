"""How far it is, on standard error, if someone looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from scapy_server.batch.jobs import Progress


@contextmanager
def bytes_read(total: int) -> Iterator[Progress]:
    """A bar of the bytes that have been read of a file."""
    with _bar(total, "bytes") as advance:
        yield advance


@contextmanager
def jobs_done(total: int) -> Iterator[Callable[[], None]]:
    """A bar of files that are done, each of which is told by a call."""
    with _bar(total, "files") as advance:
        yield lambda: advance(1)


@contextmanager
def _bar(total: int, unit: str) -> Iterator[Callable[[int], None]]:
    if not sys.stderr.isatty():
        yield lambda count: None
        return
    from rich import progress  # noqa: PLC0415 (slow to load, and seldom needed)
    from rich.console import Console  # noqa: PLC0415

    done = progress.DownloadColumn() if unit == "bytes" else progress.MofNCompleteColumn()
    with progress.Progress(
        done,
        progress.BarColumn(),
        progress.TaskProgressColumn(),
        progress.TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("", total=total)
        yield lambda count: bar.advance(task, count)

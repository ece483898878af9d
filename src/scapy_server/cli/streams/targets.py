"""Where captures go: files by name, one for each port, or standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from scapy_server.cli.streams.choices import Format
from scapy_server.errors import RefusedError
from scapy_server.whole_files import check_free

INTERRUPTED = 130


@dataclass(frozen=True)
class Target:
    """Where to write: a path, or None for standard output."""

    path: str | None

    @property
    def name(self) -> str:
        return self.path or "standard output"

    def check_free(self, force: bool) -> None:
        """Ask whether a file that is there may be replaced, unless that is said.

        Raises RefusedError where it may not, and where nobody can be asked.
        """
        if self.path is None or force or not Path(self.path).is_file():
            return
        if sys.stdin.isatty() and sys.stderr.isatty():
            if typer.confirm(f"{self.path} is there already; replace it?", err=True):
                return
            raise RefusedError(f"{self.path} stays as it was")
        check_free(Path(self.path), replace=False)

    def of_port(self, port: int) -> Target:
        """The file of one port: FILE-0.pcap; raises RefusedError for standard output."""
        if self.path is None:
            raise RefusedError("--per-port writes several files; give -o a name")
        path = Path(self.path)
        return Target(str(path.with_name(f"{path.stem}-{port}{path.suffix}")))

    @contextmanager
    def opened(self) -> Iterator[int]:
        """A file descriptor to write to."""
        if self.path is None:
            yield sys.stdout.fileno()
            return
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        except OSError as error:
            raise RefusedError(f"{self.path}: {error.strerror}") from None
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def target_of(output: str | None) -> Target:
    """The target of `-o`; raises RefusedError without one, and for a terminal."""
    if output is None:
        raise RefusedError("say where to write with -o FILE, or -o - for standard output")
    if output != "-":
        return Target(output)
    if sys.stdout.isatty():
        raise RefusedError("standard output is a terminal; use -o FILE, or a pipe")
    return Target(None)


def format_of(form: Format | None, output: str | None) -> Format:
    """The format that is asked for, or that the file's name ends with, or pcap."""
    if form is not None:
        return form
    endings = {".pcapng": Format.PCAPNG, ".raw": Format.RAW, ".bin": Format.RAW}
    return endings.get(Path(output or "").suffix.lower(), Format.PCAP)

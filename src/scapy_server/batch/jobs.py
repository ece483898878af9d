"""A capture file that becomes another one, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from scapy_server.batch.editor import Editor
from scapy_server.batch.forms import form_of, gzipped, written
from scapy_server.batch.recipe import Recipe
from scapy_server.captures.reading import Capture
from scapy_server.captures.source import Readable
from scapy_server.errors import RefusedError, located
from scapy_server.services.packets.core import Core
from scapy_server.whole_files import check_free, whole_file

#: Told how many bytes of the source have been read since it was told last.
Progress = Callable[[int], None]
_TELLING_BYTES = 1 << 20
_CHUNK = 1 << 18


class Job(msgspec.Struct, frozen=True):
    """A file to read, the file to write, and the recipe between them.

    `run` stands in the names of files that are not whole yet; a job of a directory keeps the
    format of its source whatever the name says.
    """

    source: str
    target: str
    recipe: Recipe
    run: str = ""
    keeps_format: bool = False


class Outcome(msgspec.Struct, frozen=True):
    """What came of a job: counts, notes in sentences, and the error if nothing was written."""

    job: Job
    packets: int = 0
    matched: int = 0
    changed: int = 0
    written: int = 0
    notes: tuple[str, ...] = ()
    error: str | None = None


def edit_stream(
    source: Readable,
    write: Callable[[bytes], object],
    editor: Editor,
    form: str | None,
    packed: bool = False,
) -> str | None:
    """Edit a capture from a stream into another one, of its own format where `form` is None.

    Gives why it ends early, if it does; raises RefusedError or DeskError.
    """
    capture = Capture(source)
    chunks = written(capture, editor, form)
    return _copied(gzipped(chunks) if packed else chunks, write, capture)


def edit_file(job: Job, core: Core, progress: Progress = lambda count: None) -> Outcome:
    """Do a job; raises RefusedError or DeskError, with nothing written."""
    target = Path(job.target)
    form, packed = (None, None) if job.keeps_format else form_of(target)
    editor = Editor(job.recipe, core)
    with located(job.source), _opened(Path(job.source)) as raw:
        source = _Counted(raw, progress)
        capture = Capture(source)
        if packed is None:
            packed = capture.is_compressed
        chunks = written(capture, editor, form)
        with whole_file(target, job.run) as file:
            damage = _copied(gzipped(chunks) if packed else chunks, file.write, capture)
        progress(source.untold)
    return outcome_of(job, editor, damage)


def outcome_of(job: Job, editor: Editor, damage: str | None) -> Outcome:
    """The outcome of an editor's work."""
    tally = editor.tally
    notes = (*tally.notes(), damage) if damage else tally.notes()
    return Outcome(job, tally.packets, tally.matched, tally.changed, tally.written, notes)


def jobs_of(
    source: Path, target: Path, recipe: Recipe, replace: bool, run: str
) -> tuple[list[Job], int]:
    """A job for each capture in a directory and those below, and how many files are none.

    Raises RefusedError if there is none, for a target that would be read as well, and for
    files that may not be replaced.
    """
    if target.exists() and not target.is_dir():
        raise RefusedError(f"{target} is no directory, but {source} is one")
    if target.resolve().is_relative_to(source.resolve()):
        raise RefusedError(f"{target} lies in {source}, and would be read as well")
    files = sorted(path for path in source.rglob("*") if path.is_file())
    captures = [path for path in files if _is_capture(path)]
    if not captures:
        raise RefusedError(f"there is no capture in {source}")
    jobs = [
        Job(str(path.resolve()), str(_below(path, source, target)), recipe, run, True)
        for path in captures
    ]
    for job in jobs:
        check_free(Path(job.target), replace)
    for job in jobs:
        Path(job.target).parent.mkdir(parents=True, exist_ok=True)
    return jobs, len(files) - len(captures)


def _below(path: Path, source: Path, target: Path) -> Path:
    return target.resolve() / path.relative_to(source)


def _is_capture(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            Capture(file)
    except OSError as error:
        raise RefusedError(f"{path}: {error.strerror}") from None
    except RefusedError:
        return False
    return True


def _copied(
    chunks: Iterator[bytes], write: Callable[[bytes], object], capture: Capture
) -> str | None:
    """Write chunks, many at a time; why the capture ends early, if it does."""
    kept, size = [], 0
    for chunk in chunks:
        kept.append(chunk)
        size += len(chunk)
        if size >= _CHUNK:
            write(b"".join(kept))
            kept.clear()
            size = 0
    write(b"".join(kept))
    return capture.damage


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise RefusedError(error.strerror or str(error)) from None


class _Counted:
    """A file that tells how much of it has been read."""

    def __init__(self, file: BinaryIO, progress: Progress) -> None:
        self._file = file
        self._progress = progress
        self.untold = 0

    def read(self, count: int) -> bytes:
        data = self._file.read(count)
        self.untold += len(data)
        if self.untold >= _TELLING_BYTES:
            self._progress(self.untold)
            self.untold = 0
        return data

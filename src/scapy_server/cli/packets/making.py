"""A source becomes a file: what `build` and `edit` do."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import typer

from scapy_server.batch.answering import Answerer
from scapy_server.batch.editor import Editor
from scapy_server.batch.fleet import in_processes, loaded_core, on_cluster, one_by_one
from scapy_server.batch.forms import form_of
from scapy_server.batch.jobs import Job, Outcome, edit_file, edit_stream, jobs_of, outcome_of
from scapy_server.batch.recipe import Recipe
from scapy_server.batch.single import applied, document_of
from scapy_server.batch.sources import CaptureSource, read_source
from scapy_server.cli.packets.progress import bytes_read, jobs_done
from scapy_server.cli.packets.showing import NONE_CHOSEN
from scapy_server.cli.problems import note
from scapy_server.desk.document import Document
from scapy_server.desk.saving import save
from scapy_server.errors import RefusedError
from scapy_server.whole_files import check_free, whole_file, write_whole

_TEXTS = {".hex", ".json", ".trp", ".py"}


@dataclass(frozen=True)
class Destination:
    """Where to write: `-o`, `--format` and `--force`."""

    output: str | None
    form: str | None
    force: bool

    @property
    def path(self) -> Path | None:
        """The file, None for standard output."""
        return None if self.output in (None, "-") else Path(str(self.output))

    @property
    def ending(self) -> str | None:
        """What is asked for, as an ending; None if nothing is."""
        if self.form is not None:
            return f".{self.form}"
        return None if self.path is None else self.path.suffix.lower()


@dataclass(frozen=True)
class Workers:
    """Who edits a directory: processes, or the workers of a Dask scheduler."""

    jobs: int = 1
    dask: str | None = None


def make(
    source: str, recipe: Recipe, destination: Destination, workers: Workers = Workers()
) -> None:
    """Do it; raises ScapyServerError and DeskError, and Exit if a job failed."""
    if destination.path is not None and not Path(source).is_dir():
        check_free(destination.path, destination.force)
    if Path(source).is_dir():
        _make_directory(Path(source), recipe, destination, workers)
        return
    core = loaded_core()
    answer = Answerer(core)
    found = read_source(source, lambda: sys.stdin.buffer, answer, core.templates)
    if isinstance(found, CaptureSource) and found.is_whole and _is_capture_form(destination):
        _make_capture(found, recipe, destination)
        return
    document = found if isinstance(found, Document) else document_of(found)
    document, notes = applied(document, recipe, core, answer)
    saved = answer.run(save(document, destination.ending or ".hex"))
    note(*notes, *saved.losses)
    if destination.path is not None:
        write_whole(destination.path, saved.content)
    else:
        _check_terminal(destination.ending or ".hex")
        sys.stdout.buffer.write(saved.content)


def _is_capture_form(destination: Destination) -> bool:
    """Whether packets can be written one after the other, as they are read."""
    return destination.ending not in (".json", ".trp", ".py")


def _make_capture(found: CaptureSource, recipe: Recipe, destination: Destination) -> None:
    """Edit a whole capture while it is read."""
    path = destination.path
    if destination.output is None:
        raise RefusedError("say where to write the capture with -o FILE; -o - is standard output")
    if path is not None and found.path is not None and destination.form is None:
        job = Job(str(found.path), str(path), recipe)
        with bytes_read(found.path.stat().st_size) as progress:
            outcome = edit_file(job, loaded_core(), progress)
    else:
        outcome = _make_stream(found, recipe, destination)
    note(*outcome.notes)
    if recipe.chooses and not outcome.matched:
        note(NONE_CHOSEN)
    elif recipe.changes and outcome.packets and not outcome.changed:
        note("no packet was changed")
    if sys.stderr.isatty():
        print(summary(outcome), file=sys.stderr)


def _make_stream(found: CaptureSource, recipe: Recipe, destination: Destination) -> Outcome:
    """Edit a capture from a stream, or to one, or into a form that is told."""
    path = destination.path
    form, packed = (f".{destination.form}" if destination.form else None), False
    if path is None:
        _check_terminal(form)
    elif form is None:
        form, packed = form_of(path)
    editor = Editor(recipe, loaded_core())
    target = nullcontext(sys.stdout.buffer) if path is None else whole_file(path)
    with found.opened() as source, target as file:
        damage = edit_stream(source, file.write, editor, form, packed)
    return outcome_of(Job(found.name, destination.output or "-", recipe), editor, damage)


def _make_directory(
    source: Path, recipe: Recipe, destination: Destination, workers: Workers
) -> None:
    """Edit every capture below a directory into the same place below another one."""
    if destination.path is None or destination.form is not None:
        raise RefusedError("a directory is edited into another one, in the formats it has: -o DIR")
    Editor(recipe, loaded_core())  # what is wrong with the recipe itself is said once
    run = secrets.token_hex(4)
    jobs, others = jobs_of(source, destination.path, recipe, destination.force, run)
    if others:
        note(f"left alone in {source}, as they are no captures: {others}")
    with _fleet(jobs, workers) as outcomes, jobs_done(len(jobs)) as done:
        failed = sum(_told(outcome, done) for outcome in outcomes)
    if failed:
        raise typer.Exit(1)


def _fleet(jobs: list[Job], workers: Workers) -> AbstractContextManager[Iterator[Outcome]]:
    if workers.dask is not None:
        return on_cluster(jobs, workers.dask)
    if workers.jobs > 1:
        return in_processes(jobs, min(workers.jobs, len(jobs)))
    return nullcontext(one_by_one(jobs))


def _told(outcome: Outcome, done: Callable[[], None]) -> bool:
    """Tell what came of a job; whether it failed."""
    done()
    if outcome.error is not None:
        print(f"scapy-server: {outcome.error}", file=sys.stderr)
    note(*(f"{outcome.job.source}: {said}" for said in outcome.notes))
    return outcome.error is not None


def summary(outcome: Outcome) -> str:
    """What was done, in a line."""
    return (
        f"{outcome.packets} packets, {outcome.matched} chosen, {outcome.changed} changed, "
        f"{outcome.written} written to {outcome.job.target}"
    )


def _check_terminal(ending: str | None) -> None:
    if ending not in _TEXTS and sys.stdout.isatty():
        raise RefusedError("standard output is a terminal; use -o FILE, or a pipe")

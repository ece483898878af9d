"""Blocks of records in order, from this process or from several.

With several jobs, block n is rendered by process n mod jobs into one of two slots that it
shares with the parent, which takes the blocks in order and gives the slots back.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Literal

from scapy_server.captures.pace import Pace
from scapy_server.engine.captures import Layout, RecordBlock, block_size
from scapy_server.engine.renderer import Renderer
from scapy_server.errors import RefusedError

SLOTS = 2


@dataclass(frozen=True)
class Stream:
    """What a renderer is made from, in a form that another process can be given."""

    template: bytes
    vm: Any
    random_seed: int | None = None
    cores: int = 1
    hardware: Literal["complete", "raw"] = "complete"

    def renderer(self) -> Renderer:
        """The renderer; raises RefusedError as it does."""
        return Renderer(
            self.template,
            self.vm,
            random_seed=self.random_seed,
            cores=self.cores,
            hardware=self.hardware,
        )


@dataclass(frozen=True)
class Task:
    """`count` packets of a stream from `start` on, as records of a capture."""

    stream: Stream
    layout: Layout
    pace: Pace
    start: int
    count: int


Blocks = Iterator[tuple[memoryview, int]]


@contextmanager
def rendered(task: Task, jobs: int = 1) -> Iterator[Blocks]:
    """The blocks of a task, (records, packets) each, in order.

    A block's memory is valid until the next one is asked for. The processes end with the
    context.
    """
    renderer = task.stream.renderer()
    size = block_size(renderer, task.layout)
    jobs = min(jobs, -(-task.count // size))
    if jobs <= 1:
        yield _here(task, renderer, size)
        return
    workers = [_Worker(task, size, index, jobs) for index in range(jobs)]
    try:
        yield _in_order(task, workers, size)
    finally:
        for worker in workers:
            worker.stop()


def _here(task: Task, renderer: Renderer, size: int) -> Blocks:
    block = RecordBlock(renderer, task.layout, task.pace, min(size, max(task.count, 1)))
    for done in range(0, task.count, size):
        packets = min(size, task.count - done)
        yield block.render(task.start + done, packets), packets


def _in_order(task: Task, workers: list[_Worker], size: int) -> Blocks:
    for number, done in enumerate(range(0, task.count, size)):
        worker = workers[number % len(workers)]
        yield worker.take(), min(size, task.count - done)
        worker.give_back()


class _Worker:
    """The parent's end of one process."""

    def __init__(self, task: Task, size: int, index: int, jobs: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._slot_bytes = size * task.layout.record_size(max(len(task.stream.template), 60))
        memory = context.RawArray("B", SLOTS * self._slot_bytes)
        self._memory = memoryview(memory).cast("B")
        self._taken = 0
        self._parent, child = context.Pipe()
        arguments = child, memory, task, size, (index, jobs)
        self._process = context.Process(target=_work, args=arguments, daemon=True)
        # Ctrl+C is the parent's business, also while the process is still starting.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        child.close()

    def take(self) -> memoryview:
        """The next block of this process."""
        try:
            answer = self._parent.recv()
        except EOFError:
            raise RefusedError("a rendering process has died; try --jobs 1") from None
        if isinstance(answer, str):
            raise RefusedError(answer)
        place = self._taken % SLOTS * self._slot_bytes
        return self._memory[place : place + answer]

    def give_back(self) -> None:
        """Let the process reuse the slot of the block that was taken."""
        self._taken += 1
        # It may have finished its share and left.
        with suppress(BrokenPipeError):
            self._parent.send(None)

    def stop(self) -> None:
        self._parent.close()
        self._process.join(2)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _work(conn: Connection, memory: Any, task: Task, size: int, share: tuple[int, int]) -> None:
    """What a process does: every `jobs`-th block, from the `index`-th on (`share`)."""
    index, jobs = share
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    slots = memoryview(memory).cast("B")
    slot_bytes = len(slots) // SLOTS
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            renderer = task.stream.renderer()
            parts = [slots[n * slot_bytes : (n + 1) * slot_bytes] for n in range(SLOTS)]
            # Cut packets are packed elsewhere, and copied from there.
            places = [None] * SLOTS if renderer.trims else parts
            blocks = [
                RecordBlock(renderer, task.layout, task.pace, size, place) for place in places
            ]
            for turn, done in enumerate(range(index * size, task.count, jobs * size)):
                if turn >= SLOTS:
                    conn.recv()
                slot = turn % SLOTS
                records = blocks[slot].render(task.start + done, min(size, task.count - done))
                if renderer.trims:
                    parts[slot][: len(records)] = records
                conn.send(len(records))
        except RefusedError as error:
            conn.send(error.problem)
        # Stay until everything was taken, so that the parent finds an open pipe.
        while True:
            conn.recv()

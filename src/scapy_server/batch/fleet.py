"""Jobs done side by side: by processes of this machine, or by a cluster of Dask.

Each job writes its file whole or not at all, and gives the same bytes wherever it is done, so
one whose worker died is simply done again.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from functools import cache
from multiprocessing import active_children, get_context
from pathlib import Path

from scapy_server.batch.jobs import Job, Outcome, edit_file
from scapy_server.desk.errors import DeskError
from scapy_server.errors import RefusedError, ScapyServerError
from scapy_server.extras import needed
from scapy_server.services.packets.core import Core
from scapy_server.whole_files import clear_away

#: Seconds in which a cluster's scheduler must answer.
_PATIENCE = 10
#: How often a job is begun again whose worker died.
_RETRIES = 10

#: A cluster's worker may run several tasks at once; Scapy's layers are for one thread.
_alone = threading.Lock()


@cache
def loaded_core() -> Core:
    """The layers, loaded once in each process that does jobs."""
    return Core.load()


def outcome(job: Job) -> Outcome:
    """Do a job; an error that is the job's own is its outcome."""
    try:
        with _alone:
            return edit_file(job, loaded_core())
    except ScapyServerError as error:
        return Outcome(job, error=error.detail)
    except DeskError as error:
        return Outcome(job, error=str(error))


def one_by_one(jobs: Sequence[Job]) -> Iterator[Outcome]:
    """Do jobs in this process."""
    return map(outcome, jobs)


@contextmanager
def in_processes(jobs: Sequence[Job], count: int) -> Iterator[Iterator[Outcome]]:
    """The outcomes of jobs done by so many processes, as they come.

    Whatever ends the block early ends the processes, and what they were writing is cleared away.
    """
    loaded_core()  # which the processes then share
    try:
        with ProcessPoolExecutor(count, get_context("fork"), _begin_worker) as pool:
            futures = [pool.submit(outcome, job) for job in jobs]
            try:
                yield (future.result() for future in as_completed(futures))
            except BaseException:
                for process in active_children():
                    process.terminate()
                raise
    finally:
        _clear_away(jobs)


def _begin_worker() -> None:
    """Let signals end this process at once: whoever started it knows what to clear away."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)


def _clear_away(jobs: Sequence[Job]) -> None:
    for job in jobs:
        clear_away(Path(job.target), job.run)


@contextmanager
def on_cluster(jobs: Sequence[Job], address: str) -> Iterator[Iterator[Outcome]]:
    """The outcomes of jobs done by the workers of a scheduler, as they come.

    The workers need this package, and the files under the same names. What a worker that died
    has left over is cleared away at the end.
    """
    with needed("cluster", "--dask"):
        import distributed  # noqa: PLC0415 (an optional extra)

    try:
        client = distributed.Client(  # type: ignore[no-untyped-call]
            address, timeout=_PATIENCE, set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise RefusedError(f"there is no Dask scheduler at {address}: {error}") from None
    try:
        with client:
            futures = client.map(outcome, jobs, pure=False, retries=_RETRIES)
            done = distributed.as_completed(futures, loop=client.loop)  # type: ignore[no-untyped-call]
            yield (future.result() for future in done)
    finally:
        _clear_away(jobs)

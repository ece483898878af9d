"""Jobs done by others: the same files, byte for byte, whoever does them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest

from scapy_server.batch.fleet import in_processes, on_cluster, one_by_one
from scapy_server.batch.jobs import Job, jobs_of
from scapy_server.batch.recipe import Recipe
from scapy_server.errors import RefusedError
from scapy_server.services.packets.core import Core
from tests.batch.packets import pcapng
from tests.running import PATIENCE

RECIPE = Recipe(sets=("IP.src=192.0.2.1",), recompute=True, fuzz=5)


@pytest.fixture
def traces(core: Core, tmp_path: Path) -> Path:
    directory = tmp_path / "traces"
    directory.mkdir()
    for number in range(6):
        (directory / f"{number}.pcapng").write_bytes(pcapng(core, 12 + number))
    return directory


def jobs(traces: Path, name: str) -> list[Job]:
    return jobs_of(traces, traces.parent / name, RECIPE, False, "run")[0]


def files(traces: Path, name: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (traces.parent / name).iterdir()}


@pytest.mark.processes
def test_each_job_has_its_outcome_and_a_bad_one_its_error(traces: Path) -> None:
    (traces / "bad.pcap").write_bytes(b"\xd4\xc3\xb2\xa1")
    outcomes = list(one_by_one(jobs(traces, "out")))
    assert [outcome.packets for outcome in outcomes] == [12, 13, 14, 15, 16, 17, 0]
    assert outcomes[-1].error is not None
    assert "bad.pcap: the capture's header is cut short" in outcomes[-1].error
    assert set(files(traces, "out")) == {f"{number}.pcapng" for number in range(6)}


@pytest.mark.processes
def test_processes_write_what_one_writes(traces: Path) -> None:
    assert all(outcome.error is None for outcome in one_by_one(jobs(traces, "alone")))
    with in_processes(jobs(traces, "together"), 2) as outcomes:
        assert sorted(outcome.packets for outcome in outcomes) == [12, 13, 14, 15, 16, 17]
    assert files(traces, "alone") == files(traces, "together")


@pytest.mark.processes
def test_what_ends_it_early_ends_the_processes_and_leaves_no_half_file(
    core: Core, traces: Path
) -> None:
    for number in range(6):
        (traces / f"{number}.pcapng").write_bytes(pcapng(core, 600 + number))
    target = traces.parent / "out"

    def broken_off() -> None:
        with in_processes(jobs(traces, "out"), 2):
            wait_for_half_a_file(target)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert active_children() == []
    assert list(target.glob(".*")) == []


@contextmanager
def cluster() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1"
    ) as made:
        yield made


@pytest.mark.processes
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_whose_worker_is_killed_writes_the_same_files(core: Core, traces: Path) -> None:
    for number in range(6):  # long enough to be killed while one is written
        (traces / f"{number}.pcapng").write_bytes(pcapng(core, 200 + number))
    assert all(outcome.error is None for outcome in one_by_one(jobs(traces, "alone")))
    target = traces.parent / "together"
    with cluster() as made, on_cluster(jobs(traces, "together"), made.scheduler_address) as done:
        wait_for_half_a_file(target)
        for nanny in list(made.workers.values())[:1]:
            os.kill(nanny.process.process.pid, signal.SIGKILL)
        outcomes = list(done)
    assert [outcome.error for outcome in outcomes] == [None] * 6
    assert files(traces, "alone") == files(traces, "together")


def wait_for_half_a_file(directory: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not list(directory.glob(".*.part")):
        assert time.monotonic() < end
        time.sleep(0.01)


def test_no_scheduler_is_refused() -> None:
    pytest.importorskip("distributed")
    with (
        pytest.raises(RefusedError, match="there is no Dask scheduler at nonsense://x"),
        on_cluster([], "nonsense://x"),
    ):
        pass

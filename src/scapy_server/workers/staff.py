"""The workers that there are, as the pool sees them: born, found by descriptor, and gone."""

from __future__ import annotations

import select
from collections.abc import Iterator
from dataclasses import dataclass

from scapy_server.transport.job import Job
from scapy_server.workers.channel import Channel
from scapy_server.workers.nursery import Nursery
from scapy_server.workers.verdicts import State


@dataclass(eq=False)
class Worker:
    """A worker. Times are monotonic seconds; `pid` is 0 until it is forked.

    While it works in the `reserved` place, it must be free again soon: it may run for
    `short_seconds` on a processor, is looked at when it is `short_until`, and how long it had
    run before is known.
    """

    serial: int
    channel: Channel
    born: float
    pid: int = 0
    state: State = State.STARTING
    requests: int = 0
    memory: int = 0
    job: Job | None = None
    since: float = 0.0
    lost: float = 0.0
    deadline: float = 0.0
    reserved: bool = False
    short_seconds: float = 0.0
    short_until: float = 0.0
    running_before: float = 0.0
    processor_seen: float | None = None


class Staff:
    """Workers by serial number and by descriptor, the oldest first."""

    def __init__(self) -> None:
        self._workers: dict[int, Worker] = {}
        self._by_descriptor: dict[int, Worker] = {}
        self._serial = 0

    def __len__(self) -> int:
        return len(self._workers)

    def __iter__(self) -> Iterator[Worker]:
        return iter(list(self._workers.values()))

    def __contains__(self, worker: Worker) -> bool:
        return worker.serial in self._workers

    @property
    def ever(self) -> int:
        """How many workers were ordered so far."""
        return self._serial

    @property
    def idle(self) -> list[Worker]:
        """The workers that are free."""
        return [worker for worker in self._workers.values() if worker.state is State.IDLE]

    @property
    def oldest_order(self) -> float | None:
        """When the first worker was ordered that was not forked yet."""
        return min((each.born for each in self._workers.values() if not each.pid), default=None)

    def descriptors(self) -> dict[int, int]:
        """What to poll, and for which events of `select.poll`."""
        return {
            descriptor: select.POLLIN | select.POLLOUT
            if worker.channel.wants_to_write
            else select.POLLIN
            for descriptor, worker in self._by_descriptor.items()
        }

    def of_serial(self, serial: int) -> Worker | None:
        """The worker that was ordered with this number."""
        return self._workers.get(serial)

    def of_descriptor(self, descriptor: int) -> Worker | None:
        """The worker at the other end of this descriptor."""
        return self._by_descriptor.get(descriptor)

    def order(self, nursery: Nursery, now: float) -> None:
        """Order one more worker; raises as `Nursery.fork`."""
        self._serial += 1
        worker = Worker(self._serial, Channel(nursery.fork(self._serial)), now)
        self._workers[worker.serial] = worker
        self._by_descriptor[worker.channel.fileno()] = worker

    def hang_up(self, worker: Worker) -> None:
        """Close the wire to a worker, which stays."""
        self._by_descriptor.pop(worker.channel.fileno(), None)
        worker.channel.close()

    def remove(self, worker: Worker) -> None:
        """Forget a worker."""
        self._workers.pop(worker.serial, None)
        self.hang_up(worker)

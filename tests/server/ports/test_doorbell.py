from __future__ import annotations

from typing import cast

from scapy_server.server.ports.doorbell import Doorbell
from scapy_server.transport.publisher import Publisher
from tests.services.ports.rig import Rig


class Listening:
    """A publisher that keeps what it publishes, and which turns it was given."""

    def __init__(self) -> None:
        self.published: list[list[bytes]] = []
        self.turns: list[tuple[str, float]] = []

    def fileno(self) -> int:
        return 7

    def turn(self, now: float) -> None:
        self.turns.append(("turn", now))

    def tick(self, now: float) -> None:
        self.turns.append(("tick", now))

    def publish(self, frames: list[bytes]) -> int:
        self.published.append(frames)
        return 1


def test_it_rings_once_for_all_that_has_happened_and_for_who_asks() -> None:
    rig, publisher = Rig(), Listening()
    doorbell = Doorbell(cast(Publisher, publisher), rig.control)
    doorbell.ring()
    assert publisher.published == []
    rig.acquire(0, 1)
    doorbell.ring()
    doorbell.ring()
    assert publisher.published == [[b"{}"]]
    rig.call("publish_now", key=1, baseline=False)
    doorbell.ring()
    assert len(publisher.published) == 2


def test_it_is_part_of_the_loop() -> None:
    publisher = Listening()
    doorbell = Doorbell(cast(Publisher, publisher), Rig().control)
    doorbell.turn(1.0)
    doorbell.tick(2.0)
    assert (doorbell.fileno(), publisher.turns) == (7, [("turn", 1.0), ("tick", 2.0)])

"""A port of a data plane over a line that the test holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

import numpy as np
import pytest

from scapy_server import limits
from scapy_server.captures.bpf import compiled
from scapy_server.services.ports.plane.batch import EMPTY, Batch
from scapy_server.services.ports.plane.commands import Capture, Configure
from scapy_server.services.ports.plane.counters import BASE, FLOW_PLACES, Counter, FlowCounter
from scapy_server.services.ports.plane.flows import Flows
from scapy_server.services.ports.plane.port import PlanePort
from scapy_server.services.ports.plane.sources import FramesSource
from scapy_server.services.ports.plane.taps import Tap
from tests.services.ports.rig import frame

MAC, OTHER = bytes.fromhex("020000000010"), bytes.fromhex("020000000011")
#: Who has 1.1.1.1? asks 1.1.1.2.
ARP = (
    b"\xff" * 6 + OTHER + bytes.fromhex("08060001080006040001") + OTHER
    + bytes([1, 1, 1, 2]) + bytes(6) + bytes([1, 1, 1, 1])
).ljust(60, b"\0")  # fmt: skip


@dataclass
class HeldLine:
    """Takes all but so many, and gives what the test puts on it."""

    failing: int = 0
    sent: list[Batch] = field(default_factory=list)
    waiting: Batch = EMPTY
    next_time: float = inf
    descriptor: int | None = None
    is_up: bool = True
    lost: int = 0
    missed: int = 0

    def dropped(self) -> int:
        found, self.missed = self.missed, 0
        return found

    def send(self, batch: Batch) -> int:
        self.sent.append(batch)
        return self.failing

    def receive(self, now: float) -> Batch:
        found, self.waiting = self.waiting, EMPTY
        return found

    def flush(self) -> None: ...

    def close(self) -> None: ...


class Held:
    """A port, its line and its counters."""

    def __init__(self, failing: int = 0) -> None:
        self.line = HeldLine(failing)
        self.counted = np.zeros(len(Counter), np.int64)
        self.flows = np.zeros((FLOW_PLACES, len(FlowCounter)), np.int64)
        self.streams = np.zeros((4, 2), np.int64)
        self.port = PlanePort(0, self.line, Flows(), self.counted, self.flows, self.streams)

    def arrive(self, *frames: bytes, at: float = 1.0) -> None:
        self.line.waiting = FramesSource(list(frames)).batch(at)
        self.port.receive(at)

    def count(self, counter: Counter) -> int:
        return int(self.counted[counter])


def marked(place: int) -> bytes:
    data = bytearray(frame())
    data[18:20] = (BASE + place).to_bytes(2, "big")
    return bytes(data)


def test_what_is_sent_is_counted_with_its_fcs() -> None:
    held = Held()
    held.port.send(FramesSource([frame(60), frame(100)]).batch(0.0))
    held.port.send(EMPTY)
    assert (held.count(Counter.SENT), held.count(Counter.SENT_BYTES)) == (2, 168)
    assert len(held.line.sent) == 1


def test_what_the_line_refuses_is_an_error_and_not_sent() -> None:
    held = Held(failing=1)
    held.port.send(FramesSource([frame(60)] * 4).batch(0.0))
    assert held.count(Counter.SENT) == 3
    assert held.count(Counter.SENT_BYTES) == 3 * 64
    assert held.count(Counter.SEND_ERRORS) == 1


def test_what_arrives_is_counted_for_its_flow() -> None:
    held = Held()
    held.arrive(marked(3), frame(), marked(3), marked(7))
    assert (held.count(Counter.RECEIVED), held.count(Counter.RECEIVED_BYTES)) == (4, 4 * 64)
    assert held.flows[3].tolist() == [0, 0, 2, 128]
    assert held.flows[7].tolist() == [0, 0, 1, 64]
    assert held.flows.sum() == 3 * 65


def test_who_asks_for_its_address_is_answered_once() -> None:
    held = Held()
    held.arrive(ARP)
    assert held.port.answers == []
    held.port.configure(Configure(0, MAC, OTHER, "1.1.1.1", "1.1.1.2"))
    held.arrive(ARP)
    held.port.answer()
    held.port.answer()
    (answer,) = (each for batch in held.line.sent for each in batch.frames())
    assert answer[:12] == OTHER + MAC
    assert answer[20:22] == b"\0\x02"
    assert answer[22:32] == MAC + bytes([1, 1, 1, 1])
    assert held.count(Counter.SENT) == 1


@pytest.mark.parametrize("service", [False, True])
def test_the_queue_keeps_the_last_frames_in_service_mode(service: bool) -> None:
    held = Held()
    held.port.configure(Configure(0, MAC, queue=2, service=service))
    held.arrive(frame(60), frame(61), frame(62), at=3.0)
    assert held.port.queued == (2 if service else 0)
    drained = held.port.drained()
    assert [(each.time, each.length) for each in drained] == ([(3.0, 61), (3.0, 62)] * service)
    assert held.port.queued == 0


def test_captures_see_what_they_listen_to_while_they_are_active() -> None:
    held = Held()
    sent, received = Tap(Capture(1, [0], [], 9, False)), Tap(Capture(2, [1], [0], 9, False))
    held.port.taps = [sent, received]
    held.port.send(FramesSource([frame(60)]).batch(0.0))
    held.arrive(frame(61), frame(62))
    assert (sent.filling().matched, received.filling().matched) == (1, 2)
    received.is_active = False
    held.arrive(frame(61))
    assert received.filling().matched == 2


def test_a_bridge_gets_what_its_filter_lets_through() -> None:
    held = Held()
    held.port.bridge = compiled("arp")
    held.arrive(frame(), ARP)
    assert held.port.bridged == [ARP]


def test_a_bridge_gets_so_many_frames_in_half_a_second() -> None:
    held = Held()
    held.port.bridge = compiled("arp")
    most = int(limits.BRIDGED_FRAMES)
    held.arrive(*[ARP, frame()] * (most - 1))
    assert len(held.port.bridged) == most - 1
    held.arrive(*[ARP] * 2)
    assert len(held.port.bridged) == most
    held.port.look_after(0.5)
    held.arrive(ARP)
    assert len(held.port.bridged) == most + 1


def test_a_clock_says_when_what_came_was_taken() -> None:
    held = Held()
    tap = Tap(Capture(1, [], [0], 9, False))
    held.port.taps = [tap]
    held.line.waiting = FramesSource([frame()]).batch(1.0)
    held.port.receive(1.0, lambda: 1.5)
    assert [each.time for each in tap.fetch(1).frames] == [1.5]


def test_what_is_lost_is_counted_and_links_are_watched() -> None:
    held = Held()
    held.line.lost, held.line.missed = 3, 5
    held.port.send(FramesSource([ARP]).batch(0.0))
    assert not held.port.look_after(0.0)
    assert held.counted[Counter.LOST_ON_WIRE] == 3
    assert held.counted[Counter.RECEIVE_ERRORS] == 5
    held.line.is_up = False
    assert held.port.look_after(0.5)
    assert not held.port.is_up
    assert not held.port.look_after(1.0)
    assert held.counted[Counter.RECEIVE_ERRORS] == 5


def test_neighbours_are_told_of_an_address_and_it_is_not_counted() -> None:
    held = Held()
    held.line.descriptor = 7
    configured = Configure(0, MAC, OTHER, "1.1.1.1", "1.1.1.2")
    for _ in range(2):
        held.port.configure(configured)
    (told,) = held.line.sent
    assert told.frame(0)[:14] == b"\xff" * 6 + MAC + b"\x08\x06"
    assert held.counted[Counter.SENT] == 0


def test_an_address_is_told_again_and_again_and_captures_see_it() -> None:
    held = Held()
    tap = Tap(Capture(1, [0], [], 9, False))
    held.port.taps = [tap]
    for now in (1.0, 5.0):  # what is configured once more changes nothing
        held.port.configure(Configure(0, MAC, OTHER, "1.1.1.1", "1.1.1.2", announced=10), now)
    for step in range(1, 60):
        held.port.look_after(step / 2)
    assert [kept.time for kept in tap.fetch(9).frames] == [11.0, 21.0]
    assert {batch.frame(0)[:14] for batch in held.line.sent} == {b"\xff" * 6 + MAC + b"\x08\x06"}
    assert held.count(Counter.SENT) == 0
    held.port.configure(Configure(0, MAC, OTHER), 30.0)
    held.port.look_after(99.0)
    assert len(held.line.sent) == 2

"""What a capture keeps."""

from __future__ import annotations

import numpy as np
import pytest

from scapy_server.services.ports.plane.commands import Capture, Filling
from scapy_server.services.ports.plane.sources import FramesSource
from scapy_server.services.ports.plane.taps import Tap
from tests.services.ports.rig import frame

UDP = frame()
OTHER = bytes(12) + b"\x08\x06" + bytes(46)


def tap(limit: int = 10, cyclic: bool = False, bpf: str = "", snaplen: int = 0) -> Tap:
    return Tap(Capture(1, [0], [1], limit, cyclic, bpf, snaplen))


def test_it_listens_where_it_was_told_to() -> None:
    assert (tap().sent, tap().received) == (frozenset({0}), frozenset({1}))


def test_frames_come_out_in_order_and_once() -> None:
    kept = tap()
    kept.keep(0, FramesSource([UDP, OTHER]).batch(0.0, [1.0, 2.0]), sent=True)
    first = kept.fetch(1)
    assert [(each.time, each.data, each.number, each.sent) for each in first.frames] == [
        (1.0, UDP, 1, True)
    ]
    assert first.pending == 1
    assert [each.data for each in kept.fetch(5).frames] == [OTHER]
    assert kept.filling() == Filling(2, 2, 0, 0)


def test_received_frames_have_the_time_of_their_arrival() -> None:
    batch = FramesSource([UDP]).batch(0.0, [1.0])
    arrived = batch.taken(np.array([0]), np.array([1.25]))
    kept = tap()
    kept.keep(1, arrived, sent=False)
    kept.keep(0, arrived, sent=True)
    assert [(each.time, each.sent) for each in kept.fetch(9).frames] == [(1.0, True), (1.25, False)]


@pytest.mark.parametrize("bpf", ["", "udp"])
@pytest.mark.parametrize(
    ("cyclic", "kept_are"),
    [(False, [(1, True), (2, False), (3, True)]), (True, [(4, False), (5, True), (6, False)])],
)
def test_what_is_shown_in_one_step_is_kept_in_the_order_of_time(
    bpf: str, cyclic: bool, kept_are: list[tuple[int, bool]]
) -> None:
    kept = tap(3, cyclic, bpf)
    sent = FramesSource([UDP] * 3).batch(0.0, [1.0, 2.0, 3.0])
    kept.keep(0, sent, sent=True)
    kept.keep(1, sent.taken(np.arange(3), sent.times), sent=False)
    kept.settle()
    assert [(each.number, each.sent) for each in kept.fetch(9).frames] == kept_are
    assert kept.filling().matched == 6


@pytest.mark.parametrize(("cyclic", "numbers"), [(False, [1, 2, 3]), (True, [5, 6, 7])])
def test_a_full_capture_keeps_the_first_or_the_last(cyclic: bool, numbers: list[int]) -> None:
    kept = tap(3, cyclic)
    kept.keep(0, FramesSource([UDP] * 7).batch(0.0), sent=True)
    assert kept.filling() == Filling(7, 0, 3, 3 * len(UDP))
    assert [each.number for each in kept.fetch(9).frames] == numbers


@pytest.mark.parametrize("cyclic", [False, True])
def test_a_filter_counts_only_what_it_lets_through(cyclic: bool) -> None:
    kept = tap(2, cyclic, "udp")
    kept.keep(0, FramesSource([UDP, OTHER, UDP, OTHER, UDP]).batch(0.0), sent=True)
    assert kept.filling() == Filling(3, 0, 2, 2 * len(UDP))


def test_long_frames_are_cut_and_their_length_is_told() -> None:
    kept = tap(snaplen=20)
    kept.keep(0, FramesSource([UDP]).batch(0.0), sent=True)
    assert kept.filling().bytes == 20
    (only,) = kept.fetch(1).frames
    assert (only.data, only.length) == (UDP[:20], 60)

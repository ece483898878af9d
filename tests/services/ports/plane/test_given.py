"""Frames that are sent as they were given."""

from __future__ import annotations

from math import inf

import pytest

from scapy_server.services.ports.plane.commands import Play
from scapy_server.services.ports.plane.given import Player, Pushed, merged
from scapy_server.services.ports.plane.sources import FramesSource

A, B, C = b"a" * 60, b"b" * 61, b"c" * 62


class TestPushed:
    def test_frames_are_due_one_gap_after_the_other(self) -> None:
        pushed = Pushed(10)
        assert pushed.next_time == inf
        assert pushed.push(0, [A, B, C], 1.0, 0.5) == 3
        assert pushed.next_time == 1.0
        taken = pushed.take(1.5)
        assert list(taken[0].frames()) == [A, B]
        assert taken[0].times.tolist() == [1.0, 1.5]
        assert pushed.next_time == 2.0

    def test_ports_are_apart_and_keep_their_order(self) -> None:
        pushed = Pushed(10)
        pushed.push(1, [A, B], 1.0, 0.0)
        pushed.push(0, [C], 1.0, 0.0)
        taken = pushed.take(2.0)
        assert list(taken[1].frames()) == [A, B]
        assert list(taken[0].frames()) == [C]
        assert pushed.take(9.0) == {}

    def test_there_is_room_for_so_many(self) -> None:
        pushed = Pushed(3)
        assert pushed.push(0, [A, B], 0.0, 0.0) == 2
        assert pushed.push(0, [A, B], 0.0, 0.0) == 1
        assert pushed.push(0, [A], 0.0, 0.0) == 0
        pushed.take(0.0)
        assert pushed.push(0, [A], 0.0, 0.0) == 1


class TestPlayer:
    def test_loops_follow_after_the_pause(self) -> None:
        player = Player(Play(0, 1, [A, B], [0.0, 0.25], 2, 0.75), 10.0, 1e9)
        batch = player.take(9, inf)
        assert batch.times.tolist() == [10.0, 10.25, 11.0, 11.25]
        assert list(batch.frames()) == [A, B, A, B]
        assert player.is_done
        assert player.next_time == inf

    @pytest.mark.parametrize("times", [[0.0, 0.0], [0.0, 1e-9]])
    def test_once_round_takes_what_it_takes_on_the_line(self, times: list[float]) -> None:
        player = Player(Play(0, 1, [A, B], times, 0, 0.0), 0.0, 1e6)
        assert len(player.take(1000, 0.1)) == 2 * 74  # of 2 x 24 + 121 bytes, 1,352 µs each
        assert 0.1 < player.next_time < 0.102

    def test_only_what_is_due_and_asked_for(self) -> None:
        player = Player(Play(0, 1, [A, B], [0.0, 0.25], 2, 0.75), 10.0, 1e9)
        assert len(player.take(1, inf)) == 1
        assert player.next_time == 10.25
        assert len(player.take(9, 10.2)) == 0
        assert player.take(9, 11.0).times.tolist() == [10.25, 11.0]

    def test_an_endless_one_ends_with_its_duration(self) -> None:
        player = Player(Play(0, 1, [A], [0.0], 0, 1.0, duration=2.5), 0.0, 1e9)
        assert player.take(99, 100.0).times.tolist() == [0.0, 1.0, 2.0]
        assert not player.is_done
        assert player.next_time == pytest.approx(2.5)


def test_several_are_merged_by_port() -> None:
    one = {0: FramesSource([A]).batch(0.2)}
    other = {0: FramesSource([B]).batch(0.1), 1: FramesSource([C]).batch(0.3)}
    whole = merged([one, other])
    assert list(whole) == [0, 1]
    assert list(whole[0].frames()) == [B, A]
    assert list(whole[1].frames()) == [C]

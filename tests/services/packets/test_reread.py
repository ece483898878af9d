"""The capture that was read last, and that answers do not depend on it."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from scapy_server import limits
from scapy_server.captures.records import PacketRecord
from scapy_server.captures.writing import write_capture
from scapy_server.limits import Limit
from scapy_server.packet.layers.registry import Registry
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.reread import LastCapture, WalkedCapture
from scapy_server.services.packets.table import dispatcher as dispatcher_of
from tests.services.packets.calling import call, error


def walked(*frames: bytes, damage: str | None = None) -> WalkedCapture:
    records = [PacketRecord(k, frame, 1, 0, len(frame)) for k, frame in enumerate(frames, 1)]
    return WalkedCapture(tuple(records), damage)


def test_one_capture_is_remembered() -> None:
    last, first, second = LastCapture(), walked(b"a"), walked(b"b")
    last.keep("first", first)
    assert last.get("first") is first
    assert last.get("second") is None
    last.keep("second", second)
    assert last.get("second") is second
    assert last.get("first") is None


@pytest.mark.parametrize("more", [0, 1])
def test_the_bound(more: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A capture beyond it does not take the place of the one before."""
    assert limits.REMEMBERED_CAPTURE_BYTES > limits.CAPTURE_PACKETS * 4096
    bound = Limit(2 * (256 + 10) + 4, "bytes", "the capture")
    monkeypatch.setattr(limits, "REMEMBERED_CAPTURE_BYTES", bound)
    last = LastCapture()
    last.keep("abcd" + "=" * more, walked(bytes(10), bytes(10)))
    assert (last.get("abcd" + "=" * more) is None) == bool(more)


@pytest.mark.parametrize("damage", [b"", b"garbage"])
@pytest.mark.parametrize("start", [0, 1, 3, 6, 7])
def test_parts_are_the_same_the_first_time_and_again(
    registry: Registry, start: int, damage: bytes
) -> None:
    dispatcher = dispatcher_of(Core.over(registry))
    text = base64.b64encode(write_capture([bytes([k]) * 20 for k in range(6)]) + damage).decode()
    options: list[Any] = [text, {"start": start, "count": 2, "detail": "bytes"}]
    first = call(dispatcher, "read_pcap", options)
    assert call(dispatcher, "read_pcap", options) == first
    assert first["total"] == 6
    assert ("problem" in first) == bool(damage)


def test_what_is_no_capture_is_so_again(registry: Registry) -> None:
    dispatcher = dispatcher_of(Core.over(registry))
    said = [error(dispatcher, "read_pcap", ["AAAA", {}]) for _ in range(2)]
    assert said[0] == said[1]


def test_how_many_packets_there_are_is_said_or_not_alike(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CAPTURE_COUNTED", Limit(4, "packets and blocks", "a capture"))
    dispatcher = dispatcher_of(Core.over(registry))
    for count, told in ((4, True), (5, True), (8, False)):
        text = base64.b64encode(write_capture([b"x"] * count)).decode()
        for start in (count, 1, 1):
            options = {"start": start, "count": 1, "detail": "bytes"}
            total = call(dispatcher, "read_pcap", [text, options])["total"]
            assert (total == count) == (told or start == count)

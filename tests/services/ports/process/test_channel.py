"""Messages between two ends of a stream socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from scapy_server.services.ports.plane import commands as c
from scapy_server.services.ports.process.channel import (
    Channel,
    ChannelClosed,
    Opened,
    Opening,
    Order,
    news,
    orders,
)

OPENING = Opening([0, 1], [{"kind": "loop"}], [1e10], 1, 0xFC00, 0, 1, 1, True)


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    """The control plane's end and the data plane's."""
    one, other = socket.socketpair()
    control, plane = Channel(one, news), Channel(other, orders)
    yield control, plane
    control.close()
    plane.close()


def test_each_side_hears_what_the_other_says(ends: tuple[Channel, Channel]) -> None:
    control, plane = ends
    said = [OPENING, Order(c.Push(0, [b"a" * 60], 0.5), 1.5), Order(c.Queue(1))]
    for message in said:
        control.send(message)
    assert list(plane.receive()) == said
    told = [Opened(macs=[None, b"123456"]), c.Done(1.0, 2), c.Finished(0, "_", 1, 2.0)]
    for each in told:
        plane.send(each)
    assert list(control.receive()) == told
    assert list(control.receive()) == []


def test_a_message_that_is_larger_than_the_socket_comes_bit_by_bit(
    ends: tuple[Channel, Channel],
) -> None:
    control, plane = ends
    large = Order(c.Push(0, [bytes([number]) * 9000 for number in range(200)]))
    control.send(large)
    assert control.wants_to_write
    heard: list[object] = []
    while not heard:
        heard += plane.receive()
        control.flush()
    assert heard == [large]
    assert not control.wants_to_write


def test_half_a_message_is_none_yet() -> None:
    one, other = socket.socketpair()
    with one, other:
        channel = Channel(one, orders)
        writer, reader = socket.socketpair()
        with writer, reader:
            Channel(writer, news).send(Order(c.Queue(1)))
            data = reader.recv(1000)
        other.send(data[:-1])
        assert list(channel.receive()) == []
        other.send(data[-1:])
        assert list(channel.receive()) == [Order(c.Queue(1))]


def test_what_was_said_before_the_end_is_heard(ends: tuple[Channel, Channel]) -> None:
    control, plane = ends
    control.send(OPENING)
    control.close()
    heard: list[object] = []
    with suppress(ChannelClosed):
        for message in plane.receive():
            heard.append(message)
        pytest.fail("the end was not told")
    assert heard == [OPENING]


def test_nobody_hears_a_closed_channel(ends: tuple[Channel, Channel]) -> None:
    control, plane = ends
    plane.close()
    with pytest.raises(ChannelClosed):
        for _ in range(2):
            control.send(OPENING)


def test_waiting_ends_with_what_comes(ends: tuple[Channel, Channel]) -> None:
    control, plane = ends
    control.send(OPENING)
    plane.wait(60.0)
    assert list(plane.receive()) == [OPENING]

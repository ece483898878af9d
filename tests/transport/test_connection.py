"""A connection over a pair of sockets, one of which the test holds."""

from __future__ import annotations

import socket
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from scapy_server import limits
from scapy_server.transport.connection import CHUNK, Connection
from scapy_server.transport.zmtp.peer import Bounds, Peer, Sealed

BUFFER = memoryview(bytearray(CHUNK))
BOUNDS = Bounds(1000, limits.MESSAGE_FRAMES, limits.ENVELOPE_BYTES)


@contextmanager
def connected() -> Iterator[tuple[Connection, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        yield Connection(5, ours, "192.0.2.7", Peer(b"ROUTER", BOUNDS), 1.0), theirs


def taken(theirs: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (more := theirs.recv(size - len(data))):
        data += more
    return data


def test_who_it_is() -> None:
    with connected() as (connection, _):
        assert (connection.number, connection.address, connection.born) == (5, "192.0.2.7", 1.0)
        assert connection.owner == connection.place == "192.0.2.7"
        assert not connection.ready


def test_what_comes_is_fed_to_the_peer_bit_by_bit() -> None:
    with connected() as (connection, theirs):
        assert connection.read(BUFFER) == 0
        assert connection.waiting == 0
        theirs.sendall(b"\xff" + bytes(4))
        assert connection.read(BUFFER) == 5
        assert connection.waiting == 5
        theirs.close()
        assert connection.read(BUFFER) is None


def test_a_reply_is_unread_until_all_of_it_is_with_the_kernel() -> None:
    with connected() as (connection, theirs):
        large = bytes(range(256)) * (8 * CHUNK // 256)
        assert connection.say([b"head", large], is_reply=True)
        assert connection.unread_replies == 1
        assert 0 < connection.unread_bytes < len(large) + 4
        received = b""
        while connection.unread_bytes:
            received += theirs.recv(CHUNK)
            assert connection.flush()
        received += taken(theirs, 4 + len(large) - len(received))
        assert received == b"head" + large
        assert connection.unread_replies == 0


def test_small_pieces_leave_at_once_and_in_order() -> None:
    with connected() as (connection, theirs):
        connection.say([b"a", b"", b"bc"], is_reply=False)
        connection.say([b"d"], is_reply=True)
        assert (connection.unread_bytes, connection.unread_replies) == (0, 0)
        assert taken(theirs, 4) == b"abcd"


def test_pieces_of_every_size_leave_in_order_however_little_is_read_at_a_time() -> None:
    sizes = [1, 300_000, 0, 7, 2_000_000, 1, 40_000, 900_000]
    pieces = [bytes([number]) * size for number, size in enumerate(sizes)]
    whole = b"".join(pieces)
    many = [b"x", b""] * 1000 + [bytes(20_000)]
    with connected() as (connection, theirs):
        for message in (many, pieces[:3], pieces[3:5], pieces[5:], many):
            assert connection.say(message, is_reply=True)
        whole = b"".join((*many, whole, *many))
        assert connection.unread_replies > 0
        received = b""
        while connection.unread_bytes:
            received += theirs.recv(65_536)
            assert connection.flush()
            assert connection.unread_bytes <= len(whole) - len(received)
        assert received + taken(theirs, len(whole) - len(received)) == whole
        assert connection.unread_replies == 0
        assert not connection.has_something_to_send


def test_a_long_piece_is_not_copied() -> None:
    with connected() as (connection, theirs):
        kept = bytes(64 * CHUNK)
        tracemalloc.start()
        try:
            assert connection.say([b"head", kept, b"end"], is_reply=True)
            assert tracemalloc.get_traced_memory()[1] < CHUNK
        finally:
            tracemalloc.stop()
        assert taken(theirs, 4) == b"head"


def test_what_is_being_sealed_is_waited_for_in_its_place() -> None:
    sealing: Future[bytes] = Future()
    with connected() as (connection, theirs):
        assert connection.say([b"a", Sealed(10, sealing)], is_reply=True)
        assert connection.say([b"d"], is_reply=True)
        assert connection.unread_bytes == 11
        assert not connection.has_something_to_send
        sealing.set_result(b"bc")
        assert connection.has_something_to_send
        assert connection.flush()
        assert (connection.unread_bytes, connection.unread_replies) == (0, 0)
        assert taken(theirs, 4) == b"abcd"
        assert not connection.has_something_to_send


def test_what_is_to_be_sealed_for_who_is_gone_is_not_begun() -> None:
    begun, waiting = Future[bytes](), Future[bytes]()
    begun.set_running_or_notify_cancel()
    with connected() as (connection, _):
        assert connection.say([Sealed(10, begun), Sealed(10, waiting)], is_reply=True)
        connection.close()
        assert connection.socket.fileno() == -1
    assert waiting.cancelled()
    begun.set_result(b"for nobody")


def test_nothing_can_be_said_to_who_is_gone() -> None:
    with connected() as (connection, theirs):
        theirs.close()
        assert not connection.say([b"x"], is_reply=True)

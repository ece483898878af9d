"""A router over real sockets: who gets in, what comes out, and who loses the connection."""

from __future__ import annotations

import itertools
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial

import pytest
import zmq
from nacl import bindings as sodium
from zmq.utils import z85

from scapy_server import limits
from scapy_server.limits import Limit
from scapy_server.transport.access import Rules, parse_networks
from scapy_server.transport.connection import CHUNK
from scapy_server.transport.listening import listen
from scapy_server.transport.router import HANDSHAKE_SECONDS, Received, Router, Undeliverable
from scapy_server.transport.zmtp.commands import command, metadata
from scapy_server.transport.zmtp.curve import CurveKeys
from scapy_server.transport.zmtp.frames import MORE, Cut, header
from tests.running import PATIENCE

MIB = 1024 * 1024
GREETING = b"\xff" + bytes(7) + b"\x01\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
HELLO = GREETING + command(b"READY", metadata(b"DEALER"))


def message(*frames: bytes) -> bytes:
    return b"".join(
        header(len(frame), MORE if position < len(frames) - 1 else 0) + frame
        for position, frame in enumerate(frames)
    )


class Town:
    """A router, what it has told, and its clients."""

    def __init__(self, stack: ExitStack, capacity: int = 1000, **settings: object) -> None:
        self.told: Counter[str] = Counter()
        self.now = time.monotonic()
        self._stack = stack
        self._context = stack.enter_context(zmq.Context[zmq.Socket[bytes]]())
        listener = stack.enter_context(listen("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        rules = settings.pop("rules", Rules())
        self.router = Router(listener, self, rules, capacity, **settings)  # type: ignore[arg-type]
        stack.callback(self.router.close)

    def refused(self, reason: str, address: str, problem: str) -> None:
        self.told[reason] += 1

    def raw(self, said: bytes = HELLO, source: str = "127.0.0.1") -> socket.socket:
        """A connection that says this first."""
        place = ("127.0.0.1", self.port)
        made = socket.create_connection(place, PATIENCE, (source, 0))
        self._stack.enter_context(made)
        made.sendall(said)
        return made

    def client(self, kind: int = zmq.DEALER) -> zmq.Socket[bytes]:
        """A client of ZeroMQ's own library."""
        client = self._context.socket(kind)
        self._stack.callback(client.close, linger=0)
        client.setsockopt(zmq.RCVTIMEO, round(1000 * PATIENCE))
        client.connect(f"tcp://127.0.0.1:{self.port}")
        return client

    def turn(self) -> list[Received]:
        return list(self.router.turn(time.monotonic()))

    def received(self, count: int = 1) -> list[Received]:
        """The next messages, however many turns it takes."""
        found: list[Received] = []
        self.turn_until(lambda: len(found) >= count, found)
        return found

    def turn_until(
        self, condition: Callable[[], object], found: list[Received] | None = None
    ) -> None:
        """Let turns pass until this is true, and collect what they bring."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, "it never came true"
            brought = self.turn()
            if found is not None:
                found += brought
            if not brought:
                time.sleep(0.001)

    def until_told(self, reason: str, count: int = 1) -> None:
        self.turn_until(lambda: self.told[reason] >= count)

    def until_count(self, count: int) -> None:
        self.turn_until(lambda: self.router.count == count)


@pytest.fixture
def town() -> Iterator[Town]:
    with ExitStack() as stack:
        yield Town(stack)


@contextmanager
def town_of(**settings: object) -> Iterator[Town]:
    with ExitStack() as stack:
        yield Town(stack, **settings)  # type: ignore[arg-type]


def refused_of(town: Town) -> socket.socket:
    """A connection that the router has refused."""
    before = sum(town.told.values())
    connection = town.raw(b"")
    town.turn_until(lambda: sum(town.told.values()) > before)
    return connection


def ended(connection: socket.socket) -> bool:
    with suppress(ConnectionError):
        while connection.recv(65536):
            pass
    return True


# -- messages


@pytest.mark.parametrize("size", [0, 255, 256, 3 * CHUNK])
def test_libzmq_sends_and_receives(town: Town, size: int) -> None:
    client = town.client(zmq.REQ)
    client.send(bytes(size))
    (received,) = town.received()
    assert received.frames == [b"", bytes(size)]
    town.router.send(received.connection.number, [b"", b"reply" * size])
    town.turn_until(lambda: client.poll(1))
    assert client.recv() == b"reply" * size


def test_a_flood_of_one_does_not_keep_others_waiting(town: Town) -> None:
    many, one = town.raw(), town.raw()
    town.until_count(2)
    many.sendall(message(b"many") * 5000)
    one.sendall(message(b"one"))
    found = town.received(5001)
    assert [each.frames for each in found].index([b"one"]) < 5000


def test_many_connections_of_others_keep_nobody_waiting(town: Town) -> None:
    crowd = [town.raw(source="127.0.0.2") for _ in range(40)]
    one = town.raw()
    town.until_count(41)
    for each in crowd:
        each.sendall(message(b"many") * 50)
    one.sendall(message(b"one"))
    found = town.received(40 * 50 + 1)
    assert len(found) == 2001
    # Not even those who were seen first are all heard before it.
    assert [each.frames for each in found].index([b"one"]) < 500


def test_who_does_not_wait_for_answers_is_known(town: Town) -> None:
    client = town.raw(HELLO + message(b"hello"))
    connection = town.received()[0].connection
    assert not connection.is_eager
    for said, count, is_eager in (
        (message(b"one") + message(b"other"), 2, True),
        (message(b"one") + message(b"other")[:1], 1, True),
        (message(b"other")[1:], 1, False),
        (message(b"one"), 1, False),
    ):
        client.sendall(said)
        town.received(count)
        assert connection.is_eager == is_eager


def test_all_that_was_sent_is_read_before_the_end(town: Town) -> None:
    client = town.raw()
    client.sendall(message(bytes(CHUNK)) * 3 + message(b"last"))
    client.shutdown(socket.SHUT_WR)
    found = town.received(4)
    assert found[-1].frames == [b"last"]
    town.until_count(0)


def test_a_pipe_of_many_messages_is_served_over_many_turns(town: Town) -> None:
    flood = town.raw()
    flood.sendall(message(b"x") * 20_000)
    found = town.received(20_000)
    assert len(found) == 20_000


def test_two_clients_of_one_identity_are_both_served(town: Town) -> None:
    clients = [town.client(), town.client()]
    for client in clients:
        client.disconnect(f"tcp://127.0.0.1:{town.port}")
        client.setsockopt(zmq.ROUTING_ID, b"\0\x6b\x8b\x45\x67")
        client.connect(f"tcp://127.0.0.1:{town.port}")
        client.send(b"hello")
    found = town.received(2)
    assert found[0].connection is not found[1].connection
    for received in found:
        town.router.send(received.connection.number, [b"served"])
    assert [client.recv() for client in clients] == [b"served", b"served"]


# -- who goes too far


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (message(*[b"x"] * (limits.MESSAGE_FRAMES + 1)), "frames"),
        (header(0, MORE) * 300_000 + header(0, 0), "frames"),
        (message(bytes(limits.ENVELOPE_BYTES + 1), b""), "envelope"),
        (message(bytes(limits.ENVELOPE_BYTES), b"x", b""), "envelope"),
        (header(limits.MESSAGE_BYTES, MORE), "envelope"),
        (header(limits.MESSAGE_BYTES + 1, 0), "size"),
        (header(0, 0x80 | 4), "handshake"),
        (header(limits.ENVELOPE_BYTES + 1, 4), "size"),
    ],
    ids=[
        "frames",
        "very many frames",
        "envelope",
        "sum",
        "announced envelope",
        "size",
        "command",
        "long command",
    ],
)
def test_who_goes_too_far_loses_the_connection_alone(town: Town, sent: bytes, reason: str) -> None:
    polite = town.client()
    polite.send(b"before")
    town.received()
    offender = town.raw()
    town.until_count(2)
    with suppress(ConnectionError):
        offender.setblocking(False)
        with suppress(BlockingIOError):
            offender.sendall(sent)
        offender.settimeout(PATIENCE)
    town.until_told(reason)
    assert ended(offender)
    polite.send(b"after")
    assert town.received()[0].frames == [b"after"]
    assert sum(town.told.values()) == 1
    assert town.router.count == 1


def test_the_largest_envelope_and_number_of_frames(town: Town) -> None:
    client = town.raw()
    frames = [bytes(limits.ENVELOPE_BYTES), *[b""] * (limits.MESSAGE_FRAMES - 2), b"x"]
    client.sendall(message(*frames))
    assert town.received()[0].frames == frames


def test_who_does_not_begin_to_speak_is_ended_in_time(town: Town) -> None:
    silent, ready = town.raw(b"\xff"), town.raw()
    town.until_count(2)
    town.turn()
    town.router.tick(time.monotonic() + HANDSHAKE_SECONDS - 5)
    assert town.router.count == 2
    town.router.tick(time.monotonic() + HANDSHAKE_SECONDS + 1)
    assert ended(silent)
    ready.sendall(message(b"still here"))
    assert town.received()[0].frames == [b"still here"]
    assert town.told == {"handshake": 1}


def test_of_who_has_sent_most_no_more_than_the_ends_are_kept(town: Town) -> None:
    greedy, modest = town.raw(), town.raw()
    modest.sendall(header(MIB, 0) + bytes(1000))
    start, end = b"start".ljust(1024, b"."), b"end".rjust(1024, b".")
    greedy.sendall(header(40 * MIB, 0) + start)
    sent = len(start)
    greedy.setblocking(False)
    freed = 0
    while sent < 40 * MIB - len(end):
        with suppress(BlockingIOError):
            sent += greedy.send(bytes(min(MIB, 40 * MIB - len(end) - sent)))
        assert not town.turn()
        freed += town.router.give_way(town.router.held_bytes - 8 * MIB)
        assert town.router.held_bytes < 10 * MIB
    assert freed > 7 * MIB
    greedy.setblocking(True)
    greedy.sendall(end + message(b"next"))
    found = [each.frames[0] for each in town.received(2)]
    assert found == [start + end, b"next"]
    assert isinstance(found[0], Cut)
    modest.sendall(bytes(MIB - 1000))
    assert len(town.received()[0].frames[0]) == MIB
    assert not town.told


def test_who_has_most_unread_gives_way_when_nothing_is_incomplete(town: Town) -> None:
    hoarder, number = asked(town)
    town.router.send(number, [bytes(40 * MIB)])
    reader, other = asked(town)
    town.router.send(other, [bytes(4 * MIB)])
    assert town.router.give_way(MIB) > 30 * MIB
    assert town.told == {"memory": 1}
    assert ended(hoarder)
    assert town.router.count == 1
    assert reader.recv(100)


# -- who gets in


def test_an_address_that_is_not_allowed_hears_nothing() -> None:
    with town_of(rules=Rules(parse_networks(["127.0.0.1"]))) as town:
        stranger, friend = town.raw(source="127.0.0.2"), town.raw()
        town.until_told("address")
        assert ended(stranger)
        friend.sendall(message(b"hello"))
        assert town.received()[0].connection.address == "127.0.0.1"


def test_connections_of_an_address_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CONNECTIONS_OF_AN_ADDRESS", Limit(5, "", ""))
    with town_of() as town:
        crowd = [town.raw() for _ in range(5)]
        town.until_count(5)
        assert ended(refused_of(town))
        town.raw(source="127.0.0.2")
        town.until_count(6)
        crowd.pop().close()
        town.until_count(5)
        town.raw()
        town.until_count(6)
        assert town.told == {"address_connections": 1}


def test_who_comes_too_fast_waits_for_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "NEW_CONNECTIONS_OF_AN_ADDRESS", Limit(3, "", ""))
    now = time.monotonic()
    with town_of() as town:
        crowd = [town.raw() for _ in range(5)]
        patient = town.raw(HELLO + message(b"hello"))
        town.raw(source="127.0.0.2")
        while town.router.count < 4:  # of whom not all may come within one turn's milliseconds
            list(town.router.turn(now))
        list(town.router.turn(now))
        assert town.router.count == 4
        for each in crowd:
            each.close()
        while town.told["rate"] < 2 or town.router.count > 1:
            list(town.router.turn(now))
        received: list[Received] = []
        while not received:
            now += 0.1
            received += town.router.turn(now)
        assert received[0].frames == [b"hello"]
        town.router.send(received[0].connection.number, [b"at last"])
        assert patient.recv(100)
        assert town.told == {"rate": 2}


def test_those_who_wait_count_as_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "NEW_CONNECTIONS_OF_AN_ADDRESS", Limit(1, "", ""))
    monkeypatch.setattr(limits, "CONNECTIONS_OF_AN_ADDRESS", Limit(3, "", ""))
    now = time.monotonic()
    with town_of() as town:
        crowd = [town.raw(b"") for _ in range(4)]
        while not town.told:
            list(town.router.turn(now))
        assert town.told == {"address_connections": 1}
        assert town.router.count == 1
        town.router.close()
        assert all(map(ended, crowd))


def test_silent_connections_make_room_when_there_is_none() -> None:
    with town_of(capacity=4) as town:
        for _ in range(4):
            town.raw(HELLO + message(b"hello"))
        silent = town.received(4)
        refused = town.raw(b"")
        town.until_told("connections")
        assert ended(refused)
        for received in silent:
            received.connection.active -= limits.IDLE_SECONDS + 1
        town.router.tick(time.monotonic())
        town.raw()
        town.until_told("idle", 4)
        town.until_count(1)


def test_a_crowd_of_another_address_makes_room_by_who_was_quiet_for_longest() -> None:
    with town_of(capacity=4) as town:
        crowd = []
        for _ in range(4):
            crowd.append(town.raw(HELLO + message(b"hello"), "127.0.0.2"))
            town.received()
        crowd[0].sendall(message(b"again"))
        town.received()
        town.raw(HELLO + message(b"new"))
        assert town.received()[0].frames == [b"new"]
        assert town.told == {"crowd": 1}
        assert ended(crowd[1])
        for each in (crowd[0], crowd[2], crowd[3]):
            each.sendall(message(b"still here"))
        assert [each.frames for each in town.received(3)] == [[b"still here"]] * 3


def test_silent_connections_make_room_for_others_of_their_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "CONNECTIONS_OF_AN_ADDRESS", Limit(2, "", ""))
    with town_of() as town:
        for source in ("127.0.0.1", "127.0.0.1", "127.0.0.2"):
            town.raw(HELLO + message(b"hello"), source)
        for received in town.received(3):
            received.connection.active -= limits.IDLE_SECONDS + 1
        town.raw(HELLO + message(b"hello"))
        assert town.received()[0].frames == [b"hello"]
        assert town.told == {"idle": 2}
        assert town.router.count == 2


KEYS, SECRET = sodium.crypto_box_keypair()
KNOWN, KNOWN_SECRET = zmq.curve_keypair()
LOCKED = CurveKeys(KEYS, SECRET, [z85.decode(KNOWN)])


def with_key(town: Town) -> zmq.Socket[bytes]:
    """A client of ZeroMQ's own library that has a key."""
    client = town.client()
    client.disconnect(f"tcp://127.0.0.1:{town.port}")
    client.curve_serverkey = z85.encode(KEYS)
    client.curve_publickey, client.curve_secretkey = KNOWN, KNOWN_SECRET
    client.connect(f"tcp://127.0.0.1:{town.port}")
    return client


def test_a_key_is_demanded_by_libzmq_too() -> None:
    with town_of(keys=LOCKED) as town:
        client = with_key(town)
        client.send_multipart([b"", bytes(100_000)])
        (received,) = town.received()
        assert received.frames == [b"", bytes(100_000)]
        assert received.connection.owner == z85.decode(KNOWN).hex()
        town.router.send(received.connection.number, [b"", b"sealed"])
        assert client.recv_multipart() == [b"", b"sealed"]
        before = town.told["handshake"]
        plain = town.raw()
        town.until_told("handshake", before + 1)
        assert ended(plain)


def test_large_sealed_messages_come_and_go_in_order() -> None:
    large, small = bytes(range(256)) * (16 * MIB // 256), b"small"
    with town_of(keys=LOCKED) as town:
        client = with_key(town)
        for _ in range(3):
            client.send(large)
            client.send(small)
        received = town.received(6)
        assert [each.frames[0] for each in received] == 3 * [large, small]
        number = received[0].connection.number
        for _ in range(2):
            town.router.send(number, [large])
            town.router.send(number, [small])
        assert town.router.unread_bytes > 2 * len(large)
        answered: list[bytes] = []
        while len(answered) < 4:
            town.turn()
            if client.poll(1):
                answered.append(client.recv())
        assert answered == 2 * [large, small]
        assert town.router.unread_bytes == 0


def test_who_leaves_while_its_message_is_opened_is_forgotten() -> None:
    with town_of(keys=LOCKED) as town:
        client = with_key(town)
        client.send(b"small")
        connection = town.received()[0].connection
        client.send(bytes(32 * MIB))
        town.turn_until(lambda: connection.waiting > 30 * MIB)
        client.close(linger=0)
        found: list[Received] = []
        town.turn_until(lambda: not town.router.count, found)
        other = with_key(town)
        other.send(bytes(2 * MIB))
        town.turn_until(lambda: any(len(each.frames[0]) == 2 * MIB for each in found), found)


# -- replies that are not read


def asked(town: Town) -> tuple[socket.socket, int]:
    """A client that asks and does not read, and its number."""
    client = town.raw()
    client.sendall(message(b"request"))
    return client, town.received()[-1].connection.number


def read(town: Town, client: socket.socket, size: int) -> None:
    """Let the client read at least so many bytes."""
    client.setblocking(False)
    got = 0
    while got < size:
        with suppress(BlockingIOError):
            got += len(client.recv(MIB))
        town.turn()


def sent_until_refused(town: Town, number: int, reply: bytes) -> tuple[int, Undeliverable]:
    for count in range(100_000):
        try:
            town.router.send(number, [reply])
        except Undeliverable as refused:
            return count, refused
    raise AssertionError("it took everything")


def test_unread_replies_are_bounded_by_their_bytes(town: Town) -> None:
    client, number = asked(town)
    count, refused = sent_until_refused(town, number, bytes(4 * MIB))
    assert refused.kind == "unread"
    assert town.router.unread_bytes <= limits.UNREAD_BYTES_OF_A_CLIENT
    size = count * len(message(bytes(4 * MIB)))
    read(town, client, size)
    town.turn_until(lambda: town.router.unread_bytes == 0)
    town.router.send(number, [bytes(4 * MIB)])


def test_one_reply_always_fits(town: Town) -> None:
    client, number = asked(town)
    size = limits.UNREAD_BYTES_OF_A_CLIENT + 1
    town.router.send(number, [bytes(size)])
    read(town, client, size)
    town.turn_until(lambda: town.router.unread_bytes == 0)
    assert not town.told["unread"]


def test_small_replies_are_bounded_by_their_number(town: Town) -> None:
    _, number = asked(town)
    town.router.send(number, [bytes(32 * MIB)])
    count, refused = sent_until_refused(town, number, b"x")
    assert refused.kind == "unread"
    assert count == limits.UNREAD_REPLIES_OF_A_CLIENT - 1


@pytest.mark.attack
def test_answers_to_pings_are_bounded_by_their_number(town: Town) -> None:
    flood = town.raw()
    flood.settimeout(0.05)
    pings = command(b"PING", bytes(2)) * 10_000
    while not town.told["unread"]:
        with suppress(TimeoutError, ConnectionError):
            flood.sendall(pings)
        for _ in range(200):
            town.turn()
    assert town.told == {"unread": 1}


def test_who_does_not_read_is_asked_nothing_more_until_it_does(town: Town) -> None:
    client = town.raw(HELLO + b"".join(message(b"%d" % number) for number in range(100)))
    reply = bytes(MIB)
    answered: list[bytes] = []

    def answer() -> bool:
        for received in town.router.turn(time.monotonic()):
            town.router.send(received.connection.number, [reply])
            answered.append(received.frames[0])
        return town.router.unread_bytes > limits.UNREAD_BYTES_WHILE_ASKING

    while not answer():
        time.sleep(0.001)
    for _ in range(50):
        answer()
    assert town.router.unread_bytes <= limits.UNREAD_BYTES_WHILE_ASKING + len(message(reply))
    assert len(answered) < 50
    client.setblocking(False)
    left = 100 * len(message(reply))
    while left > 0:
        with suppress(BlockingIOError):
            left -= len(client.recv(MIB))
        answer()
    assert answered == [b"%d" % number for number in range(100)]


def test_who_has_not_read_for_long_makes_room_when_there_is_none() -> None:
    waited = 0.0
    with town_of(capacity=2, clock=lambda: time.monotonic() + waited) as town:
        hoarder, number = asked(town)
        town.router.send(number, [bytes(16 * MIB)])
        reader, other = asked(town)
        town.router.send(other, [bytes(16 * MIB)])
        waited = limits.IDLE_SECONDS + 1
        read(town, reader, 8 * MIB)
        town.router.tick(time.monotonic())
        assert town.told == {"idle": 1}
        assert ended(hoarder)
        assert town.router.count == 1
        town.router.send(other, [b"still served"])


def test_who_reads_least_makes_room_for_who_is_served(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UNREAD_BYTES", Limit(30 * MIB, "", ""))
    greedy, hoard = asked(town)
    town.router.send(hoard, [bytes(40 * MIB)])
    polite, number = asked(town)
    town.router.send(number, [bytes(4 * MIB)])
    assert town.told == {"memory": 1}
    assert ended(greedy)
    assert town.router.unread_bytes <= 4 * MIB + 16
    assert polite.recv(100)


def test_nothing_comes_of_a_connection_once_it_has_departed() -> None:
    with town_of(clock=partial(next, itertools.count())) as town:  # every step takes a turn
        client = town.raw(HELLO + message(b"one") + message(b"two"))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        town.turn_until(lambda: town.router.count)
        client.close()  # which resets the connection, as only writing to it finds out
        departed: list[tuple[str, int]] = []
        while town.router.count or town.router.unserved:
            assert not (town.turn() and departed)
            departed += town.router.departed()
        assert departed


def test_a_client_that_is_gone(town: Town) -> None:
    client, number = asked(town)
    client.close()
    town.until_count(0)
    with pytest.raises(Undeliverable, match="the client is gone") as caught:
        town.router.send(number, [b"reply"])
    assert caught.value.kind == "gone"
    assert town.router.departed() == [("127.0.0.1", number)]
    assert town.router.departed() == []


def test_replies_on_their_way_may_still_be_read_at_the_end(town: Town) -> None:
    client, number = asked(town)
    town.router.send(number, [bytes(4 * MIB)])
    client.settimeout(0.5)
    town.router.close(0.2)
    got = 0
    while data := client.recv(MIB):
        got += len(data)
    assert got > 1000

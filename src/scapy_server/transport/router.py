"""A listening socket and the connections to it, all of them bounded.

It speaks ZMTP as the socket type that it was made with. Nothing here waits, and no turn
takes long: reading and writing stop after a few milliseconds and go on in the next turn, where
it is somebody else's turn (see `turns`). A client that goes too far loses its own connection,
which is known by a number that no other connection ever has.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import msgspec

from scapy_server import limits
from scapy_server.transport import yielding
from scapy_server.transport.access import Rules
from scapy_server.transport.admission import Admission
from scapy_server.transport.anteroom import Waiting
from scapy_server.transport.aside import Aside
from scapy_server.transport.connection import CHUNK, Connection
from scapy_server.transport.doorway import Doorkeeper, Doorway
from scapy_server.transport.turns import Turns
from scapy_server.transport.zmtp.curve import CurveKeys
from scapy_server.transport.zmtp.frames import Pieces, ProtocolError, size_of
from scapy_server.transport.zmtp.peer import Bounds, Peer

HANDSHAKE_SECONDS = 10.0  # how long a connection may take to speak ZeroMQ
KEEPALIVE_SECONDS = 60  # of silence, before a client is asked whether it is still there
TURN_SECONDS = 0.001  # how long each part of a turn may take before others are looked after
_EVENTS_AT_ONCE = 1024  # each only makes a note that it is somebody's turn
_UNSENT_BYTES = 1024 * 1024  # of a connection, that the kernel takes before it can send them
_OUT = select.EPOLLOUT
_IN = select.EPOLLIN | select.EPOLLRDHUP
#: What happens to a connection is told once, and noted until it has been seen to.
_ONCE = select.EPOLLET
_GONE = select.EPOLLHUP | select.EPOLLERR
_OPTIONS = (
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_BYTES),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_SECONDS),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_SECONDS // 4),
)


class Undeliverable(Exception):
    """A reply was dropped; `kind` is why, in few words that can be counted."""

    def __init__(self, kind: str, problem: str) -> None:
        super().__init__(problem)
        self.kind = kind


class Received(msgspec.Struct, frozen=True):
    """The frames of a message, and the connection that it came by."""

    connection: Connection
    frames: list[bytes]


class Router:
    """Connections by number. `capacity` is how many descriptors it may use for them."""

    def __init__(  # noqa: PLR0913, PLR0917 (what it is made of)
        self,
        listener: socket.socket,
        doorkeeper: Doorkeeper,
        rules: Rules,
        capacity: int,
        socket_type: bytes = b"ROUTER",
        max_message: int = int(limits.MESSAGE_BYTES),
        keys: CurveKeys | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._doorkeeper = doorkeeper
        self._admission = Admission(capacity)
        self._type = socket_type
        self._bounds = Bounds(max_message, limits.MESSAGE_FRAMES, limits.ENVELOPE_BYTES)
        self._keys = keys
        self._clock = clock
        #: How much has come so far, by all connections.
        self.taken_bytes = 0
        self._last_number = 0
        self._connections: dict[int, Connection] = {}
        self._by_descriptor: dict[int, Connection] = {}
        self._turns = Turns()
        self._buffer = memoryview(bytearray(CHUNK))
        self._unread_total = 0
        self._departed: list[tuple[str, int]] = []
        self._aside = Aside()
        self._poll = select.epoll()
        self._poll.register(self._aside.fileno(), select.EPOLLIN)
        self._doorway = Doorway(
            listener,
            doorkeeper,
            rules,
            self._admission,
            self._poll,
            self._end_idle,
            self._end_quietest,
        )

    # -- what the holder asks

    def fileno(self) -> int:
        """A descriptor that is readable when `turn` has something to do."""
        return self._poll.fileno()

    @property
    def count(self) -> int:
        """How many connections there are."""
        return len(self._connections)

    @property
    def unread_bytes(self) -> int:
        """The size of all replies that clients have not read yet."""
        return self._unread_total

    @property
    def held_bytes(self) -> int:
        """The size of what has come and was not handed on, and of what is unread."""
        return self._unread_total + sum(each.waiting for each in self._connections.values())

    def give_way(self, excess: int) -> int:
        """Hold so many bytes less of those who have most of `held_bytes`; how many it were.

        Long messages that are not complete are given up first, which are handed on as such when
        they have come. If that is not enough, whoever has most loses the connection.
        """
        freed = 0
        for each in yielding.by_size(self._connections.values(), lambda each: each.waiting):
            if freed >= excess:
                return freed
            freed += each.peer.give_up()
        for each in yielding.by_size(self._connections.values(), yielding.held):
            if freed >= excess:
                break
            freed += yielding.held(each)
            self._refuse(each, "memory", "it has most that is incomplete or unread")
        return freed

    def departed(self) -> list[tuple[str, int]]:
        """Owner and number of the connections that have ended since last asked."""
        departed, self._departed = self._departed, []
        return departed

    @property
    def unserved(self) -> bool:
        """Whether messages may have come that `turn` has not handed on yet."""
        return bool(self._turns)

    def turn(self, now: float) -> Iterator[Received]:
        """See to what has come, and hand messages on, for a few milliseconds."""
        called = self._note(self._poll.poll(0, _EVENTS_AT_ONCE))
        if called:
            self._let_in(self._doorway.come(now), now)
        if self._doorway.anyone_waits:
            self._let_in(self._doorway.called(now), now)
        end = self._clock() + TURN_SECONDS
        while (number := self._turns.next()) is not None:
            connection = self._connections[number]
            received = self._serve(connection, now)
            if received:
                yield Received(connection, received)
            if self._clock() > end:
                return

    def send(self, number: int, frames: Sequence[bytes | Pieces]) -> None:
        """Send a message; Undeliverable when the client is gone or too slow."""
        connection = self._connections.get(number)
        if connection is None:
            raise Undeliverable("gone", "the client is gone")
        size = sum(map(size_of, frames))
        if connection.unread_bytes:
            self._check_unread(connection, size)
        if self._unread_total + size > limits.UNREAD_BYTES:
            self._relieve_output(connection, size)
        if not connection.say(connection.peer.wire(frames), is_reply=True):
            self._end(connection)
            raise Undeliverable("gone", "the client is gone")
        if connection.unread_bytes or connection.counted_bytes:
            self._watch(connection)

    def tick(self, now: float) -> None:
        """Look after time-outs and memory; to be called several times a second."""
        self._doorway.tick(now)
        self._let_in(self._doorway.called(now), now)
        for connection in list(self._connections.values()):
            if not connection.ready and now > connection.born + HANDSHAKE_SECONDS:
                self._refuse(connection, "handshake", "it did not begin to speak ZeroMQ")
        if self._admission.is_scarce:
            self._end_idle()

    def close(self, patience: float = 0.0) -> None:
        """End all connections; replies still on their way may take so many seconds."""
        self._doorway.close()
        end = self._clock() + patience
        writable = list(self._connections.values())
        while True:
            for connection in writable:
                self._write(connection)
            left = end - self._clock()
            if left <= 0 or not any(each.unread_bytes for each in self._connections.values()):
                break
            happened = self._poll.poll(left, _EVENTS_AT_ONCE)
            if any(descriptor == self._aside.fileno() for descriptor, _ in happened):
                self._go_on()
            connections = (self._by_descriptor.get(descriptor) for descriptor, _ in happened)
            writable = [each for each in connections if each is not None]
        for connection in list(self._connections.values()):
            self._end(connection)
        self._aside.close()
        self._poll.close()

    # -- connections come and go

    def _let_in(self, those: Iterator[Waiting | None], now: float) -> None:
        end = self._clock() + TURN_SECONDS
        for one in those:
            if one is not None:
                self._welcome(one.socket, one.address, now)
            if self._clock() > end:
                return

    def _welcome(self, its: socket.socket, address: str, now: float) -> None:
        its.setblocking(False)
        for level, option, value in _OPTIONS:
            its.setsockopt(level, option, value)
        self._last_number += 1
        aside = partial(self._aside.start, self._last_number)
        peer = Peer(self._type, self._bounds, self._keys, aside=aside)
        connection = Connection(self._last_number, its, address, peer, now)
        self._connections[connection.number] = connection
        self._by_descriptor[connection.descriptor] = connection
        connection.polled = _IN
        self._poll.register(its, _IN | _ONCE)
        self._say_outgoing(connection)

    def _end_idle(self, place: str | None = None) -> bool:
        """End connections (of a place) that have been silent for long; whether there were any."""
        since = self._clock() - limits.IDLE_SECONDS
        silent = yielding.silent(self._connections.values(), since, place)
        for connection in silent:
            self._refuse(connection, "idle", "it was silent while connections are scarce")
        return bool(silent)

    def _end_quietest(self, place: str, reason: str, problem: str) -> bool:
        """End the connection of a place that was silent for longest; whether there was one."""
        quietest = yielding.quietest(self._connections.values(), place)
        if quietest is None:
            return False
        self._refuse(quietest, reason, problem)
        return True

    def _end(self, connection: Connection) -> None:
        if self._connections.pop(connection.number, None) is None:
            return
        del self._by_descriptor[connection.descriptor]
        self._turns.remove(connection.number)
        self._admission.left(connection.place)
        self._departed.append((connection.owner, connection.number))
        self._unread_total -= connection.counted_bytes
        self._poll.unregister(connection.descriptor)
        connection.close()

    def _refuse(self, connection: Connection, reason: str, problem: str) -> None:
        self._end(connection)
        self._tell(reason, connection.address, problem)

    def _tell(self, reason: str, address: str, problem: str) -> None:
        self._doorkeeper.refused(reason, address, problem)

    # -- what comes

    def _note(self, happened: list[tuple[int, int]]) -> bool:
        """Note whose turn it is now; whether somebody has come."""
        called = False
        for descriptor, events in happened:
            connection = self._by_descriptor.get(descriptor)
            if connection is not None:
                connection.happened |= events
                self._turns.add(connection.number, connection.place, connection.is_eager)
            elif descriptor == self._doorway.fileno():
                called = True
            elif descriptor == self._aside.fileno():
                self._go_on()
            else:
                self._doorway.leave(descriptor)
        return called

    def _serve(self, connection: Connection, now: float) -> list[bytes] | None:
        """Let a connection have its turn; the message that it has brought, if there is one."""
        if connection.happened & _OUT:
            connection.happened &= ~_OUT
            if not self._write(connection):
                return None
        if connection.is_behind and not connection.happened & _GONE:
            return None  # it is served again as soon as it has read
        received = None if connection.is_hungry else self._next_of(connection)
        if received is None and connection.happened and self._read(connection, now):
            received = self._next_of(connection)
            connection.is_eager = bool(received) and connection.waiting > 0
        connection.is_hungry = received is None
        # What answers a handshake may find that the client has gone, and end the connection.
        if connection.number not in self._connections:
            return None
        if connection.happened or (received is not None and connection.waiting):
            self._turns.add(connection.number, connection.place, more=True)
        return received

    def _read(self, connection: Connection, now: float) -> bool:
        """Read on, not too much at once; False at the end."""
        if connection.number not in self._connections:
            return False
        connection.active = now
        taken = connection.read(self._buffer)
        if taken is None:
            self._lost(connection)
            return False
        self.taken_bytes += taken
        if not taken or (taken < CHUNK and not connection.happened & ~select.EPOLLIN):
            connection.happened = 0  # there was no more; before an end all is read
        return True

    def _lost(self, connection: Connection) -> None:
        if not connection.ready:
            self._tell("handshake", connection.address, "it left before it spoke ZeroMQ")
        self._end(connection)

    def _next_of(self, connection: Connection) -> list[bytes] | None:
        """As `Peer.next`, for a connection that is ended when it goes too far."""
        try:
            frames = connection.peer.next()
        except ProtocolError as error:
            self._refuse(connection, error.kind, str(error))
            return None
        if connection.peer.has_outgoing:
            self._say_outgoing(connection)
        return frames

    # -- what goes

    def _check_unread(self, connection: Connection, size: int) -> None:
        own = connection.unread_bytes
        if own + size > limits.UNREAD_BYTES_OF_A_CLIENT:
            raise Undeliverable("unread", f"the client has not read {own} bytes of its replies")
        if connection.unread_replies >= limits.UNREAD_REPLIES_OF_A_CLIENT:
            raise Undeliverable("unread", "the client does not read its replies")

    def _relieve_output(self, connection: Connection, size: int) -> None:
        """End those who read least, while all have too much to read; never who is served."""
        while self._unread_total + size > limits.UNREAD_BYTES:
            most = yielding.most_unread(self._connections.values(), connection)
            if most is None:
                return
            self._refuse(most, "memory", "it has most to read and does not read it")

    def _go_on(self) -> None:
        """What was done aside for connections can be sent, or handed on."""
        for number in self._aside.done():
            connection = self._connections.get(number)
            if connection is not None and self._write(connection):
                connection.is_hungry = False
                self._turns.add(number, connection.place, more=True)

    def _say_outgoing(self, connection: Connection) -> None:
        outgoing = connection.peer.outgoing()
        if connection.unread_answers >= limits.UNREAD_REPLIES_OF_A_CLIENT:
            self._refuse(connection, "unread", "it does not read what it asks for")
        elif connection.say([outgoing], is_reply=False):
            self._watch(connection)
        else:
            self._end(connection)

    def _write(self, connection: Connection) -> bool:
        before = connection.unread_bytes
        if not connection.flush():
            self._end(connection)
            return False
        if connection.unread_bytes < before:
            connection.active = self._clock()
        self._watch(connection)
        return True

    def _watch(self, connection: Connection) -> None:
        """Count what is unread, and be told of what the connection can do next."""
        self._unread_total += connection.unread_bytes - connection.counted_bytes
        connection.counted_bytes = connection.unread_bytes
        wanted = 0 if connection.is_behind else _IN
        wanted |= _OUT if connection.has_something_to_send else 0
        if wanted != connection.polled:
            if wanted & ~connection.polled & _IN:
                # for what had come meanwhile
                self._turns.add(connection.number, connection.place, connection.is_eager)
            connection.polled = wanted
            self._poll.modify(connection.descriptor, wanted | _ONCE)

"""The way in: who comes to a listening socket, may come, has to wait, or is sent away.

Who is sent away, and why, is told. Nothing is read here, and nothing waits.
"""

from __future__ import annotations

import errno
import select
import socket
from collections.abc import Callable, Iterator
from typing import Protocol

from scapy_server.transport.access import Rules
from scapy_server.transport.admission import Admission, place_of
from scapy_server.transport.anteroom import Anteroom, Waiting

_OUT_OF = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_REASONS = {
    "address": "its address is not allowed",
    "rate": "its address opens too many connections a second, and it did not wait",
    "address_connections": "its address has too many connections",
    "connections": "there are too many connections",
    "crowd": "others need room, and its address has most connections",
}


class Doorkeeper(Protocol):
    """Is told of connections that were refused or ended."""

    def refused(self, reason: str, address: str, problem: str) -> None:
        """A connection from this address was refused or ended, for this reason."""


class Doorway:
    """`make_room` ends connections that are not used, of a place if one is given, and says
    whether there were any; it is asked seldom. `push_out` ends the one of a place that was quiet
    for longest, if there is one. Times are monotonic seconds.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (what it is made of)
        self,
        listener: socket.socket,
        doorkeeper: Doorkeeper,
        rules: Rules,
        admission: Admission,
        poll: select.epoll,
        make_room: Callable[[str | None], bool],
        push_out: Callable[[str, str, str], bool],
    ) -> None:
        listener.setblocking(False)
        self._listener = listener
        self._doorkeeper = doorkeeper
        self._rules = rules
        self._admission = admission
        self._anteroom = Anteroom(poll)
        self._poll = poll
        self._make_room = make_room
        self._push_out = push_out
        self._searched: set[str | None] = set()
        poll.register(listener, select.EPOLLIN)

    def fileno(self) -> int:
        """A descriptor that is readable when somebody has come."""
        return self._listener.fileno()

    def come(self, now: float) -> Iterator[Waiting | None]:
        """One after the other who has come; None for each that is sent away or has to wait."""
        while True:
            try:
                its, (address, *_) = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                self._doorkeeper.refused("accept", "", error.strerror or str(error))
                if error.errno in _OUT_OF:  # it would be the same at once; `tick` tries again
                    self._poll.modify(self._listener, 0)
                return
            address = address.removeprefix("::ffff:")  # an IPv4 client of a socket for both
            one = Waiting(its, address, place_of(address))
            yield one if self._may_come_in(one, now) else None

    @property
    def anyone_waits(self) -> bool:
        """Whether there is somebody to be called."""
        return len(self._anteroom) > 0

    def called(self, now: float) -> Iterator[Waiting]:
        """Those who have waited and may come in now."""
        return self._anteroom.called(lambda place: self._admission.may_open(place, now))

    def leave(self, descriptor: int) -> None:
        """Something has happened to a connection that may wait here, so it is gone."""
        self._leave(descriptor, "rate")

    def tick(self, now: float) -> None:
        """To be called several times a second."""
        self._searched.clear()
        self._admission.tick(now)
        self._poll.modify(self._listener, select.EPOLLIN)

    def close(self) -> None:
        """Send away all who wait, and listen no more."""
        self._anteroom.close()
        if self._listener.fileno() >= 0:
            # Closing does not do that, as other processes have the listener as well.
            self._poll.unregister(self._listener)
            self._listener.close()

    def _leave(self, descriptor: int, reason: str) -> None:
        gone = self._anteroom.leave(descriptor)
        if gone is not None:
            self._admission.left(gone.place)
            self._send_away(gone, reason)

    def _may_come_in(self, one: Waiting, now: float) -> bool:
        reason = self._unwelcome(one)
        if reason is not None:
            self._send_away(one, reason)
            return False
        self._admission.entered(one.place)
        if one.place not in self._anteroom and self._admission.may_open(one.place, now):
            return True
        self._anteroom.enter(one)
        return False

    def _unwelcome(self, one: Waiting) -> str | None:
        if not self._rules.allow(one.address):
            return "address"
        reason = self._admission.refusal(one.place)
        if reason is None:
            return None
        if reason == "address_connections":
            return None if self._room_was_made(one.place) else reason
        return None if self._room_was_made(None) or self._crowd_gives_way(one) else reason

    def _room_was_made(self, place: str | None) -> bool:
        if place in self._searched:  # looking at all connections takes long
            return False
        self._searched.add(place)
        return self._make_room(place)

    def _crowd_gives_way(self, one: Waiting) -> bool:
        """Let the place with most connections lose one for a place that has clearly fewer."""
        crowd = self._admission.crowd_beside(one.place)
        if crowd is None:
            return False
        waiting = self._anteroom.last_of(crowd)
        if waiting is None:
            return self._push_out(crowd, "crowd", _REASONS["crowd"])
        self._leave(waiting, "crowd")
        return True

    def _send_away(self, one: Waiting, reason: str) -> None:
        one.socket.close()
        self._doorkeeper.refused(reason, one.address, _REASONS[reason])

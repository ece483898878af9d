"""The control plane: what is known of all ports, and the answers to requests.

It has no sockets and no clock of its own: requests come as bytes, events of data planes as
values, and time from a function that it was given.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import msgspec

from scapy_server import limits
from scapy_server.services.ports.link import Bridges, Exports, Link
from scapy_server.services.ports.method import Method, Part
from scapy_server.services.ports.plane import commands as plane
from scapy_server.services.ports.requests import envelope
from scapy_server.services.ports.requests.reading import Fields, Source
from scapy_server.services.ports.requests.refusals import (
    BadParameters,
    NotExecuted,
    Refusal,
    UnknownMethod,
)
from scapy_server.services.ports.state import ownership
from scapy_server.services.ports.state.captures import Captures
from scapy_server.services.ports.state.events import Events, Kind
from scapy_server.services.ports.state.flows import Groups
from scapy_server.services.ports.state.port import Port
from scapy_server.services.ports.state.profile import Profile
from scapy_server.services.ports.state.tables import ProfileCommand, State
from scapy_server.streams.refusals import StreamRefused

_HANDLER_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_HANDLER_LENGTH = 8


@dataclass(frozen=True)
class Setup:
    """What the operator chose. `directory` is where files to be played may be, None for none.

    `cores` is the number of data-plane cores that are emulated; clients are told of
    `shown_cores`, so many that masks and pins of scripts for real machines are accepted.
    `base` is the mark of the first flow. Clients may end the server with `remote_shutdown`.
    """

    cores: int = 1
    shown_cores: int = 2
    base: int = 0xFC00
    directory: str | None = None
    remote_shutdown: bool = True
    started: str = ""
    hostname: str = ""
    processor: str = ""


@dataclass
class Answer:
    """The reply to a message, and what is to happen because of it.

    `acted` says that something was asked for which moves ports, `shut_down` that the server
    is to end, `bugs` are tracebacks for the log.
    """

    data: bytes
    methods: list[str] = field(default_factory=list)
    failed: bool = False
    acted: bool = False
    shut_down: bool = False
    bugs: list[str] = field(default_factory=list)


class Control:
    """All ports of a server."""

    def __init__(  # noqa: PLR0913, PLR0917 (what it is made of)
        self,
        setup: Setup,
        ports: Sequence[Port],
        links: Iterable[Link],
        methods: Iterable[Method],
        clock: Callable[[], float],
        wall: Callable[[], float],
        random: Random,
        bridges: Bridges,
        exports: Exports,
    ) -> None:
        self.setup = setup
        self.ports = {port.number: port for port in ports}
        self.links = {number: link for link in links for number in link.numbers}
        self.methods = {method.name: method for method in methods}
        self.events = Events()
        self.groups = Groups()
        self.captures = Captures()
        self.configuration: dict[str, Any] = {
            "sched_max_stretch": 0.0,
            "process_at_cp": False,
            "do_mbuf_cache": False,
        }
        self.bridges = bridges
        self.exports = exports
        self._clock = clock
        self._wall = wall
        self._random = random
        self.api_handler = self.new_handler()
        self.shut_down = False
        self.doorbells = 0
        self._runs = 0

    # -- for methods

    @property
    def now(self) -> float:
        """The server's time, in seconds."""
        return self._clock()

    @property
    def wall(self) -> float:
        """Seconds by which clients live, however fast the server's time goes."""
        return self._wall()

    def new_handler(self) -> str:
        """A secret for whoever owns a port."""
        return "".join(self._random.choices(_HANDLER_CHARACTERS, k=_HANDLER_LENGTH))

    def next_run(self) -> int:
        """A number for a start, so that news of an earlier one are told from those of it."""
        self._runs += 1
        return self._runs

    def port_of(self, fields: Fields) -> Port:
        """The port that the parameter `port_id` names."""
        number = fields.byte("port_id")
        if number not in self.ports:
            raise NotExecuted("invalid port id - should be: " + " ".join(map(str, self.ports)))
        return self.ports[number]

    def ask(self, port: Port, command: plane.Command) -> plane.Reply:
        """Have the data plane of a port do something; NotExecuted when it refuses."""
        reply = self.links[port.number].ask(command)
        if isinstance(reply, plane.Refused):
            raise NotExecuted(reply.text)
        return reply

    def publish(self, kind: Kind, **data: object) -> None:
        """Let all sessions know what has happened."""
        self.events.publish(kind, data, self.wall)

    def load_of(self, port: Port) -> float:
        """How busy the data plane of a port is, in percent."""
        return float(self.links[port.number].counters.loads[0])

    # -- requests

    def handle(self, text: bytes) -> Answer:
        """Answer a message of any bytes. Never raises an Exception but MemoryError."""
        work = self.begin(text)
        while not work.is_done:
            work.step()
        return work.answer

    def begin(self, text: bytes) -> Work:
        """As `handle`, but request by request, so that a batch holds nobody up."""
        return Work(self, text)

    def reply(
        self, element: object, source: Source, path: tuple[str | int, ...], answer: Answer
    ) -> dict[str, Any]:
        """The reply to one request. Never raises an Exception but MemoryError."""
        call = envelope.read_call(element)
        if isinstance(call, envelope.Misformed):
            answer.failed = True
            return envelope.failure(call.id, call.refusal)
        try:
            method = self.methods.get(call.method)
            if method is None:
                raise UnknownMethod(call.method)
            answer.methods.append(method.name)
            answer.acted = answer.acted or method.acts
            return envelope.success(call.id, self._call(method, call.params, source, path))
        except StreamRefused as refused:
            refusal = refusal_of(refused, source, (*path, "params"))
        except Refusal as raised:
            refusal = raised
        except MemoryError:
            raise
        except Exception:  # a bug of ours, whatever it is: the client still gets an answer
            answer.bugs.append(traceback.format_exc())
            answer.failed = True
            return envelope.fault(call.id, -32603, "Internal Server Error", "an unknown failure")
        answer.failed = True
        return envelope.failure(call.id, refusal)

    def _call(
        self, method: Method, params: object, source: Source, path: tuple[str | int, ...]
    ) -> object:
        if params is None and method.part is not None:
            raise BadParameters("field 'api_h' is missing")
        if params is not None and not isinstance(params, dict):
            raise NotExecuted("JSON-RPC2 params should be object in TRex case ")
        fields = Fields(params or {}, source, (*path, "params"))
        if method.part is not None:
            self._check_handler(method.part, fields.text("api_h"))
        if method.owned:
            handler = fields.text("handler")
            ownership.check(self.port_of(fields).owner, handler)
        return method.function(self, fields)

    def _check_handler(self, part: Part, given: str) -> None:
        if given != self.api_handler:
            raise NotExecuted(
                f"API verification failed - API handler provided mismatch for class: '{part.value}'"
            )

    # -- what data planes tell

    def happened(self, event: plane.Event) -> None:
        """Take note of what a data plane tells."""
        port = self.ports[event.port]
        if isinstance(event, plane.Finished):
            profile = port.profiles.get(event.profile)
            if profile is not None and profile.is_active and profile.run == event.run:
                self._finish(port, profile)
        elif isinstance(event, plane.Played):
            if port.playing and port.run == event.run:
                port.playing = False
                self.publish(Kind.PORT_FINISHED, port_id=port.number)
        elif isinstance(event, plane.LinkChanged):
            port.set_link(event.up)
            self.publish(Kind.PORT_ATTRIBUTES, port_id=port.number, attr=port.link_block)
        elif isinstance(event, plane.Failed):
            self._fail(port)

    def _finish(self, port: Port, profile: Profile) -> None:
        profile.do(ProfileCommand.FINISHED)
        self.publish(Kind.PROFILE_FINISHED, port_id=port.number, profile_id=profile.name)
        if port.state is State.STREAMS:
            self.publish(Kind.PORT_FINISHED, port_id=port.number)

    def _fail(self, port: Port) -> None:
        """The data plane of a port is gone, with all that it was sending."""
        self.publish(Kind.PORT_ERROR, port_id=port.number, thread_id=0)
        for profile in list(port.active):
            self.publish(
                Kind.PROFILE_ERROR, port_id=port.number, profile_id=profile.name, thread_id=0
            )
            self._finish(port, profile)
        if port.playing:
            port.playing = False
            self.publish(Kind.PORT_FINISHED, port_id=port.number)


class Work:
    """A message that is being answered; `answer` is complete when it is done."""

    def __init__(self, control: Control, text: bytes) -> None:
        self._control = control
        self._source = Source(text)
        self._replies: list[bytes] = []
        self._size = 0
        self.answer = Answer(b"")
        self.is_done = False
        self.is_batch = False
        self._elements = self._read(text)

    def _read(self, text: bytes) -> list[object]:
        try:
            message = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return self._refused(-32700, "Bad JSON Format")
        if not isinstance(message, list):
            return [message]
        self.is_batch = True
        if not message:
            return self._refused(-32600, "a batch holds at least one request")
        most = limits.PORTS_BATCH_REQUESTS
        if len(message) > most:
            return self._refused(-32600, f"{most.meaning} holds at most {int(most)} {most.unit}")
        return message

    def _refused(self, code: int, problem: str) -> list[object]:
        self.answer.failed = self.is_done = True
        self.answer.data = envelope.encoded(envelope.fault(None, code, problem))
        return []

    def step(self) -> None:
        """Answer the next request of the message."""
        number = len(self._replies)
        path = (number,) if self.is_batch else ()
        if self._size > limits.PORTS_REPLY_BYTES:
            self._refuse_rest()
            return
        reply = self._control.reply(self._elements[number], self._source, path, self.answer)
        self._replies.append(envelope.encoded(reply))
        self._size += len(self._replies[-1])
        if len(self._replies) == len(self._elements):
            single = len(self._replies) == 1
            joined = b",".join(self._replies)
            self.answer.data = joined if single else b"[" + joined + b"]"
            self.answer.shut_down = self._control.shut_down
            self.is_done = True

    def _refuse_rest(self) -> None:
        """Answer what is left of a batch whose replies are too large, and do not carry it out."""
        most = limits.PORTS_REPLY_BYTES
        fault = envelope.fault(None, -32600, f"{most.meaning} have at most {int(most)} {most.unit}")
        left = len(self._elements) - len(self._replies)
        joined = b",".join([*self._replies, *[envelope.encoded(fault)] * left])
        self.answer.data = b"[" + joined + b"]"
        self.answer.failed = self.is_done = True


_PLACED = ("is '", "has negative value", "has size bigger")


def refusal_of(refused: StreamRefused, source: Source, path: tuple[str | int, ...]) -> Refusal:
    """The refusal of something about streams as this service's clients know it."""
    text = refused.engine_text
    if text.startswith("'") and any(part in text for part in _PLACED):
        text = f"error at offset: {source.offset((*path, *refused.path))} - {text}"
    return BadParameters(text) if refused.parameter else NotExecuted(text)

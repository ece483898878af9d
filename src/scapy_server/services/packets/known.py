"""Answers that are known without packet code: by plans, and because they never change."""

from __future__ import annotations

from base64 import b64decode
from collections import OrderedDict
from typing import Any

from scapy_server.packet.plans.book import PlanBook
from scapy_server.rpc import Reply
from scapy_server.rpc.envelope import Refusal, read_request, success_around
from scapy_server.services.packets import planned
from scapy_server.services.packets.methods.about import VERSION_HANDLER
from scapy_server.services.packets.notes import Constant, params_of, read_note

LONGEST_REQUEST = 64 * 1024  # bytes; a longer one takes too long to read in passing
CONSTANT_BYTES = 32 * 1024 * 1024  # of all constants that are kept, with their params
CONSTANTS = 4096  # that are kept
_OVERHEAD = 512  # bytes that keeping one takes besides
LONGEST_PARAMS = 4 * 1024  # bytes of the params of a constant
SHORT_PARAMS = 1024  # longer ones are kept for results that are longer still


_Key = tuple[str, bytes]


class KnownAnswers:
    """Packets of known shapes, by plans, and answers that never change.

    What it answers is byte for byte what a worker would; where it is not sure, it leaves
    the request to one. All that it knows is of one generation of workers, the newest that
    taught it anything.
    """

    def __init__(self) -> None:
        self._begin(0)

    def _begin(self, generation: int) -> None:
        self._generation = generation
        self._plans = PlanBook()
        self._constants: OrderedDict[_Key, bytes] = OrderedDict()
        self._constant_bytes = 0
        self._methods: set[str] = set()

    def answer(self, request: bytes, method: str, generation: int) -> Reply | None:
        """The reply to a request that is known of this generation, None for any other."""
        if generation != self._generation or method not in self._methods:
            return None
        if len(request) > LONGEST_REQUEST:
            return None
        parsed = read_request(request)
        if isinstance(parsed, Refusal):
            return None
        if method == planned.BUILD_PKT.name:
            result = self._built(parsed.params)
        elif method == planned.RECONSTRUCT_PKT.name:
            result = self._rewritten(parsed.params)
        else:
            result = self._constants.get((method, params_of(request)))
        if result is None:
            return None
        start, *rest = success_around(parsed.id, result)
        return Reply(start, method, rest=(*rest,))

    def learn(self, note: bytes, generation: int) -> None:
        """Take a plan or a constant; raises msgspec.DecodeError for what is no note."""
        if generation < self._generation:
            return
        learned = read_note(note)
        if generation > self._generation:
            self._begin(generation)
        if isinstance(learned, Constant):
            self._keep(learned)
            self._methods.add(learned.method)
        else:
            self._plans.learn(learned)
            self._methods.update((planned.BUILD_PKT.name, planned.RECONSTRUCT_PKT.name))

    def _built(self, params: object) -> bytes | None:
        own = _own(params, planned.BUILD_PKT)
        return self._plans.built(own[0]) if len(own) == 1 else None

    def _rewritten(self, params: object) -> bytes | None:
        own = _own(params, planned.RECONSTRUCT_PKT)
        if not 1 <= len(own) <= 2 or not isinstance(own[0], str):
            return None
        changes = own[1] if len(own) == 2 else None
        try:
            frame = b64decode(own[0], validate=True)
        except ValueError:
            return None  # the long way knows what to say
        return self._plans.rewritten(frame, [] if changes is None else changes)

    def _keep(self, constant: Constant) -> None:
        longest = max(SHORT_PARAMS, min(LONGEST_PARAMS, len(constant.result)))
        if len(constant.params) > longest:
            return
        key = (constant.method, constant.params)
        self._drop(key)
        self._constants[key] = constant.result
        self._constant_bytes += _cost(key, constant.result)
        while self._constant_bytes > CONSTANT_BYTES or len(self._constants) > CONSTANTS:
            self._drop(next(iter(self._constants)))

    def _drop(self, key: _Key) -> None:
        result = self._constants.pop(key, None)
        if result is not None:
            self._constant_bytes -= _cost(key, result)


def _cost(key: _Key, result: bytes) -> int:
    return len(key[0]) + len(key[1]) + len(result) + _OVERHEAD


def _own(params: object, method: planned.Planned) -> list[Any]:
    """A method's own parameters in order, [] if they do not come as they usually do."""
    names = method.names
    if isinstance(params, dict):
        given = list(params)
        return list(params.values()) if given == names[: len(given)] else []
    if not isinstance(params, list):
        return []
    return params[1:] if params and params[0] == VERSION_HANDLER else params

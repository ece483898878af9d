"""Questions of the desk, answered by a packet server without blocking the pages."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from scapy_server.client import Client, ClientError
from scapy_server.desk.questions import Question

#: How long a question waits for a server that is away, and between attempts, in seconds.
PATIENCE = 30.0
PAUSE = 0.25
_REMEMBERED = 20
#: What the first server had already, with the version handler in front of the parameters; it
#: takes them in no other form. Source: docs/wire.md, "Telling the calling
#: forms apart".
_FIRST_METHODS = frozenset(
    (
        "build_pkt",
        "build_pkt_ex",
        "decompile_vm_raw",
        "get_definitions",
        "get_payload_classes",
        "get_template",
        "get_templates",
        "read_pcap",
        "reconstruct_pkt",
        "write_pcap",
    )
)
_UNKNOWN_METHOD = -32601


class Link:
    """A connection to one server, shared by all pages; questions are asked one at a time.

    A server that goes away is asked again until it is back or `patience` is over: what the
    desk asks may all be repeated. Raises ClientError as the client does.
    """

    def __init__(
        self,
        server: str,
        timeout: float = 5.0,
        curve_keys: Path | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self.server = server
        self.waiting = False
        self._patience = patience
        self._connect = partial(Client, server, timeout, curve_keys)
        self._client = self._connect()
        self._thread = _new_thread()
        self._turns = asyncio.Lock()
        self._handler: str | None = None
        self._latencies: deque[float] = deque(maxlen=_REMEMBERED)
        self._listeners: list[Callable[[], None]] = []

    @property
    def latency(self) -> float | None:
        """The median of the last answers' times, in seconds; None before the first."""
        known = sorted(self._latencies)
        return known[len(known) // 2] if known else None

    def on_waiting(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Be told when the server goes away or is back; what it returns ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def answer(self, question: Question) -> Any:
        """The result of one question."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience
        while True:
            try:
                result = await self._in_turn(loop, question)
            except ClientError as error:
                if error.code is not None or loop.time() >= end:
                    self._set_waiting(False)
                    raise
                self._set_waiting(True)
                await asyncio.sleep(PAUSE)
            else:
                self._set_waiting(False)
                return result

    async def _in_turn(self, loop: asyncio.AbstractEventLoop, question: Question) -> Any:
        async with self._turns:
            try:
                return await loop.run_in_executor(self._thread, self._ask, self._client, question)
            except asyncio.CancelledError:
                self._leave_behind()
                raise

    def _leave_behind(self) -> None:
        """Ask on over a new connection: nobody waits for what the old one is asked any more."""
        self._thread.submit(self._client.close)
        self._thread.shutdown(wait=False)
        self._client, self._thread = self._connect(), _new_thread()

    def close(self) -> None:
        """End the connection, once the question that is being asked is answered."""
        self._thread.shutdown(cancel_futures=True)
        self._client.close()

    def _ask(self, client: Client, question: Question) -> Any:
        start = time.perf_counter()
        try:
            result = client.call(question.method, *self._params(client, question))
        except ClientError as error:
            if error.code != _UNKNOWN_METHOD:
                raise
            raise ClientError(
                error.code,
                f"the packet server {self.server} does not know {question.method}; "
                "this needs a newer one",
            ) from error
        self._latencies.append(time.perf_counter() - start)
        return result

    def _params(self, client: Client, question: Question) -> Sequence[Any]:
        if question.method not in _FIRST_METHODS:
            return question.params
        if self._handler is None:
            major, _, minor = str(client.call("get_version")["version"]).partition(".")
            self._handler = str(client.call("get_version_handler", major, minor))
        return [self._handler, *question.params]

    def _set_waiting(self, waiting: bool) -> None:
        if waiting != self.waiting:
            self.waiting = waiting
            for listener in list(self._listeners):
                listener()


def _new_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "packet-server")

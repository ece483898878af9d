"""A worker: a process that answers one request after the other until the front is gone."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import traceback
from types import FrameType
from typing import NoReturn

from scapy_server import limits
from scapy_server.errors import ErrorCode, RefusedError
from scapy_server.process import kernel
from scapy_server.rpc import Dispatcher, Reply
from scapy_server.rpc.envelope import failure
from scapy_server.rpc.peek import peek, request_id
from scapy_server.workers.channel import Answer, Head, Kind, read_request, write_answer


def run(peer: socket.socket, dispatcher: Dispatcher, memory: int, zygote: int) -> NoReturn:
    """Answer requests from `peer`; ends the process."""
    try:
        kernel.die_with_parent(zygote)
        kernel.set_name("scapy-worker")
        kernel.prefer_as_victim()
        kernel.limit_memory(memory)
        gc.enable()  # the zygote goes without
        write_answer(peer, Answer(Head(Kind.READY, kernel.resident_bytes())))
        signal.signal(signal.SIGPROF, _out_of_time)
        while (request := read_request(peer)) is not None:
            write_answer(peer, _answer(dispatcher, request))
            del request
    except MemoryError:
        gc.collect()
        _say_out_of_memory(peer)
    except OSError:
        pass  # the front is gone, and so are those who would care
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


class _OutOfTime(BaseException):
    """Ends a request wherever it is; like KeyboardInterrupt, so that nothing eats it."""


def _out_of_time(number: int, frame: FrameType | None) -> NoReturn:
    raise _OutOfTime


def _answer(dispatcher: Dispatcher, request: bytes) -> Answer:
    """The answer to a request, which has `limits.REQUEST_PROCESSOR_MILLISECONDS` for it.

    Requests count their own work and seldom get so far. One that does may be stopped
    anywhere, so this process is not to be used again.
    """
    seconds = limits.REQUEST_PROCESSOR_MILLISECONDS / 1000
    try:
        try:
            # Again and again, in case Scapy catches what it should not.
            signal.setitimer(signal.ITIMER_PROF, seconds, seconds / 20)
            return answer_of(dispatcher.handle(request), request)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except _OutOfTime:
        signal.setitimer(signal.ITIMER_PROF, 0)
        bound = limits.REQUEST_PROCESSOR_MILLISECONDS
        problem = RefusedError(f"{bound.meaning} may be at most {int(bound)} {bound.unit}")
        data = failure(request_id(request), problem.code, problem.message)
        head = Head(Kind.SPENT, kernel.resident_bytes(), peek(request).method or None)
        head.error = int(problem.code)
        return Answer(head, data)


def answer_of(reply: Reply, request: bytes) -> Answer:
    """What the front is told of a reply."""
    data, error = reply.data, reply.error
    if len(data) > limits.REPLY_BYTES:
        error = ErrorCode.SERVER_ERROR
        try:
            limits.REPLY_BYTES.check(len(data))
        except RefusedError as refused:
            data = failure(request_id(request), error, refused.message)
    head = Head(
        Kind.ANSWER,
        kernel.resident_bytes(),
        reply.method,
        None if error is None else int(error),
        reply.shut_down,
        reply.bug,
    )
    return Answer(head, data, reply.note)


def _say_out_of_memory(peer: socket.socket) -> None:
    with contextlib.suppress(OSError, MemoryError):
        write_answer(peer, Answer(Head(Kind.OUT_OF_MEMORY)))

"""A worker: a process that answers one request after the other until the front is gone."""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import traceback
from typing import NoReturn

from scapy_server import limits
from scapy_server.errors import ErrorCode, RefusedError
from scapy_server.process import kernel
from scapy_server.rpc import Dispatcher, Reply
from scapy_server.rpc.envelope import failure
from scapy_server.rpc.peek import request_id
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
        while (request := read_request(peer)) is not None:
            write_answer(peer, answer_of(dispatcher.handle(request), request))
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

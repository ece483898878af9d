"""A stand-in for the first packet server: its methods, its one calling form, nothing newer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import zmq

from scapy_server.errors import ScapyServerError
from scapy_service import Scapy_service

HANDLER = "gCpT7kGF+TG7Jmm90XmxdQ=="
#: The parameters that each method counts, with the handler in front.
COUNTS = {
    "get_definitions": 2,
    "get_payload_classes": 2,
    "build_pkt": 2,
    "build_pkt_ex": 3,
    "reconstruct_pkt": 3,
    "read_pcap": 2,
    "write_pcap": 2,
    "get_templates": 1,
    "get_template": 2,
    "decompile_vm_raw": 3,
}
#: Members of a field that it did not have yet.
_NEWER = ("bit_offset", "bit_length", "parts", "format")


class FirstServer:
    """Answers as the first server did; `refused` has what it did not know."""

    def __init__(self) -> None:
        self._service = Scapy_service()
        self.refused: list[str] = []

    def reply(self, request: dict[str, Any]) -> dict[str, Any]:
        """The reply to one request."""
        method, params = request["method"], request.get("params") or []
        if method == "get_version":
            return {"result": {"built_by": "first", "version": "1.02"}}
        if method == "get_version_handler":
            return {"result": HANDLER}
        if method not in COUNTS:
            self.refused.append(method)
            return {"error": {"code": -32601, "message": "Method not found"}}
        if len(params) != COUNTS[method] or params[0] != HANDLER:
            return {"error": {"code": -32603, "message": "Invalid params"}}
        try:
            return {"result": _older(getattr(self._service, method)(*params[1:]))}
        except ScapyServerError as error:
            return {"error": {"code": -32098, "message": error.message}}


def _older(result: Any) -> Any:
    if isinstance(result, dict):
        return {key: _older(value) for key, value in result.items() if key not in _NEWER}
    return [_older(each) for each in result] if isinstance(result, list) else result


@contextmanager
def first_server() -> Iterator[tuple[str, FirstServer]]:
    """One that runs, and its address."""
    server, ending = FirstServer(), threading.Event()
    with zmq.Context() as context, context.socket(zmq.REP) as sock:
        port = sock.bind_to_random_port("tcp://127.0.0.1")

        def answer() -> None:
            while not ending.is_set():
                if sock.poll(50):
                    request = json.loads(sock.recv())
                    sock.send_json({"jsonrpc": "2.0", "id": request["id"], **server.reply(request)})

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield f"127.0.0.1:{port}", server
        finally:
            ending.set()
            thread.join()

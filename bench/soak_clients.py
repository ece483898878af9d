"""Clients of the soak: what they ask, and what they make of the answers."""

from __future__ import annotations

import base64
import json
import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zmq

from scapy_server import Client, ClientError

CAPTURES = Path(__file__).parents[1] / "tests" / "sample_captures"
PATIENCE_MILLISECONDS = 60_000
SERVER_ERROR = -32098

MODELS: list[list[dict[str, Any]]] = [
    [{"id": "Ether"}, {"id": "IP"}, {"id": "TCP"}],
    [{"id": "Ether"}, {"id": "IPv6"}, {"id": "UDP"}, {"id": "DNS"}],
    [{"id": "Ether"}, {"id": "Dot1Q"}, {"id": "IP"}, {"id": "ICMP"}, {"id": "Raw"}],
    [{"id": "Ether"}, {"id": "IP", "fields": [{"id": "ttl", "value": "900"}]}],
    [{"id": "Ether"}, {"id": "Nope"}],
]
PROGRAM = {
    "instructions": [
        {
            "id": "STLVmFlowVar",
            "parameters": {"name": "a", "size": "1", "min_value": "1", "max_value": "9"},
        },
        {"id": "STLVmWrFlowVar", "parameters": {"fv_name": "a", "pkt_offset": "IP.ttl"}},
    ],
    "global_parameters": {"cache_size": "10"},
}
MALFORMED = (b"", b"\xff\xfe", b"{", b"[]", b"{}", b'{"jsonrpc":"2.0"}', b"[" * 5000, b'"text"')


def calls(client: Client) -> list[tuple[str, list[Any]]]:
    """All methods but those of the front, with parameters good and bad."""
    databases = client.call("get_all")
    frame = client.call("build_pkt", MODELS[0])["binary"]
    captures = [path.read_bytes() for path in sorted(CAPTURES.glob("*cap"))]
    texts = [base64.b64encode(capture).decode() for capture in captures]
    return [
        ("ping", []),
        ("get_version", []),
        ("get_version_handler", ["1", "02"]),
        ("supported_methods", ["all"]),
        ("get_all", []),
        ("check_update", [databases["db_md5"], databases["fields_md5"]]),
        ("check_update", ["x", "y"]),
        ("get_tree", []),
        ("get_definitions", [["Ether", "IP", "TCP"]]),
        ("get_definitions", [None]),
        ("get_payload_classes", [MODELS[0]]),
        ("get_templates", []),
        ("get_template", [{"id": "TCP-SYN"}]),
        ("get_template", [{"id": "nope"}]),
        ("write_pcap", [[frame, frame]]),
        ("check_update_of_dbs", [databases["db_md5"], databases["fields_md5"]]),
        ("build_pkts", [MODELS[:3]]),
        ("build_pkts", [MODELS]),
        ("explain_program", [MODELS[0], {"field_engine": PROGRAM}]),
        ("build_pkt_ex", [MODELS[0], {"field_engine": PROGRAM}]),
        ("decompile_vm_raw", [frame, {"instructions": [], "cache": 0}]),
        ("load_instruction_parameter_values", [MODELS[0], {}, "pkt_offset"]),
        ("render_packets", [MODELS[0], {"field_engine": PROGRAM}, {"count": 50}]),
        ("read_expression", ["Ether()/IP(dst='10.0.0.1')/UDP()"]),
        ("read_expression", ["Ether()/open('x')"]),
        ("write_expression", [frame, "Ether"]),
        ("get_all_pkt_offsets", ["Ether()/IP()"]),
        ("nope", []),
        *(("build_pkt", [model]) for model in MODELS),
        *(("build_pkt_ex", [model, {}]) for model in MODELS),
        *(("reconstruct_pkt", [frame, [{"id": "Ether"}, *more]]) for more in ([], [{"id": "X"}])),
        *(("read_pcap", [text]) for text in texts),
    ]


@dataclass
class Books:
    """What the clients saw; shared by their threads."""

    requests: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, code: str, message: str = "") -> None:
        with self.lock:
            self.requests += 1
            self.codes[code] += 1
            if message:
                self.messages[message[:100]] += 1

    def complain(self, text: str) -> None:
        with self.lock:
            self.wrong.append(text[:300])


class Caller(threading.Thread):
    """A client that keeps a few requests under way and checks each answer."""

    def __init__(
        self, port: int, golden: list[tuple[bytes, Any]], books: Books, stop: threading.Event
    ) -> None:
        super().__init__()
        self._port = port
        self._golden = golden
        self._books = books
        self._stopped = stop
        self._random = random.Random(id(self))
        self._again: dict[int, tuple[bytes, Any]] = {}  # asked when the connection was lost

    def run(self) -> None:
        context = zmq.Context.instance()
        while not self._stopped.is_set():
            with context.socket(zmq.DEALER) as socket:
                socket.setsockopt(zmq.LINGER, 0)
                self._lost = socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
                socket.connect(f"tcp://127.0.0.1:{self._port}")
                for _ in range(self._random.randint(1, 60)):
                    if self._stopped.is_set() or not self._round(socket):
                        break
                socket.disable_monitor()
                self._lost.close(linger=0)
                if self._again:
                    continue
                if self._random.random() < 0.3:  # vanish, with requests under way
                    socket.send(self._golden[0][0] % 0)

    def _round(self, socket: zmq.Socket[bytes]) -> bool:
        waiting, self._again = self._again, {}
        for number in range(1, 0 if waiting else self._random.randint(1, 4)):
            waiting[number] = self._random.choice(self._golden)
        for number, (template, _) in waiting.items():
            socket.send(template % number)
        malformed = 0
        if self._random.random() < 0.2:
            malformed = 1
            socket.send(self._random.choice(MALFORMED))
        while waiting or malformed:
            if not self._wait(socket):
                if self._lost.poll(0):
                    self._books.count("lost with a front")
                    self._again = waiting
                    return False
                self._books.complain(f"never answered: {[w[0][:100] for w in waiting.values()]}")
                return False
            reply = json.loads(socket.recv())
            if reply["id"] is None and malformed:
                malformed = 0
                self._books.count(str(reply["error"]["code"]))
            elif reply["id"] not in waiting:
                self._books.complain(f"answered twice, or swapped: {str(reply)[:200]}")
                return False
            else:
                self._judge(reply, *waiting.pop(reply["id"]))
        return True

    def _wait(self, socket: zmq.Socket[bytes]) -> bool:
        """Whether a reply has come, before the connection was lost or patience ended."""
        poller = zmq.Poller()
        for each in (socket, self._lost):
            poller.register(each, zmq.POLLIN)
        return socket in dict(poller.poll(PATIENCE_MILLISECONDS))

    def _judge(self, reply: dict[str, Any], template: bytes, expected: Any) -> None:
        outcome = reply.get("result", reply.get("error"))
        code = str(reply["error"]["code"]) if "error" in reply else "ok"
        if outcome == expected:
            self._books.count(code)
        elif code == str(SERVER_ERROR) and any(
            text in outcome["message"] for text in ("worker processes", "busy", "longer than")
        ):
            self._books.count("by the faults", outcome["message"])
        else:
            self._books.complain(f"{template[:100]!r}: {str(reply)[:150]}")


def golden_answers(client: Client) -> list[tuple[bytes, Any]]:
    """Each call as a request with a place for its id, and the answer to it."""
    golden = []
    for method, params in calls(client):
        request = {"jsonrpc": "2.0", "id": 0, "method": method, "params": params}
        template = json.dumps(request).replace("%", "%%").replace('"id": 0', '"id": %d', 1)
        try:
            expected = client.call(method, *params)
        except ClientError as error:
            expected = {"code": error.code, "message": error.message}
        golden.append((template.encode(), expected))
    return golden

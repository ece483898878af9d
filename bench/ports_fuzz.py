"""Hostile clients of a ports server, beside one that goes on working.

    python bench/ports_fuzz.py [--seconds 60] [--seed 1] [--clock virtual]

Clients own two ports and call all methods with parameters of every kind, in every order, one by
one and in batches, plain, compressed, cut and as noise; others send noise to the socket of
events. Meanwhile somebody else sends bursts on two more ports, and each must arrive whole. It is
a finding when a reply is none, or says that the server has failed; when a process has been
replaced or written a traceback; and when the one who works waits long or loses a packet.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ports import FRAME, VARIED
from scapy_server.client.connection import ClientError
from scapy_server.client.ports import PortsClient
from scapy_server.services.ports.methods.table import METHODS
from scapy_server.services.ports.requests import zipped

HOSTILE = 3
KNOWN = {-32700, -32600, -32601, -32602, -32000, -32003, -32603}
#: Refusals for their size have the number of failures.
TOO_LARGE = "Request is too large"
REQUESTS, EVENTS = 24601, 24600

STREAM = {
    "flags": 3, "action_count": 0, "enabled": True, "self_start": True, "isg": 0.0,
    "next_stream_id": -1, "core_id": -1, "random_seed": 5,
    "mode": {
        "type": "single_burst", "total_pkts": 50, "rate": {"type": "pps", "value": 5000.0},
    },
    "packet": {"binary": base64.b64encode(FRAME).decode(), "meta": ""},
    "vm": {"instructions": VARIED},
    "flow_stats": {"enabled": True, "stream_id": 7, "rule_type": "stats"},
}  # fmt: skip
STEADY = {"type": "continuous", "rate": {"type": "pps", "value": 9.0}}
MUL = {"type": "raw", "op": "abs", "value": 1.0}
#: A parameter that does for each name; methods take some of them.
GOOD: dict[str, list[Any]] = {
    "port_id": [0, 1],
    "profile_id": ["_", "a", "*"],
    "stream_id": [1, 2, 3],
    "stream": [STREAM, STREAM | {"mode": STEADY}],
    "mul": [MUL, {"type": "percentage", "op": "abs", "value": 0.001}, MUL | {"op": "add"}],
    "duration": [-1, 0.05],
    "force": [True, False],
    "stream_ids": [[1], [1, 2]],
    "user": ["hostile"],
    "session_id": [77],
    "enabled": [True, False],
    "filtered": [True, False],
    "mask": [255],
    "type": ["queue", "server"],
    "size": [10],
    "command": ["start", "stop", "fetch", "status", "remove"],
    "capture_id": [1, 2, 3, 4],
    "limit": [10],
    "mode": ["fixed", "cyclic"],
    "tx": [[0], [0, 1]],
    "rx": [[1], []],
    "filter": ["", "udp"],
    "pkt_limit": [50],
    "pkts": [[{"binary": base64.b64encode(FRAME).decode(), "use_port_dst_mac": True,
               "use_port_src_mac": False}]],
    "attr": [{"promiscuous": {"enabled": True}}, {"link_status": {"up": True}}],
    "dst_mac": ["02:00:00:00:00:11"],
    "src_addr": ["1.1.1.1"],
    "dst_addr": ["1.1.1.2"],
    "vlan": [[], [5]],
    "src_ipv6": ["", "2001:db8::1"],
    "pgids": [[], [7]],
    "key": [5],
    "baseline": [False],
    "ticket_id": [1],
    "batch": ["[]"],
    "endpoint": ["ipc:///tmp/nowhere"],
    "bpf_filter": ["arp"],
    "pcap_filename": ["none.pcap"],
    "ipg_usec": [10],
    "speedup": [1.0],
    "count": [1],
    "name": ["STL"],
    "major": [5],
    "minor": [1],
    "get_pkt": [True],
    "sched_max_stretch": [0.0001],
    "username": ["hostile"],
}  # fmt: skip
BAD: list[Any] = [
    None, True, False, 0, -1, 1, 255, 256, 1 << 16, 1 << 32, 1 << 64, -(1 << 63), 10**40, 0.5,
    -0.0, 1e308, 5e-324, "", "x", "0", "\0", "\ud800", "é" * 500, "A" * 5000, [], [[]], {},
    {"": {}}, [None] * 50, ["x"] * 3, {"a": [{"b": []}]}, [1, "1", 1.0, None],
    "ip and " * 300 + "ip", "portrange 1-65535", "../../etc/passwd", "tcp://127.0.0.1:1",
]  # fmt: skip


class Mutator:
    """Draws requests."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def request(self, secrets: dict[str, Any]) -> dict[str, Any]:
        """A call of a method, with parameters that are mostly right."""
        draw = self.random
        method = draw.choice(METHODS).name
        params = {name: draw.choice(values) for name, values in GOOD.items()}
        params["api_h"] = secrets["api_h"]
        params["handler"] = secrets["handlers"].get(params["port_id"], "none")
        for _ in range(draw.choice((0, 0, 1, 1, 2, 4))):
            params = self.damaged(params, 0)
        return {"jsonrpc": "2.0", "id": draw.randrange(1000), "method": method, "params": params}

    def damaged(self, value: Any, depth: int) -> Any:
        """A value with something in it replaced, left out, or put where it does not belong."""
        draw = self.random
        if isinstance(value, dict) and value and depth < draw.choice((1, 3, 5)):
            name = draw.choice(list(value))
            rest = dict(value)
            kind = draw.randrange(5)
            if kind == 0:
                del rest[name]
            elif kind == 1:
                rest[name] = draw.choice(BAD)
            else:
                rest[name] = self.damaged(value[name], depth + 1)
            return rest
        if isinstance(value, list) and value and depth < 6 and draw.random() < 0.7:
            place = draw.randrange(len(value))
            return [*value[:place], self.damaged(value[place], depth + 1), *value[place + 1 :]]
        return draw.choice(BAD)

    def message(self, secrets: dict[str, Any]) -> bytes:
        """The bytes of a message."""
        draw, kind = self.random, self.random.random()
        if kind < 0.6:
            text = _json(self._kept_off_others(self.request(secrets)))
        elif kind < 0.8:
            count = draw.choice((1, 2, 10, 60))
            calls = [self._kept_off_others(self.request(secrets)) for _ in range(count)]
            text = _json([*calls, *draw.choice(([], [1], [{}], [[]]))])
        elif kind < 0.86:
            text = _json(self._kept_off_others(self.request(secrets)))
            text = text[: draw.randrange(len(text))]
        elif kind < 0.9:
            return draw.randbytes(draw.randrange(1, 300))
        elif kind < 0.92:
            return _bomb(draw.choice((10**6, 10**8)))
        elif kind < 0.94:
            size = draw.randrange(1 << 32)
            return b"\xab\xe8\x5c\xea" + size.to_bytes(4, "big") + zlib.compress(b"[]")
        else:
            text = _json(draw.choice(BAD)) if draw.random() < 0.5 else b"[" * draw.randrange(9999)
        return zipped.zipped(text) if draw.random() < 0.5 else text or b" "

    @staticmethod
    def _kept_off_others(call: dict[str, Any]) -> dict[str, Any]:
        """The call, on no port of the one who works."""
        params = call["params"]
        if isinstance(params, dict) and isinstance(params.get("port_id"), int):
            params["port_id"] -= 2 * (params["port_id"] in {2, 3})
        return call


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _bomb(size: int) -> bytes:
    return b"\xab\xe8\x5c\xea" + size.to_bytes(4, "big") + zlib.compress(bytes(size))


class Findings:
    """What was seen, by all threads."""

    def __init__(self) -> None:
        self.codes: Counter[object] = Counter()
        self.wrong: list[str] = []
        self.waits: list[float] = []
        self.bursts = 0

    def judge(self, message: bytes, reply: bytes) -> None:
        """Whether a reply is one."""
        try:
            text = zipped.unzipped(reply, 1 << 30)
            content = json.loads(text)
            for each in content if isinstance(content, list) else [content]:
                error = each.get("error")
                if error is None:
                    assert "result" in each
                    self.codes["result"] += 1
                    continue
                self.codes[error["code"]] += 1
                large = error["message"].startswith(TOO_LARGE)
                assert error["code"] in KNOWN, error
                assert error["code"] != -32603 or large, error
        except Exception as problem:  # all that is wrong with a reply is a finding
            self.wrong.append(f"{problem!r}: {message[:300]!r} was answered {reply[:300]!r}")


def attack(seed: int, end: float, findings: Findings) -> None:
    """Send messages until the end."""
    mutator = Mutator(seed)
    client = PortsClient(f"127.0.0.1:{REQUESTS}", 30.0)
    secrets: dict[str, Any] = {"api_h": None, "handlers": {}}
    while time.monotonic() < end:
        if mutator.random.random() < 0.02:
            for port in (0, 1):
                client.acquire(port, f"hostile{seed}", seed + 100, True)
            secrets = {"api_h": client._api_handler, "handlers": client._handlers}
        message = mutator.message(secrets)
        try:
            findings.judge(message, client._connection.exchange(message))
        except ClientError as problem:
            findings.wrong.append(f"no reply: {problem}: {message[:300]!r}")
            client = PortsClient(f"127.0.0.1:{REQUESTS}", 30.0)
    client.close()


def noise(seed: int, end: float) -> None:
    """Come, say something that may be a greeting, a subscription or nothing, and go."""
    draw = random.Random(seed)
    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL".ljust(22, b"\0") + bytes(32)
    ready = b"\x04\x19\x05READY\x0bSocket-Type\x00\x00\x00\x03SUB"
    while time.monotonic() < end:
        port = draw.choice((REQUESTS, EVENTS))
        time.sleep(0.02)  # more connections of an address are refused
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 10) as peer:
            parts = [greeting, ready, b"\x00\x01\x01", draw.randbytes(draw.randrange(1, 99))]
            for part in parts[: draw.randrange(1, 5)]:
                peer.sendall(part)
            for _ in range(draw.randrange(50)):
                peer.sendall(b"\x00\x02\x01" + draw.randbytes(1))


def work(end: float, findings: Findings) -> None:
    """Send bursts on port 2, and see each arrive on port 3."""
    start = {"mul": MUL, "duration": -1, "force": True}
    with PortsClient(f"127.0.0.1:{REQUESTS}", 30.0) as client:

        def timed(method: str, **params: Any) -> Any:
            began = time.monotonic()
            result = client.call(method, **params)
            findings.waits.append(time.monotonic() - began)
            return result

        client.acquire(2, "worker", 1, True)
        plain = STREAM | {"vm": {"instructions": []}, "flow_stats": {"enabled": False}}
        client.on_port("add_stream", 2, stream_id=1, stream=plain)
        sent = 0
        while time.monotonic() < end:
            client.on_port("start_traffic", 2, **start)
            sent += 50
            while client.call("get_port_status", port_id=2)["state"] == "TX":
                timed("ping")
            counted = [timed("get_port_stats", port_id=port) for port in (2, 3)]
            if (counted[0]["opackets"], counted[1]["ipackets"]) != (sent, sent):
                findings.wrong.append(f"of {sent} packets {counted}")
                return
            findings.bursts += 1


def processes(pid: int) -> list[int]:
    """The processes below one."""
    direct = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return direct + [each for child in direct for each in processes(child)]


@contextmanager
def server(clock: str, log: Path) -> Iterator[int]:
    """A ports server that nobody may shut down; its process."""
    command = [sys.executable, "-m", "scapy_server", "ports", *["loop"] * 4, "--clock", clock]
    options = ["--port", str(REQUESTS), "--async-port", str(EVENTS), "--no-remote-shutdown"]
    with log.open("w") as errors, subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=errors, text=True
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            while "Ports:" not in process.stdout.readline():
                pass
            yield process.pid
        finally:
            process.terminate()


def main() -> None:
    """Attack for a while, and tell what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clock", choices=("real", "virtual"), default="real")
    parser.add_argument("--log", type=Path, default=Path("/tmp/ports_fuzz.log"))
    options = parser.parse_args()
    findings = Findings()
    with server(options.clock, options.log) as pid:
        before = processes(pid)
        end = time.monotonic() + options.seconds
        seeds = range(options.seed * HOSTILE, (options.seed + 1) * HOSTILE)
        threads = [
            *(threading.Thread(target=attack, args=(seed, end, findings)) for seed in seeds),
            threading.Thread(target=noise, args=(options.seed, end)),
            threading.Thread(target=work, args=(end, findings)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if processes(pid) != before:
            findings.wrong.append("a process was replaced")
    if "Traceback" in (text := options.log.read_text()):
        findings.wrong.append(text)
    waits = sorted(findings.waits)
    print(f"{sum(findings.codes.values())} replies: {dict(findings.codes)}")
    print(f"{findings.bursts} bursts of somebody else, who waited", end=" ")
    print(f"{1000 * waits[len(waits) // 2]:.1f} ms, at most {1000 * waits[-1]:.0f} ms")
    print("\n".join(findings.wrong[:20]) or "no findings")
    sys.exit(bool(findings.wrong))


if __name__ == "__main__":
    main()

"""How fast captures are read, as ratios in one run; part of `make bench`.

Ours is what a worker does with requests for one part after the other: base64, reading,
dissecting, the reply's JSON. Processor time is compared, tshark's without its start.
"""

from __future__ import annotations

import base64
import json
import os
import random
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Packet, Raw

from scapy_server.captures.reading import is_capture, read_capture
from scapy_server.captures.writing import write_capture
from scapy_server.rpc.dispatcher import Dispatcher
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.table import dispatcher

FRAMES = 20_000
SAMPLES = Path(__file__).parent.parent / "tests" / "sample_captures"

#: Fields whose values change nothing but themselves, in any layer.
VARYING = {
    *("src", "dst", "hwsrc", "hwdst", "psrc", "pdst", "id", "ttl", "seq", "ack", "window"),
    *("chksum", "load", "data", "spi", "init_SPI", "resp_SPI", "nonce", "ke", "unixSecs"),
}

SHAPES: tuple[Callable[[int, random.Random], Packet], ...] = (
    lambda k, draw: Ether() / IP(id=k) / TCP(sport=k, dport=9000, seq=k) / Raw(draw.randbytes(40)),
    lambda k, draw: Ether() / IP(id=k) / UDP(sport=k, dport=9000) / Raw(draw.randbytes(60)),
    lambda k, _: Ether() / Dot1Q(vlan=k % 4096) / IP(id=k) / UDP(sport=9, dport=k) / Raw(b"x" * 26),
    lambda k, _: Ether() / ARP(psrc=f"10.0.{k % 256}.1"),
)


def main() -> None:
    """Measure and print the table."""
    answer = dispatcher(Core.load())
    captures = [path.read_bytes() for path in sorted(SAMPLES.glob("*cap*")) if is_whole(path)]
    first = min(seconds_of_first_sight(captures) for _ in range(3))
    draw = random.Random(1)
    frames = [bytes(SHAPES[k % 4](1024 + k, draw)) for k in range(FRAMES)]
    made = Table("what", "ratio", "goal", "ours, packets/s", "against", "its packets/s")
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "frames.pcap"
        path.write_bytes(write_capture(frames))
        trees, lines = (rate(answer, path, detail) for detail in ("tree", "summary"))
        pdml = "tshark -T pdml", tshark(path, "-T", "pdml")
        add(made, "read_pcap, 4 shapes, tree", 1, trees, pdml)
        add(made, "the same", 5, trees, ("Scapy's dissection", scapy(frames)))
        add(made, "read_pcap, 4 shapes, summary", 1, lines, ("tshark", tshark(path)))
    for what, goal, ours, theirs in mixed(answer, captures, first):
        add(made, what, goal, ours, ("Scapy's dissection", theirs))
    Console(width=120).print(made)


def seconds_of_first_sight(captures: list[bytes]) -> float:
    """The processor time that captures take in a process that has read nothing yet.

    It is forked from one that has not either: what is learnt of layers is learnt there.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        answer = dispatcher(Core.load())
        seconds = sum(seconds_of_reading(answer, each)[0] for each in captures)
        os.write(writing, str(seconds).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as told:
        return float(told.read())


def mixed(
    answer: Dispatcher, captures: list[bytes], first: float
) -> Iterator[tuple[str, float, float, float]]:
    """What the captures of the repository's are read at, in turns with Scapy.

    For the `first` time, again, and with other values in frames of the same shapes. Before there
    were plans it was 0.39 of Scapy's dissection, of which thrice as much is wanted.
    """
    frames = [record.data for each in captures for record in read_capture(each) if record.data]
    for each in captures:
        seconds_of_reading(answer, each)
    again = min(sum(seconds_of_reading(answer, each)[0] for each in captures) for _ in range(9))
    draw = random.Random(2)
    asked = dispatcher(Core.load())  # not the one that is measured, which would learn from it
    sets = [[varied(asked, frame, draw) for frame in frames] for _ in range(9)]
    others = min(seconds_of_reading(answer, write_capture(each))[0] for each in sets)
    alone = min(seconds_of_scapy(frames) for _ in range(9))
    rows = ("a mix, tree, again", again), ("the same shapes, other values", others)
    for what, seconds in (*rows, ("the mix, for the first time", first)):
        yield what, 1.17, len(frames) / seconds, len(frames) / alone


def varied(answer: Dispatcher, frame: bytes, draw: random.Random) -> bytes:
    """A frame with other addresses, numbers and payloads, which change nothing of its shape."""
    request = {"jsonrpc": "2.0", "id": 1, "method": "reconstruct_pkt"}
    sent = {**request, "params": [base64.b64encode(frame).decode()]}
    tree = json.loads(answer.handle(json.dumps(sent).encode()).data)["result"]
    other = bytearray(frame)
    for layer in tree["data"]:
        for place in _varying(layer["fields"]):
            start = layer["offset"] + place["offset"]
            size = place["bit_length"] // 8
            other[start : start + size] = draw.randbytes(size)
    return bytes(other)


def _varying(fields: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The fields of a layer that may have any value, and the time stamps among options."""
    for field in fields:
        if field["id"] in VARYING:
            yield field
        for part in field.get("parts", ()):
            if part["name"] == "Timestamp":
                yield from (each for each in part["fields"] if each["id"] == "value")


def is_whole(path: Path) -> bool:
    """Whether a file is a capture that can be read to its end."""
    return is_capture(path.read_bytes()[:1024])


def add(made: Table, what: str, goal: float, ours: float, yardstick: tuple[str, float]) -> None:
    """A row of the table; the ratio is to be at least the goal."""
    against, theirs = yardstick
    verdict = "met" if ours / theirs >= goal else "MISSED"
    ratio = f"{ours / theirs:.2f}"
    made.add_row(what, ratio, f"≥ {goal:g} {verdict}", f"{ours:.0f}", against, f"{theirs:.0f}")


def rate(answer: Dispatcher, path: Path, detail: str) -> float:
    """Packets a second, read part by part; the first time through is not counted."""
    data = path.read_bytes()
    for _ in range(2):
        seconds, read = seconds_of_reading(answer, data, detail)
    return read / seconds


def seconds_of_reading(answer: Dispatcher, data: bytes, detail: str = "tree") -> tuple[float, int]:
    """The processor time that a capture takes part by part, and how many packets it has."""
    text = base64.b64encode(data).decode()
    start, seconds, read = 1, 0.0, 0
    while start:
        options = {"start": start, "count": FRAMES, "detail": detail}
        request = {"jsonrpc": "2.0", "id": 1, "method": "read_pcap", "params": [text, options]}
        sent = json.dumps(request).encode()
        began = time.process_time()
        reply = answer.handle(sent)
        seconds += time.process_time() - began
        result = json.loads(reply.data)["result"]
        read += len(result["packets"])
        start = result["next"]
    return seconds, read


def scapy(frames: list[bytes]) -> float:
    """Packets a second that Scapy dissects, and does nothing else with."""
    return 4000 / seconds_of_scapy(frames[:4000])


def seconds_of_scapy(frames: list[bytes]) -> float:
    """The processor time that Scapy takes to dissect frames."""
    began = time.process_time()
    for frame in frames:
        Ether(frame)
    return time.process_time() - began


def tshark(path: Path, *options: str) -> float:
    """Packets a second of tshark's processor time, without its start."""
    started = seconds_of("-c", "1", "-r", str(path), *options)
    return FRAMES / max(1e-3, seconds_of("-r", str(path), *options) - started)


def seconds_of(*options: str) -> float:
    """Seconds of processor time that tshark takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["tshark", "-n", *options], capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()

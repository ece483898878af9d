"""A program for fresh processes: load the layers, use every one, report as JSON.

Run by test_modules and test_quarantine. Arguments: how many seconds the clock is ahead,
and `forward` or `backward` for the order in which the layers are used.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

AHEAD = float(sys.argv[1])
_real_time = time.time
time.time = lambda: _real_time() + AHEAD

from scapy.config import conf  # noqa: E402
from scapy.packet import Packet  # noqa: E402

from scapy_server.packet.loading import modules  # noqa: E402

REGISTRY = modules.load()

from scapy.layers.inet import IP, UDP  # noqa: E402
from scapy.layers.l2 import Ether  # noqa: E402

SAMPLES = (
    *(hashlib.sha512(bytes([seed])).digest() for seed in range(3)),
    bytes(60),
    bytes.fromhex("0102") * 30,
)
LAYER_PACKAGES = ("scapy.layers.", "scapy.contrib.")
WATCHED = ("open", "import", "socket.", "subprocess.", "os.", "ctypes.", "shutil.", "tempfile.")

seen: set[str] = set()


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(WATCHED):
        seen.add(f"{event} {arguments[:1]!r}")


def spy(module: Any, name: str) -> None:
    original = getattr(module, name)

    def called(*arguments: Any, **named: Any) -> Any:
        seen.add(f"{module.__name__}.{name}()")
        return original(*arguments, **named)

    setattr(module, name, called)


def shape(packet: Any, depth: int = 0) -> Any:
    """Class names and plain values of a packet, to some depth."""
    if isinstance(packet, Packet) and packet and depth < 6:
        values = {name: shape(value, depth + 1) for name, value in packet.fields.items()}
        return [type(packet).__name__, values, shape(packet.payload, depth + 1)]
    if isinstance(packet, list):
        return [shape(item, depth + 1) for item in packet[:20]]
    return repr(packet) if isinstance(packet, (int, str, bytes, float)) else type(packet).__name__


def attempt(action: Callable[[], Any]) -> Any:
    try:
        return action()
    except Exception as error:
        return f"{type(error).__name__}!"


def dissect(cls: type[Packet], frame: bytes) -> Any:
    return shape(cls(frame))


def use(cls: type[Packet]) -> tuple[str, str]:
    """The default's bytes, and a digest of all else that the class makes of fixed input."""
    alone = attempt(lambda: bytes(cls()).hex())
    rest = [attempt(lambda: bytes(Ether() / IP() / UDP() / cls()).hex())]
    frames = [] if alone.endswith("!") else [bytes.fromhex(alone)]
    for frame in [*frames, *SAMPLES]:
        rest.append(attempt(partial(dissect, cls, frame)))
    defaults = [repr(getattr(field, "default", None)) for field in cls.fields_desc]
    text = json.dumps([rest, [text for text in defaults if " at 0x" not in text]])
    return alone, hashlib.sha256(text.encode()).hexdigest()


def main() -> None:
    for module, names in (
        (time, "time time_ns monotonic localtime"),
        (random, "random randint randrange choice getrandbits uniform gauss"),
        (os, "urandom"),
    ):
        for name in names.split():
            spy(module, name)
    sys.addaudithook(watch)
    ambient: dict[str, list[str]] = {}
    results: dict[str, tuple[str, str]] = {}
    layers = list(REGISTRY)
    for layer in layers if sys.argv[2] == "forward" else reversed(layers):
        seen.clear()
        results[layer.id] = use(layer.cls)
        if seen:
            ambient[layer.id] = sorted(seen)
    bindings = [
        (
            cls.__name__,
            [(repr(condition), upper.__name__) for condition, upper in cls.payload_guess],
        )
        for cls in conf.layers
    ]
    report = {
        "ids": [layer.id for layer in layers],
        "bindings": bindings,
        "ambient": ambient,
        "alone": {layer.id: results[layer.id][0] for layer in layers},
        "digest": {layer.id: results[layer.id][1] for layer in layers},
        "layer_modules": [name for name in sys.modules if name.startswith(LAYER_PACKAGES)],
    }
    sys.stdout.write(json.dumps(report))


main()

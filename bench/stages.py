"""Where the time of a request goes, stage by stage, in this process.

The long way is timed besides the planned one, which replaces the stages from parsing
to encoding.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
from rich.table import Table

import workload
from scapy_server.packet.frames.assembly import assemble, stack
from scapy_server.packet.frames.tracer import trace_chain
from scapy_server.packet.models.model import parse_model
from scapy_server.packet.tree.field_tree import FieldTree
from scapy_server.rpc.binding import bind
from scapy_server.rpc.envelope import Request, read_request, success
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.table import METHODS, dispatcher

REPEATS = 2000


def microseconds(action: Callable[[int], object]) -> float:
    """The mean time of an action, given the number of its turn."""
    for number in range(100):
        action(number)
    started = time.perf_counter()
    for number in range(REPEATS):
        action(number)
    return (time.perf_counter() - started) / REPEATS * 1e6


def stages() -> list[tuple[str, float]]:
    """Each stage of building Ether/IP/TCP with six given fields."""
    core = Core.load()
    whole = dispatcher(core)
    build = next(method for method in METHODS if method.name == "build_pkt")
    messages = [workload.tcp_packet(number) for number in range(REPEATS)]
    raw = [workload.tcp_model(number) for number in range(REPEATS)]
    models = [parse_model(model, core.registry) for model in raw]
    requests = [read_request(message) for message in messages]
    layers = core.codec.layers_of(models[0])
    packets = [layer.packet for layer in layers]
    stack(packets)
    built = assemble(packets, [layer.id for layer in layers])
    real = trace_chain(type(packets[0]), built.frame)
    result = FieldTree(layers, built, real, core.registry).result()
    encoded = msgspec.Raw(msgspec.json.encode(result))

    def tree() -> FieldTree:
        return FieldTree(layers, built, real, core.registry)

    def bound(number: int) -> object:
        request = requests[number]
        assert isinstance(request, Request)
        return bind(build, request.params)

    return [
        ("decode", microseconds(lambda number: read_request(messages[number]))),
        ("bind", microseconds(bound)),
        ("plan", microseconds(lambda number: core.builder.build(raw[number]).json)),
        ("  or parse", microseconds(lambda number: parse_model(raw[number], core.registry))),
        ("  make layers", microseconds(lambda number: core.codec.layers_of(models[number]))),
        ("  build", microseconds(lambda _: assemble(packets, ["", "", ""]))),
        ("  dissect", microseconds(lambda _: trace_chain(type(packets[0]), built.frame))),
        ("  tree", microseconds(lambda _: tree().result())),
        ("  encode", microseconds(lambda _: msgspec.json.encode(result))),
        ("reply", microseconds(lambda _: success(msgspec.Raw(b'"1"'), encoded))),
        ("all, planned", microseconds(lambda number: whole.handle(messages[number]))),
    ]


def table() -> Table:
    """The stages, as printed."""
    made = Table("stage of build_pkt", "µs")
    for name, taken in stages():
        made.add_row(name, f"{taken:.1f}")
    return made

"""Recipes of requests that multiply work, each drawn from genes that a search can change.

A recipe draws numbers and choices from its genes and gives a method with parameters. The
same genes give the same request, so that a search keeps what it has found.
"""

from __future__ import annotations

import base64
import gzip
import json
import random
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
Call = tuple[str, list[Any]]

LENGTH = 24  # of genes
_SIZES = (1, 100, 1500, 9000, 60_000, 1_000_000)


class Genes:
    """Numbers from 0 to 1 that are drawn one after the other."""

    def __init__(self, values: Sequence[float]) -> None:
        self._values = list(values)
        self._next = 0

    @classmethod
    def new(cls, chance: random.Random) -> Genes:
        """Any genes."""
        return cls([chance.random() for _ in range(LENGTH)])

    def changed(self, chance: random.Random) -> Genes:
        """Genes of which few are others, and some only a little."""
        values = list(self._values)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(LENGTH)
            near = values[at] + chance.gauss(0, 0.1)
            values[at] = min(1.0, max(0.0, near)) if chance.random() < 0.5 else chance.random()
        return Genes(values)

    def again(self) -> Genes:
        """The same, drawn from the beginning."""
        return Genes(self._values)

    def draw(self) -> float:
        """The next of them."""
        value = self._values[self._next % LENGTH]
        self._next += 1
        return min(value, 0.999999)

    def pick(self, options: Sequence[T]) -> T:
        """One of these."""
        return options[int(self.draw() * len(options))]

    def size(self, most: int) -> int:
        """A number from 1 to `most`, small ones as likely as large ones."""
        return max(1, round(most ** self.draw()))


@dataclass(frozen=True)
class Materials:
    """What recipes are made of: the ids of layers, and a way to build a packet of a model."""

    layers: list[str]
    frame_of: Callable[[list[Any]], bytes]


_COMMON = ("IP", "IPv6", "UDP", "TCP", "ICMP", "SCTP", "DNS", "Dot1Q", "MPLS", "GRE", "DHCP")


def _layer(genes: Genes, materials: Materials) -> dict[str, Any]:
    names = _COMMON if genes.draw() < 0.4 else materials.layers
    return {"id": genes.pick(names)}


def _load(genes: Genes) -> dict[str, Any]:
    code = {"vtype": "BYTES", "size": genes.pick(_SIZES)}
    kind = genes.pick(("random_bytes", "template_code", "random_ascii", "template"))
    more = {"template_code": "11"} if kind == "template_code" else {}
    more = {"template_base64": "AAECAw=="} if kind == "template" else more
    return {"id": "Raw", "fields": [{"id": "load", "value": {**code, "generate": kind, **more}}]}


def _stack(genes: Genes, materials: Materials) -> list[Any]:
    layers = [_layer(genes, materials) for _ in range(genes.pick((1, 1, 2, 3)))]
    times = genes.size(127 // len(layers))
    first = [{"id": genes.pick(("Ether", "IP", "Loopback"))}] if genes.draw() < 0.5 else []
    return [*first, *layers * times][:127] + ([_load(genes)] if genes.draw() < 0.6 else [])


def build(genes: Genes, materials: Materials) -> Call:
    """A packet of many layers over a payload."""
    method = genes.pick(("build_pkt", "build_pkt_ex", "get_payload_classes"))
    return method, [_stack(genes, materials)]


def build_many(genes: Genes, materials: Materials) -> Call:
    """Many of these."""
    model = _stack(genes, materials)
    return "build_pkts", [[model] * max(1, min(genes.size(1000), 8192 // len(model)))]


def misspell(genes: Genes, materials: Materials) -> Call:
    """Names that are almost right, each another one."""
    count = genes.size(1000)
    place = genes.pick(("layer", "field", "value", "expression"))
    name = genes.pick(materials.layers)
    models = []
    for number in range(count):
        wrong = f"{name}{'e' * (number % 40)}{number}"
        if place == "layer":
            models.append([{"id": wrong}])
        elif place == "field":
            models.append([{"id": name, "fields": [{"id": wrong, "value": "1"}]}])
        elif place == "value":
            fields = [{"id": "cipher", "value": "TLS_ECDHE_ECDSA_WITH_" + wrong}]
            models.append([{"id": "TLSServerHello", "fields": fields}])
        else:
            value = {"vtype": "EXPRESSION", "expr": f"{wrong}()/{wrong}x()"}
            models.append([{"id": "Ether", "fields": [{"id": "type", "value": value}]}])
    return "build_pkts", [models]


def values(genes: Genes, materials: Materials) -> Call:
    """Fields with long texts, lists and objects."""
    size = genes.size(200_000)
    text = genes.pick(("9", "f:", "1.", "a,", "::", "é", "0x", " ", "[", "-1+", "\\x00")) * size
    forms: list[Any] = [
        text,
        {"vtype": "EXPRESSION", "expr": repr(text)},
        {"vtype": "EXPRESSION", "expr": "[" + "IP()," * min(size, 900) + "]"},
        {"vtype": "EXPRESSION", "expr": "/".join(["IP()"] * min(size, 120))},
        {"vtype": "BYTES", "base64": base64.b64encode(bytes(size)).decode()},
        [str(number) for number in range(min(size, 1000))],
    ]
    names = ("dst", "options", "qd", "an", "load", "addr", "type", "len")
    field = {"id": genes.pick(names), "value": genes.pick(forms)}
    model = [{**_layer(genes, materials), "fields": [field] * genes.size(20)}]
    return "build_pkts", [[model] * genes.size(100)]


def expression(genes: Genes, materials: Materials) -> Call:
    """Expressions of many parts."""
    name = genes.pick(_COMMON)
    count = genes.size(1000)
    text = genes.pick(
        (
            "/".join([f"{name}()"] * count),
            f"DNS(qd=[{','.join(['DNSQR()'] * count)}])",
            f"IP(options=[{','.join(['IPOption_RR()'] * count)}])",
            "Raw(b'%s')" % ("x" * count * 60),
            "Raw(" + "+".join([repr("ab" * count)] * min(count, 400)) + ")",
            f"TCP(options=[{','.join(['(1,2)'] * count)}])",
            "/".join([f"{name}(b'{'A' * 500}')"] * min(count, 120)),
            f"Ether(bytes.fromhex('{'00' * count}'))",
        )
    )
    return genes.pick(("read_expression", "get_all_pkt_offsets")), [text]


def _frame(genes: Genes, materials: Materials) -> bytes:
    kind = genes.pick(("stack", "stack", "records", "bytes"))
    if kind == "records":
        names = genes.size(2000)
        head = struct.pack(">HHHHHH", 1, 0x8180, 0, names, 0, 0)
        record = genes.pick((b"\xc0\x0c", b"\x01a\x01b\0")) + b"\0\1\0\1\0\0\0\1\0\4abcd"
        inner = head + record * names
        udp = struct.pack(">HHHH", 53, 53, 8 + len(inner) & 0xFFFF, 0) + inner
        size = 20 + len(udp) & 0xFFFF
        return (
            bytes(12)
            + b"\x08\0"
            + bytes.fromhex(f"4500{size:04x}000100004011000000")
            + (bytes(9) + udp)
        )
    if kind == "bytes":
        unit = genes.pick(
            (b"\x81\0\0\1", b"\x45", b"\0", b"\x88\x47\0\0\1\1", b"\x30\x80", b"\xff")
        )
        return bytes(12) + unit * genes.size(15_000)
    return materials.frame_of(_stack(genes, materials))[:65_535] or b"\0"


def capture(genes: Genes, materials: Materials) -> Call:
    """A compressed capture of the same packet, or nearly."""
    frame = _frame(genes, materials)
    vary = genes.draw() < 0.5
    most = max(1, min(10_000, 40_000_000 // (len(frame) + 16)))
    records = []
    for number in range(genes.size(most)):
        data = frame if not vary else struct.pack(">I", number) + frame[4:]
        records.append(struct.pack("<IIII", 0, 0, len(data), len(data)) + data)
    link = genes.pick((1, 1, 1, 101, 105, 113, 219))
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    packed = gzip.compress(head + b"".join(records), 6)
    options = {"detail": genes.pick(("tree", "summary", "bytes")), "start": genes.size(9000)}
    more = [] if genes.draw() < 0.5 else [options]
    return "read_pcap", [base64.b64encode(packed).decode(), *more]


def reconstruct(genes: Genes, materials: Materials) -> Call:
    """A frame with changes, or as an expression."""
    frame = base64.b64encode(_frame(genes, materials)).decode()
    if genes.draw() < 0.4:
        return "write_expression", [frame]
    changes: list[Any] = [{"id": "Ether"}, {"id": "IP", "fields": [{"id": "chksum", "value": "0"}]}]
    changes += [_layer(genes, materials)] * genes.size(100) if genes.draw() < 0.5 else []
    return "reconstruct_pkt", [frame, changes]


def _program(genes: Genes) -> dict[str, Any]:
    instructions: list[Any] = []
    lists = genes.draw() < 0.5
    for number in range(genes.size(30)):
        name = f"v{number}"
        parameters: dict[str, Any] = {"name": name, "size": genes.pick(("1", "2", "4", "8"))}
        parameters["op"] = genes.pick(("inc", "dec", "random"))
        parameters["step"] = str(genes.size(10**6))
        if lists:
            parameters["value_list"] = [str(n) for n in range(genes.size(30_000))]
        else:
            parameters["max_value"] = str(genes.size(200))
        instructions += [
            {"id": "STLVmFlowVar", "parameters": parameters},
            {
                "id": "STLVmWrFlowVar",
                "parameters": {"fv_name": name, "pkt_offset": str(genes.size(60))},
            },
        ]
    if genes.draw() < 0.5:
        instructions.append({"id": "STLVmFixIpv4", "parameters": {"offset": "IP"}})
    if genes.draw() < 0.3:
        trim = {"fv_name": "v0"}
        instructions.append({"id": "STLVmTrimPktSize", "parameters": trim})
    shared = {"cache_size": str(genes.size(60_000))} if genes.draw() < 0.3 else {}
    return {"field_engine": {"instructions": instructions, "global_parameters": shared}}


def render(genes: Genes, materials: Materials) -> Call:
    """What a program sends, or is."""
    model = [{"id": "Ether"}, {"id": "IP"}, *_stack(genes, materials)[:100]]
    program = _program(genes)
    method = genes.pick(("render_packets", "render_packets", "explain_program", "build_pkt_ex"))
    if method != "render_packets":
        return method, [model, program]
    options = {
        "count": genes.size(1000),
        "detail": genes.pick(("changes", "tree", "bytes")),
        "cores": genes.size(64),
        "start": genes.size(10**15),
        "random_seed": genes.size(2**31),
    }
    return method, [model, program, options]


def profile(genes: Genes, materials: Materials) -> Call:
    """What many streams send together."""
    frame = base64.b64encode(bytes(12) + b"\x08\0" + bytes(genes.size(9000) + 50)).decode()
    count = genes.size(5000)
    linked = genes.draw() < 0.5
    kind = genes.pick(("continuous", "single_burst", "multi_burst"))
    mode: dict[str, Any] = {"type": kind, "rate": {"type": "pps", "value": genes.size(10**9)}}
    mode |= {"total_pkts": genes.size(10**9)} if kind == "single_burst" else {}
    if kind == "multi_burst":
        mode |= {"pkts_per_burst": genes.size(10**6), "count": genes.size(10**6), "ibg": 1.0}
    variable = {"type": "flow_var", "name": "v", "size": 2, "op": "random", "step": 1}
    variable |= {"init_value": 0, "min_value": 0, "max_value": genes.size(65_535)}
    write = {"type": "write_flow_var", "name": "v", "pkt_offset": 20, "add_value": 0}
    instructions = [variable, write | {"is_big_endian": True}] if genes.draw() < 0.5 else []
    add = []
    for number in range(1, count + 1):
        stream = {
            "flags": 3,
            "action_count": genes.pick((0, 0, 5)),
            "enabled": True,
            "self_start": not linked or number == 1,
            "isg": 0.0,
            "mode": mode,
            "packet": {"binary": frame, "meta": ""},
            "vm": {"instructions": instructions},
            "flow_stats": {"enabled": False},
            "next_stream_id": number % count + 1 if linked else -1,
        }
        params = {"port_id": 0, "stream_id": number, "stream": stream}
        add.append({"method": "add_stream", "params": params})
    multiplier = {"type": "raw", "op": "abs", "value": genes.size(1000)}
    start = {"port_id": 0, "mul": multiplier, "duration": -1, "force": True}
    options = {
        "cores": genes.size(64),
        "limit": genes.size(10**12),
        "count": genes.size(1000),
        "start": genes.size(10**6),
    }
    return "render_profile", [[*add, {"method": "start_traffic", "params": start}], options]


def vm(genes: Genes, materials: Materials) -> Call:
    """Compiled programs to be read back."""
    count = genes.size(1000)
    instructions: list[Any] = []
    for number in range(count):
        variable = {"type": "flow_var", "name": f"v{number}", "size": 1, "op": "inc", "step": 1}
        write = {"type": "write_flow_var", "name": f"v{number % 60}", "pkt_offset": number % 500}
        instructions += [
            {**variable, "init_value": 0, "min_value": 0, "max_value": 255},
            {**write, "add_value": 0, "is_big_endian": True},
        ]
    frame = base64.b64encode(_frame(genes, materials)[:9000]).decode()
    compiled = {"instructions": instructions[: genes.size(1000)], "cache": genes.size(60_000)}
    if genes.draw() < 0.5:
        return "decompile_vm_raw", [frame, compiled, True]
    options = {"count": genes.size(1000), "cores": genes.size(64)}
    return "render_packets", [{"binary": frame}, {"vm": compiled}, options]


def lists(genes: Genes, materials: Materials) -> Call:
    """Long lists of names or packets."""
    if genes.draw() < 0.5:
        names = [genes.pick(materials.layers) + genes.pick(("", "", "x"))] * genes.size(300_000)
        return "get_definitions", [names]
    frame = base64.b64encode(bytes(genes.size(9000))).decode()
    return "write_pcap", [[frame] * min(genes.size(100_000), 40_000_000 // len(frame))]


RECIPES = (
    build,
    build_many,
    misspell,
    values,
    expression,
    capture,
    reconstruct,
    render,
    profile,
    vm,
    lists,
)


def encoded(call: Call) -> bytes:
    """A call as a request."""
    method, params = call
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return json.dumps(request, separators=(",", ":")).encode()

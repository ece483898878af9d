"""Our compiler against the traffic engine's own client library.

The library is the package `lbr-trex-client` of the dependency group `oracle`. Where it is
not installed the comparison is skipped, unless SCAPY_SERVER_REQUIRE_ORACLE is set.
"""

from __future__ import annotations

import importlib.util
import json
import os
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

import pytest

from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.packet.layers.registry import Registry
from tests.programs.support import Given, build, compiled, refusal

PROGRAMS = 1500

#: What we refuse and the library compiles: the end of our sentence, what it is, the reason.
STRICTER: tuple[tuple[str, str, str], ...] = (
    (
        r"takes no bytes in this packet",
        "a write to a field that this packet does not have, such as empty options",
        "the offset would be that of what follows",
    ),
    (
        r"the write would begin at byte -|past the end of the packet",
        "writes and fixes outside of the packet",
        "the engine refuses them when the stream is started",
    ),
    (
        r"from -31 to 31",
        "a shift of 32 bits and more",
        "the engine does anything",
    ),
    (
        r"is more than the \d+ entries of the value list|value_list: the list is empty",
        "a value list that is empty or shorter than the step",
        "the engine refuses it",
    ),
    (
        r"cannot hold the whole range of 8 bytes",
        "the whole range of 8 bytes",
        "the engine divides by its size, which is 0 in 64 bits",
    ),
    (
        r"is more than the \d+ values that the engine counts",
        "a limit beyond what the engine counts for the size",
        "the engine refuses it",
    ),
    (
        r"is below the first (address|port)|from 0 to 65535|from 0 to 4294967295",
        "tuple ranges upside down, or beyond 32 and 16 bits",
        "the engine stops at an assertion",
    ),
    (
        r"a length comes from a flow_var|leaves no two lengths|is not a length from \d+ to",
        "a trim by other than an STLVmFlowVar of size 2, or to lengths that are not sent",
        "the engine refuses it",
    ),
    (
        r"bytes of the engine's memory|may be at most 65535 packets",
        "more variables or a larger cache than the engine holds",
        "the engine refuses it",
    ),
    (
        r"means TCP or UDP, but the packet has|17 stands for IPv4 only|is not one of 11, 13 or 17",
        "an l4_type where the packet has neither TCP nor UDP, or that there is not",
        "the engine refuses it",
    ),
    (
        r"is not where the transport header begins|there is no IP(v6)? header at byte"
        r"|is followed by|lies within the (Ethernet|IP) header",
        "a checksum fix where there is no such header",
        "the engine refuses it, or writes into other fields",
    ),
)

#: What we compile and the library refuses: its sentence, what it is, the reason.
MORE_LENIENT: tuple[tuple[str, str, str], ...] = (
    (
        r"no layer (Ether|Dot1Q|ICMPv6.*)-\d",
        "fix instructions that name a layer by its class (Ether, Dot1Q, ICMPv6EchoRequest)",
        "the choices offered to clients are these names",
    ),
    (
        r"init_value must be between min_value 0 and max_value 0",
        "an initial value beside the range 0 to 0",
        "it is the RPC document's own example; a warning says what the engine will do",
    ),
    (
        r"flow_limit does not exist",
        "a write of NAME.flow_limit of a tuple",
        "the engine has that variable",
    ),
)

STRICTER_REASONS = {what: why for _, what, why in STRICTER}
MORE_LENIENT_REASONS = {what: why for _, what, why in MORE_LENIENT}


def oracle_process() -> subprocess.Popen[str]:
    if importlib.util.find_spec("lbr_trex_client") is None:
        if os.environ.get("SCAPY_SERVER_REQUIRE_ORACLE"):
            pytest.fail("lbr-trex-client is not installed (dependency group oracle)")
        pytest.skip("lbr-trex-client is not installed (dependency group oracle)")
    return subprocess.Popen(
        [sys.executable, "-m", "tests.programs.oracle_process"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def packets(registry: Registry) -> list[tuple[BuiltPacket, tuple[str, ...]]]:
    """Packets, each with the layers whose names both sides know."""
    load = {"Raw": {"load": "x" * 40}}
    routers = {"vtype": "EXPRESSION", "expr": "[IPOption_RR(routers=['1.2.3.4'])]"}
    return [
        (build(registry, "Ether", "IP", "TCP", load), ("IP", "TCP")),
        (build(registry, "Ether", "IP", "UDP", load), ("IP", "UDP")),
        (build(registry, "Ether", "Dot1Q", "Dot1Q", "IP", "UDP", load), ("IP", "UDP")),
        (build(registry, "Ether", "IPv6", "UDP", load), ("IPv6", "UDP")),
        (build(registry, "Ether", "IPv6", "ICMPv6EchoRequest"), ("IPv6", "ICMPv6EchoRequest")),
        (build(registry, "Ether", "IP", "ICMP", load), ("IP", "ICMP")),
        (build(registry, "Ether", {"IP": {"options": routers}}, "UDP", load), ("IP",)),
        (build(registry, "Ether", "IP", "GRE", "IP", "UDP", load), ("IP", "UDP")),
    ]


class Author:
    """Writes programs as people do: three of four with care, the others with mistakes."""

    FIELDS: ClassVar[dict[str, dict[str, int]]] = {
        "Ether": {"src": 6, "dst": 6, "type": 2},
        "IP": {"src": 4, "dst": 4, "ttl": 1, "id": 2, "len": 2, "tos": 1, "chksum": 2},
        "IPv6": {"src": 16, "dst": 16, "plen": 2, "hlim": 1},
        "TCP": {"sport": 2, "dport": 2, "seq": 4, "ack": 4, "window": 2, "chksum": 2},
        "UDP": {"sport": 2, "dport": 2, "len": 2, "chksum": 2},
        "ICMP": {"id": 2, "seq": 2, "type": 1},
    }
    ODD_FIELDS = ("flags", "options", "fl", "version", "nope", "ttl", "src")

    def __init__(self, seed: int, layers: tuple[str, ...]) -> None:
        self.random = random.Random(seed)
        self.careful = self.chance(75)
        self.layers = layers
        self.sizes: dict[str, int] = {}

    def one_of(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def mistake(self, percent: int) -> bool:
        return not self.careful and self.chance(percent)

    def program(self) -> list[Given]:
        count = self.random.randint(1, 4)
        parts = [self.variable(f"v{index}", count) for index in range(count)]
        if self.chance(25):
            parts.append(self.tuple_generator())
        parts += [self.user() for _ in range(self.random.randint(0, 4))]
        if self.chance(15):
            self.random.shuffle(parts)
        if self.chance(40):
            parts.append(self.fix())
        return parts

    def variable(self, name: str, count: int) -> Given:
        size = self.one_of(1, 2, 2, 4, 4, 8)
        top = (1 << 8 * size) - 1
        low = self.random.randint(1, min(top - 1, self.one_of(5, 300, top)))
        high = min(top + self.mistake(9), low + self.one_of(0, 1, 9, 250, 70_000, top))
        given: dict[str, Any] = {"name": "v0" if self.mistake(9) else name, "size": size}
        if self.chance(90):
            given |= {"min_value": low, "max_value": high}
        if size == 4 and self.chance(20):
            low, high = 0x10000001, 0x100001C8
            given |= {"min_value": "16.0.0.1", "max_value": "16.0.1.200"}
        if self.chance(20):
            given["split_to_cores"] = self.one_of(True, False)
        follower = f"v{int(name[1:]) + 1}"
        if self.chance(40) and follower != f"v{count}":
            given["next_var"] = follower
        if self.mistake(15):
            given["next_var"] = f"v{self.random.randrange(4)}"
        self.sizes[name] = size
        if self.chance(30):
            given |= {"seed": self.random.randint(0, 40_000), "limit": self.one_of(1, 7, 100, 255)}
            if self.mistake(20):
                given["limit"] = self.one_of(0, 300)
            return "STLVmFlowVarRepeatableRandom", given
        given["op"] = self.one_of("inc", "inc", "dec", "random")
        if "next_var" in given and given["op"] == "random" and not self.mistake(50):
            given["op"] = "inc"
        if "min_value" in given:
            self.range_details(given, low, high)
        if self.chance(20):
            values = [self.random.randint(0, top) for _ in range(self.random.randint(1, 6))]
            given["value_list"] = [*values, "16.0.0.9"] if size >= 4 else values
            given["step"] = self.random.randint(1, len(values) + 2 * self.mistake(30))
        return "STLVmFlowVar", given

    def range_details(self, given: dict[str, Any], low: int, high: int) -> None:
        if self.chance(50):
            steps = self.one_of(1, 2, 3, 7, 100)
            if given["op"] != "dec" or (high - low + 1) % steps == 0 or self.mistake(50):
                given["step"] = steps
        if self.chance(25):
            given["init_value"] = self.random.randint(low, high + self.mistake(30))

    def tuple_generator(self) -> Given:
        given: dict[str, Any] = {"name": "t"}
        if self.chance(70):
            last = 3 if self.mistake(20) else self.one_of("16.0.0.99", "16.1.0.0")
            given |= {"ip_min": "16.0.0.1", "ip_max": last}
        if self.chance(50):
            last = 9 if self.mistake(20) else self.one_of(2000, 65535)
            given |= {"port_min": self.one_of(1024, 80), "port_max": last}
        if self.chance(50):
            given |= {"limit_flows": self.one_of(0, 10, 5_000_000), "flags": self.one_of(0, 1)}
        self.sizes |= {"t.ip": 4, "t.port": 2}
        if self.mistake(20):
            self.sizes["t.flow_limit"] = 4
        return "STLVmTupleGen", given

    def user(self) -> Given:
        name = "nobody" if self.mistake(9) else self.one_of(*self.sizes)
        given: dict[str, Any] = {"fv_name": name}
        if self.mistake(20):
            return "STLVmTrimPktSize", given
        masked = self.chance(35)
        given["pkt_offset"] = self.offset(1 if masked else self.sizes.get(name, 1))
        if self.mistake(30):
            given["offset_fixup"] = self.random.randint(-3, 8)
        if self.chance(30):
            given["is_big"] = self.one_of(True, False)
        if not masked:
            if self.chance(40):
                given["add_val"] = self.random.randint(-300, 300)
            return "STLVmWrFlowVar", given
        if self.chance(70):
            size = 3 if self.mistake(20) else self.one_of(1, 2, 4)
            given |= {"pkt_cast_size": size, "mask": self.random.getrandbits(8 * size)}
        if self.chance(50):
            given |= {"shift": self.random.randint(-9, 31 + self.mistake(50))}
            given |= {"add_value": self.random.randint(-5, 5)}
        return "STLVmWrMaskFlowVar", given

    def offset(self, size: int) -> object:
        if self.chance(35):
            return self.random.randrange(14, 200 if self.mistake(40) else 50)
        layer = self.one_of(*[layer for layer in self.layers if layer in self.FIELDS], "Ether")
        number = self.one_of("", "", ":0") if layer != "Ether" else ""
        if self.mistake(40):
            return f"{layer}{self.one_of(':0', ':1')}.{self.one_of(*self.ODD_FIELDS)}"
        fitting = [name for name, width in self.FIELDS[layer].items() if width >= size]
        return f"{layer}{number}.{self.one_of(*fitting)}" if fitting else 30

    def fix(self) -> Given:
        l3 = self.layers[0] if not self.mistake(50) else self.one_of("Ether", 14, "IP:1")
        if l3 != "IPv6" and self.chance(60):
            return "STLVmFixIpv4", {"offset": l3}
        l4 = self.layers[-1] if not self.mistake(50) else self.one_of(34, 54, "UDP")
        if "ICMPv6EchoRequest" in self.layers:
            return "STLVmFixIcmpv6", {"l3_offset": l3, "l4_offset": 54 if self.careful else l4}
        l4_type = self.one_of(13, 17, 12) if self.mistake(40) else 13 if l4 == "TCP" else 11
        return "STLVmFixChecksumHw", {"l3_offset": l3, "l4_offset": l4, "l4_type": l4_type}


def explained(sentence: str, reasons: tuple[tuple[str, str, str], ...]) -> bool:
    return any(re.search(pattern, sentence) for pattern, _, _ in reasons)


@pytest.mark.sweep
def test_compiles_what_the_client_library_compiles(registry: Registry) -> None:
    process = oracle_process()
    assert process.stdin is not None
    assert process.stdout is not None
    outcomes: Counter[str] = Counter()
    shapes = packets(registry)
    try:
        for seed in range(PROGRAMS):
            packet, layers = shapes[seed % len(shapes)]
            author = Author(seed, layers)
            program, cache = author.program(), author.one_of(None, None, 0, 5, 100_000)
            line = {"frame": packet.frame.hex(), "instructions": program, "cache": cache}
            process.stdin.write(json.dumps(line) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            ours = refusal(registry, program, packet, cache)
            if ours is None and "vm" in answer:
                vm = compiled(registry, program, packet, cache).raw
                assert json.dumps(vm) == json.dumps(answer["vm"]), program
                outcomes["the same VM"] += 1
            elif ours is None:
                assert explained(answer["refused"], MORE_LENIENT), (program, answer)
                outcomes["ours alone"] += 1
            elif "vm" in answer:
                assert explained(ours, STRICTER), (program, ours)
                outcomes["theirs alone"] += 1
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait()
    assert outcomes["the same VM"] >= PROGRAMS // 3, outcomes
    print(f"of {PROGRAMS} programs: {dict(outcomes)}, the others are refused by both")

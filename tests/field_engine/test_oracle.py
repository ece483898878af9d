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
from typing import Any

import pytest

from scapy_server.packet.layout import BuiltPacket
from scapy_server.packet.registry import Registry
from tests.field_engine.support import Given, build, compiled, refusal

PROGRAMS = 1500

#: What we refuse and the library compiles, by the end of our sentence, with the reason.
STRICTER = {
    r"a plain write replaces whole bytes": "it would overwrite the bits beside the field",
    r"has \d+ bytes and .* only \d+": "it would overwrite what follows the field",
    r"takes no bytes in this packet": "the offset would be that of what follows",
    r"the write would begin at byte -": "there is nothing before the packet",
    r"past the end of the packet": "the engine refuses it when the stream starts",
    r"does not fit pkt_cast_size": "the engine drops the bits without a word",
    r"from -31 to 31": "shifts by 32 and more are undefined in the engine",
    r"is more than the \d+ entries of the value list": "the engine refuses it",
    r"value_list: the list is empty": "the engine refuses it",
    r"cannot hold the whole range of 8 bytes": "the engine divides by zero",
    r"is more than the \d+ values that the engine counts": "the engine refuses it",
    r"is below the first (address|port)": "the engine stops at an assertion",
    r"from 0 to 65535|from 0 to 4294967295": "the engine reads 16 and 32 bits",
    r"a length comes from an STLVmFlowVar of size 2": "the engine refuses it",
    r"is not a length from \d+ to": "the engine refuses it",
    r"leaves no two lengths": "the engine refuses it",
    r"bytes of the engine's memory": "the engine has 64 bytes for variables",
    r"cache .*at most 65535 packets|may be at most 65535 packets": "the engine reads 16 bits",
    r"means (UDP|TCP), but the packet has": "the engine fixes what the packet has, or refuses",
    r"is not where the (transport header|message) begins": "the engine refuses it",
    r"there is no IP(v6)? header at byte": "the engine refuses it",
    r"is followed by": "the engine refuses it",
    r"lies within the (Ethernet|IPv6) header": "the engine refuses it",
    r"17 stands for IPv4 only": "the engine refuses it",
    r"is not one of 11, 13 or 17": "the engine has no other types",
}

#: What we compile and the library refuses, by its sentence, with the reason.
MORE_LENIENT = {
    r"no layer Ether-0": "the class id of a layer is as good as its display name",
    r"no layer ICMPv6": "the class id of a layer is as good as its display name",
    r"no layer Dot1Q-0": "the class id of a layer is as good as its display name",
    r"init_value must be between min_value 0 and max_value 0": "the document's own example",
    r"flow_limit does not exist": "the engine lets it be written",
}


def oracle_process() -> subprocess.Popen[str]:
    if importlib.util.find_spec("lbr_trex_client") is None:
        if os.environ.get("SCAPY_SERVER_REQUIRE_ORACLE"):
            pytest.fail("lbr-trex-client is not installed (dependency group oracle)")
        pytest.skip("lbr-trex-client is not installed (dependency group oracle)")
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("oracle_process.py"))],
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
    """Writes programs as people do, with a mistake now and then."""

    def __init__(self, seed: int, layers: tuple[str, ...]) -> None:
        self.random = random.Random(seed)
        self.layers = layers
        self.variables: list[str] = []

    def one_of(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def program(self) -> list[Given]:
        count = self.random.randint(1, 4)
        parts = [self.variable(f"v{index}") for index in range(count)]
        if self.chance(25):
            parts.append(self.tuple_generator())
        parts += [self.user() for _ in range(self.random.randint(0, 4))]
        if self.chance(15):
            self.random.shuffle(parts)
        if self.chance(40):
            parts.append(self.fix())
        return parts

    def variable(self, name: str) -> Given:
        size = self.one_of(1, 2, 2, 4, 4, 8)
        top = (1 << 8 * size) - 1
        low = self.random.randint(0, min(top, self.one_of(5, 300, top)))
        high = min(top + self.chance(3), low + self.one_of(0, 1, 9, 250, 70_000, top))
        given: dict[str, Any] = {"name": name if not self.chance(3) else "v0", "size": size}
        if self.chance(90):
            given |= {"min_value": low, "max_value": high}
        if size == 4 and self.chance(20):
            given |= {"min_value": "16.0.0.1", "max_value": "16.0.1.200"}
        if self.chance(20):
            given["split_to_cores"] = self.one_of(True, False)
        if self.chance(30):
            given["next_var"] = f"v{self.random.randrange(4)}"
        self.variables.append(name)
        if self.chance(30):
            given |= {"seed": self.random.randint(0, 40_000), "limit": self.one_of(1, 7, 100, 999)}
            return "STLVmFlowVarRepeatableRandom", given
        given["op"] = self.one_of("inc", "inc", "dec", "random")
        if self.chance(50):
            given["step"] = self.one_of(1, 2, 3, 7, 100)
        if self.chance(25):
            given["init_value"] = self.random.randint(low, high + self.chance(10))
        if self.chance(20):
            values = [self.random.randint(0, top) for _ in range(self.random.randint(1, 6))]
            given["value_list"] = [*values, "16.0.0.9"] if size >= 4 else values
        return "STLVmFlowVar", given

    def tuple_generator(self) -> Given:
        given: dict[str, Any] = {"name": "t"}
        if self.chance(70):
            given |= {"ip_min": "16.0.0.1", "ip_max": self.one_of("16.0.0.99", "16.1.0.0", 3)}
        if self.chance(50):
            given |= {"port_min": self.one_of(0, 1024), "port_max": self.one_of(9, 2000, 65535)}
        if self.chance(50):
            given |= {"limit_flows": self.one_of(0, 10, 5_000_000), "flags": self.one_of(0, 1)}
        self.variables += ["t.ip", "t.port", "t.flow_limit"]
        return "STLVmTupleGen", given

    def user(self) -> Given:
        name = self.one_of(*self.variables) if not self.chance(4) else "nobody"
        given: dict[str, Any] = {"fv_name": name}
        if self.chance(8):
            return "STLVmTrimPktSize", given
        given["pkt_offset"] = self.offset()
        if self.chance(20):
            given["offset_fixup"] = self.random.randint(-3, 8)
        if self.chance(30):
            given["is_big"] = self.one_of(True, False)
        if self.chance(65):
            if self.chance(40):
                given["add_val"] = self.random.randint(-300, 300)
            return "STLVmWrFlowVar", given
        if self.chance(70):
            size = self.one_of(1, 2, 4, 3)
            given |= {"pkt_cast_size": size, "mask": self.random.getrandbits(8 * size)}
        if self.chance(50):
            given |= {"shift": self.random.randint(-9, 33), "add_value": self.random.randint(-5, 5)}
        return "STLVmWrMaskFlowVar", given

    def offset(self) -> object:
        if self.chance(35):
            return self.random.randrange(14, self.one_of(50, 50, 200))
        fields = {
            "IP": ("src", "dst", "ttl", "id", "len", "tos", "flags", "options", "nope"),
            "IPv6": ("src", "dst", "plen", "hlim", "fl"),
            "TCP": ("sport", "dport", "seq", "ack", "window", "chksum", "flags"),
            "UDP": ("sport", "dport", "len", "chksum"),
            "ICMP": ("id", "seq", "type"),
        }
        layer = self.one_of(*[layer for layer in self.layers if layer in fields], "Ether")
        number = self.one_of("", "", "", ":0", ":1")
        names = fields.get(layer, ("src", "dst", "type"))
        return f"{layer}{number if layer != 'Ether' else ''}.{self.one_of(*names)}"

    def fix(self) -> Given:
        l3 = self.one_of(self.layers[0], self.layers[0], "Ether", 14, "IP:1")
        if self.chance(50):
            return "STLVmFixIpv4", {"offset": l3}
        l4 = self.one_of(self.layers[-1], self.layers[-1], 34, 54, "UDP")
        if "ICMPv6EchoRequest" in self.layers:
            return "STLVmFixIcmpv6", {"l3_offset": l3, "l4_offset": l4}
        l4_type = self.one_of(11, 11, 13, 13, 17, 12)
        return "STLVmFixChecksumHw", {"l3_offset": l3, "l4_offset": l4, "l4_type": l4_type}


def explained(sentence: str, reasons: dict[str, str]) -> bool:
    return any(re.search(pattern, sentence) for pattern in reasons)


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
                vm = compiled(registry, program, packet, cache).to_vm()
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
    assert outcomes["the same VM"] >= PROGRAMS // 5, outcomes
    print(f"of {PROGRAMS} programs: {dict(outcomes)}, the others are refused by both")

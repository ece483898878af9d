"""Writes the page: `python -m tests.programs.field_engine_page > docs/field_engine.md`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.loading import modules
from scapy_server.programs.explain import explain
from scapy_server.programs.instructions import INSTRUCTIONS, Instruction
from scapy_server.programs.warnings import CODES
from tests.programs.support import Given, build, compiled
from tests.programs.test_oracle import MORE_LENIENT_REASONS, STRICTER_REASONS

LOAD = {"Raw": {"load": "x" * 60}}

#: The packets of the examples that are not Ether/IP/TCP, and the instructions before them.
EXAMPLE_PACKETS: dict[str, tuple[Any, ...]] = {
    "STLVmWrMaskFlowVar": ("Ether", "Dot1Q", "IP", "TCP"),
    "STLVmFixIcmpv6": ("Ether", "IPv6", "ICMPv6EchoRequest"),
    "STLVmTrimPktSize": ("Ether", "IP", "UDP", LOAD),
}
SOURCE: Given = (
    "STLVmFlowVar",
    {"name": "source", "min_value": "16.0.0.1", "max_value": "16.0.0.254"},
)
SOURCE_WRITE: Given = ("STLVmWrFlowVar", {"fv_name": "source", "pkt_offset": "IP.src"})
EXAMPLE_BEFORE: dict[str, list[Given]] = {
    "STLVmWrFlowVar": [SOURCE],
    "STLVmFixIpv4": [SOURCE, SOURCE_WRITE],
    "STLVmFixChecksumHw": [SOURCE, SOURCE_WRITE],
    "STLVmWrMaskFlowVar": [
        ("STLVmFlowVar", {"name": "vlan", "size": 2, "min_value": 1, "max_value": 4094})
    ],
    "STLVmTrimPktSize": [
        ("STLVmFlowVar", {"name": "length", "size": 2, "min_value": 64, "max_value": 102})
    ],
    "STLVmFixIcmpv6": [
        ("STLVmFlowVar", {"name": "number", "size": 2, "max_value": 999}),
        ("STLVmWrFlowVar", {"fv_name": "number", "pkt_offset": "ICMPv6EchoRequest.seq"}),
    ],
}

INTRODUCTION = """\
# The Field Engine: programs that vary a packet

A stream sends one packet again and again. A Field Engine program says what changes from
one to the next: variables take new values, writes put them into the packet, fixes compute
checksums. `build_pkt_ex` builds the packet and compiles the program to the low-level form
(the **VM**) that the TRex traffic engine runs.

*This page is generated from the instruction classes (`tests/programs/field_engine_page.py`).*

```json
{"field_engine": {
  "instructions": [
    {"id": "STLVmFlowVar", "parameters": {"name": "source", "min_value": "16.0.0.1", "max_value": "16.0.0.254"}},
    {"id": "STLVmWrFlowVar", "parameters": {"fv_name": "source", "pkt_offset": "IP.src"}},
    {"id": "STLVmFixIpv4", "parameters": {"offset": "IP"}}
  ],
  "global_parameters": {"cache_size": 0}
}}
```

The answer is that of `build_pkt` with one more member:

| `field_engine` member | |
|---|---|
| `instructions` | the VM, `{"instructions": […], "cache": n}`; `cache` only where positive; `{}` after an error |
| `error` | null, or what is wrong: instruction (counted from 0), parameter, value, and what would be right |
| `warnings` | `[{"instruction": n, "code": …, "message": …}]`, see below; n is null for the whole program |
| `vm_instructions_expressions` | always `[]` |

Errors of the program do not spoil the packet, which is complete beside them. Only parameters
of the wrong JSON shape (`instructions` that is no array …) are errors of the request.

## Values

- Numbers are JSON numbers or text: decimal, or hexadecimal with `0x` in either case. Where
  values are compared or counted, IPv4 addresses (`16.0.0.1`) and MAC addresses with `:` or
  `-` stand for their number.
- null and `{"vtype": "UNDEFINED"}` mean the default; `"None"` does for parameters whose
  default is computed.
- Lists are JSON arrays or `{"vtype": "EXPRESSION", "expr": "[1, 2, 3]"}`.
- Names are text and stay text: variables may be called `5` or `None`.
- **Places** are byte numbers from 0, or names: `IP.src`, `IP:1.src` (the second IP layer),
  where a whole layer is meant `IP` or `IP:1`. Layers go by class or display name; `|`
  stands for a dot inside a name (`802|1Q.type`). Names are looked up in the packet as it
  was built, so they are exact behind options and in tunnels.

## Order

Variables run first, in the order in which they are written, a chain (`next_var`) from its
head to its tail at the place of the head. Everything else follows in its order; tuple
generators are not moved.

A seed that is not given is made from the variable's name, so that equal programs compile to
equal VMs. `init_value` may lie outside of the range where minimum and maximum are both 0, as
in the example of the RPC document; the engine itself will refuse such a stream.
"""  # noqa: E501

AFTER_INSTRUCTIONS = """\
## What is refused

Besides values that do not fit their parameter: what the engine could not run. That is
variables of more than 64 bytes together (a repeatable random variable takes twice its size
and 4, a tuple 10, the first random variable 4 more), a cache of more than 65535 packets, a
packet of more than 9238 or less than 14 bytes, anything past the end of the packet (short
packets are padded with zeros to 60 bytes) or beyond its first 512 bytes, fixes of TCP, UDP
and ICMPv6 checksums where there is no such header, a trim to lengths that the packet does not
have. And a write to a field that has no place in the packet. What the engine runs and hardly
anybody means is compiled with a warning, such as a write that is wider than the field that it
names.

## Compared with the TRex client library

What both accept compiles to the same VM, key for key; a test compares some hundreds of
generated programs with the library (`lbr-trex-client`, dependency group `oracle`).
"""

EXPLAIN = """\
## explain_program

Takes what `build_pkt_ex` takes and says what the program does: a sentence for each
instruction, the number of distinct values of each variable, and of the stream the period
after which packets repeat, the number of distinct packets, and of distinct flows (source and
destination address of the first IP layer, ports of the first TCP, UDP or SCTP layer behind
it). The numbers are computed, and hold for one core that sends the whole stream. Numbers
beyond 63 bits are decimal text. Where `exact` is false they are upper bounds: with random
variables, with a trim that may cut off what is written, and where values come twice within
periods and more than 100000 of them would have to be compared. For the example at the top
of this page:
"""

DECOMPILE = """\
## decompile_vm_raw

Takes a frame in base64 (or `""`) and a VM, and gives a program that compiles to that VM.
Offsets are byte numbers. With `true` as a third parameter (`names`) they are named by field where
the frame is given and a field of whole bytes begins there, or the mask is exactly a field's
bits; layers likewise. Keys that no parameter stands for come back under
`extra` of their instruction. Where the program would not compile to the same VM (an order
that the compiler does not give, values that the engine refuses) `warnings` say so.

## load_instruction_parameter_values

Takes the packet model, the program so far and the id of a parameter, and lists the values to
offer: fields for `pkt_offset`, IP layers for `offset` and `l3_offset`, TCP, UDP and ICMPv6
layers for `l4_offset`, variables for `fv_name` and `next_var`, names to choose for `name`.
"""


def page(registry: Registry) -> str:
    """The text of docs/field_engine.md."""
    parts = [INTRODUCTION, "## Instructions\n"]
    parts += [_instruction(cls, registry) for cls in INSTRUCTIONS]
    parts += [AFTER_INSTRUCTIONS]
    parts += ["Refused here, compiled there:\n", *_list(STRICTER_REASONS)]
    parts += ["Compiled here, refused there:\n", *_list(MORE_LENIENT_REASONS)]
    parts += ["## Warnings\n", "What compiles, but may not do what was meant. Codes are stable.\n"]
    parts += ["| code | meaning |\n|---|---|"]
    parts += [f"| `{code}` | {meaning} |" for code, meaning in CODES.items()]
    parts += ["", EXPLAIN, _explanation(registry), DECOMPILE]
    return "\n".join(parts).rstrip() + "\n"


def _list(reasons: dict[str, str]) -> Iterator[str]:
    yield from (f"- {what}: {why}" for what, why in reasons.items())
    yield ""


def _instruction(cls: type[Instruction], registry: Registry) -> str:
    lines = [f"### {cls.id}\n", cls.summary, "", "| parameter | |", "|---|---|"]
    lines += [f"| `{item.parameter.id}` | {item.help} |" for item in cls.arguments()]
    layers = EXAMPLE_PACKETS.get(cls.id, ("Ether", "IP", "TCP"))
    program = example(cls)
    packet = build(registry, *layers)
    names = "/".join(layer if isinstance(layer, str) else next(iter(layer)) for layer in layers)
    vm = compiled(registry, program, packet).raw["instructions"]
    lines += ["", f"Over {names}:", "", "```json", _items(_given(program)), "```", ""]
    lines += ["compiles to", "", "```json", _items(vm), "```", ""]
    return "\n".join(lines)


def example(cls: type[Instruction]) -> list[Given]:
    """The example of an instruction with what it needs before it."""
    return [*EXAMPLE_BEFORE.get(cls.id, []), (cls.id, cls.example)]


def _given(program: list[Given]) -> list[dict[str, Any]]:
    return [{"id": name, "parameters": parameters} for name, parameters in program]


def _items(items: list[dict[str, Any]]) -> str:
    return "[" + ",\n ".join(json.dumps(item) for item in items) + "]"


def _explanation(registry: Registry) -> str:
    packet = build(registry, "Ether", "IP", "TCP")
    program: list[Given] = [SOURCE, SOURCE_WRITE, ("STLVmFixIpv4", {"offset": "IP"})]
    explanation = explain(compiled(registry, program, packet), packet)
    return f"```json\n{json.dumps(msgspec.to_builtins(explanation), indent=1)}\n```\n"


if __name__ == "__main__":
    print(page(modules.load()), end="")

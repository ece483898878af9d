"""STLVmFlowVar: a variable that counts up or down, walks a list, or is random."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from scapy_server.engine.variable_rules import bytes_of
from scapy_server.engine.vm import FlowVar, VmInstruction, type_name
from scapy_server.programs import parameters as p
from scapy_server.programs.instructions.base import Instruction, RawInstruction, VmContext, refuse
from scapy_server.programs.parameters import argument

#: A MAC address is varied by its last bytes, as a variable has 4 or 8.
_MAC_BYTES, _END_BYTES = 6, 4
FIRST_SHOWN_ADDRESS = 1 << 24  # 1.0.0.0
SPLIT_HELP = (
    "Whether the cores that send the stream share the values (true) or each core sends all of "
    "them (false). A variable that another one moves is never split. Default: true."
)


@dataclass(frozen=True)
class FlowVariable(Instruction):
    """A variable of 1, 2, 4 or 8 bytes that takes its next value before each packet."""

    id: ClassVar[str] = "STLVmFlowVar"
    vm: ClassVar[type[VmInstruction]] = FlowVar
    summary: ClassVar[str] = (
        "Makes a variable that takes a new value for every packet: it counts from the minimum "
        "to the maximum and starts over (inc), the other way round (dec), or jumps about "
        "(random); with a value list it walks the list instead. The variable changes nothing "
        "by itself: a write or a trim puts it into the packet."
    )
    example: ClassVar[Mapping[str, Any]] = {
        "name": "source",
        "size": "4",
        "op": "inc",
        "min_value": "16.0.0.1",
        "max_value": "16.0.0.254",
        "step": "1",
    }

    name: str = argument(p.NAME, "The variable's name, by which writes refer to it.")
    init_value: int | None = argument(
        p.INIT_VALUE,
        "The value in the first packet, as a number, IPv4 or MAC address. Default: the "
        "minimum, for dec the maximum. Not used with a value list.",
        None,
    )
    min_value: int = argument(
        p.MIN_VALUE, "The smallest value, as a number, IPv4 or MAC address. Default: 0.", 0
    )
    max_value: int = argument(
        p.MAX_VALUE,
        "The largest value, as a number, IPv4 or MAC address. Default: 255; forms begin with 0.",
        255,
    )
    size: int = argument(p.SIZE, "Bytes of the variable: 1, 2, 4 or 8. Default: 4.", 4)
    step: int = argument(
        p.STEP,
        "How far the value moves per packet; with a value list, how many entries. Default: 1.",
        1,
    )
    op: str = argument(p.OP, "inc, dec or random. Default: inc.", "inc")
    value_list: tuple[int, ...] | None = argument(
        p.VALUE_LIST,
        "The values to walk instead of a range: up to 65535 numbers or IPv4 addresses, such "
        "as [80, 443, 8080]. Default: None, the range is used.",
        None,
    )
    split_to_cores: bool = argument(p.SPLIT_TO_CORES, SPLIT_HELP, True)
    next_var: str | None = argument(
        p.NEXT_VAR,
        "The variable that moves one step each time this one starts over, and only then. "
        "Default: none, every variable moves with every packet.",
        None,
    )

    def check(self) -> None:
        if self.value_list is None:
            values = {"min_value": self.min_value, "max_value": self.max_value}
            check_macs(self.size, values | {"init_value": self.initial})
        for value in self.value_list or ():
            check_macs(self.size, {"value_list": value})
        if self.value_list == ():
            raise refuse("value_list", "the list is empty")
        if self.next_var is not None and self.op == "random":
            raise refuse("next_var", "a random variable never starts over, so it moves no other")

    @property
    def initial(self) -> int:
        """The value of the first packet (without a list)."""
        if self.init_value is not None:
            return self.init_value
        return self.max_value if self.op == "dec" else self.min_value

    @property
    def defines(self) -> Mapping[str, int]:
        return {self.name: self.size}

    def to_vm(self) -> RawInstruction:
        entry: RawInstruction = {
            "type": type_name(self.vm),
            "name": self.name,
            "size": self.size,
            "op": self.op,
            "next_var": self.next_var,
            "split_to_cores": self.split_to_cores,
        }
        if self.value_list is not None:
            return entry | {"value_list": list(self.value_list), "step": self.step}
        return entry | {
            "init_value": self.initial,
            "min_value": self.min_value,
            "max_value": self.max_value,
            "step": self.step,
        }

    @classmethod
    def from_vm(cls, entry: FlowVar, context: VmContext) -> dict[str, Any]:
        parameters = super().from_vm(entry, context)
        if entry.value_list is None:
            return parameters
        span = ("init_value", "min_value", "max_value")  # the engine walks the list instead
        parameters["value_list"] = list(entry.value_list)
        return {name: value for name, value in parameters.items() if name not in span}

    def sentence(self) -> str:
        low, high = number(self.min_value, self.size), number(self.max_value, self.size)
        if self.value_list is not None:
            walk = {"inc": "forwards", "dec": "backwards", "random": "at random"}[self.op]
            what = f"walks a list of {len(self.value_list)} values {walk}"
        elif self.op == "random":
            what = f"takes random values from {low} to {high}"
        else:
            direction = "up" if self.op == "inc" else "down"
            what = (
                f"counts {direction} between {low} and {high}, "
                f"beginning with {number(self.initial, self.size)}"
            )
        by = "" if self.op == "random" else f" in steps of {self.step}"
        return f"Variable {self.name} ({bytes_of(self.size)}) {what}{by}{moves(self.next_var)}."


def check_macs(size: int, values: Mapping[str, int]) -> None:
    """Refuse, with the way to vary them, what may be MAC addresses too long for a variable."""
    for parameter, value in values.items():
        if size <= _END_BYTES and 1 << 8 * _END_BYTES <= value < 1 << 8 * _MAC_BYTES:
            octets = value.to_bytes(_MAC_BYTES, "big")
            raise refuse(
                parameter,
                f"{value} does not fit {bytes_of(size)} (0 to {(1 << 8 * size) - 1}); if it is "
                f"the MAC address {octets.hex(':')}, let the packet's field hold that, and a "
                f"variable of size {_END_BYTES} its end, here "
                f"{int.from_bytes(octets[-_END_BYTES:], 'big')}, written with offset_fixup "
                f"{_MAC_BYTES - _END_BYTES}",
            )


def number(value: int, size: int) -> str:
    """A value in words, as an address too where it may be one."""
    if size == 4 and value >= FIRST_SHOWN_ADDRESS:
        return f"{value} ({ipaddress.IPv4Address(value)})"
    return str(value)


def moves(next_var: str | None) -> str:
    """The end of a variable's sentence: which one it moves."""
    return "" if next_var is None else f"; each time it starts over, {next_var} moves on"

"""A compiled program, parsed once into frozen instructions.

`parse_vm` checks the shape only: which members there are and of which JSON type.
Whether the engine could run the program on a given packet is decided in `check`.

Source: the VM instruction specification; semantics section 7.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from scapy_server import limits
from scapy_server.errors import RefusedError, located, shown

Op = Literal["inc", "dec", "random"]


class FlowVar(msgspec.Struct, frozen=True, tag="flow_var"):
    """A variable that counts over a range or a list, or is random."""

    name: str
    size: int
    op: Op
    step: int
    init_value: int | None = None
    min_value: int | None = None
    max_value: int | None = None
    value_list: tuple[int, ...] | None = None
    next_var: str | None = None
    split_to_cores: bool = True

    @property
    def is_random(self) -> bool:
        return self.op == "random"

    @property
    def span(self) -> tuple[int, int, int]:
        """min, init, max of a variable that has no list; checked to be there."""
        assert self.min_value is not None
        assert self.init_value is not None
        assert self.max_value is not None
        return self.min_value, self.init_value, self.max_value


class RandLimit(msgspec.Struct, frozen=True, tag="flow_var_rand_limit"):
    """Repeatable random: the same `limit` values over and over."""

    name: str
    size: int
    limit: int
    seed: int
    min_value: int
    max_value: int
    next_var: str | None = None
    split_to_cores: bool = True

    is_random = False


class TupleVar(msgspec.Struct, frozen=True, tag="tuple_flow_var"):
    """A generator of address and port; readable as name.ip, name.port, name.flow_limit."""

    name: str
    ip_min: int
    ip_max: int
    port_min: int
    port_max: int
    limit_flows: int
    flags: int

    @property
    def unlimited(self) -> bool:
        return bool(self.flags & 1)


class WriteVar(msgspec.Struct, frozen=True, tag="write_flow_var"):
    """Write a variable into the packet."""

    name: str
    pkt_offset: int
    add_value: int
    is_big_endian: bool


class WriteMask(msgspec.Struct, frozen=True, tag="write_mask_flow_var"):
    """Write some bits of a variable into some bits of the packet."""

    name: str
    pkt_offset: int
    pkt_cast_size: int
    mask: int
    shift: int
    add_value: int
    is_big_endian: bool


class FixIPv4(msgspec.Struct, frozen=True, tag="fix_checksum_ipv4"):
    """Compute an IPv4 header checksum."""

    pkt_offset: int


class FixHardware(msgspec.Struct, frozen=True, tag="fix_checksum_hw"):
    """Have the network card compute the IPv4 header and the TCP or UDP checksum."""

    l2_len: int
    l3_len: int
    l4_type: int


class FixICMPv6(msgspec.Struct, frozen=True, tag="fix_checksum_icmpv6"):
    """Compute an ICMPv6 checksum."""

    l2_len: int
    l3_len: int


class Trim(msgspec.Struct, frozen=True, tag="trim_pkt_size"):
    """Cut the packet to as many bytes as the variable says."""

    name: str


Variable = FlowVar | RandLimit | TupleVar
Instruction = (
    FlowVar | RandLimit | TupleVar | WriteVar | WriteMask | FixIPv4 | FixHardware | FixICMPv6 | Trim
)
#: The name under which the state of the random generator can be read.


class Program(msgspec.Struct, frozen=True):
    """The instructions in the order in which they run; `cache` 0 is none."""

    instructions: tuple[Instruction, ...] = ()
    cache: int = 0


def place(number: int, instruction_type: object) -> str:
    """How error messages name an instruction; `number` counts from 0."""
    kind = f" ({instruction_type})" if isinstance(instruction_type, str) else ""
    return f"instruction {number}{kind}"


def type_name(instruction: Instruction) -> str:
    """The instruction's `type` on the wire."""
    return str(type(instruction).__struct_config__.tag)


def parse_vm(raw: object) -> Program:
    """The program of a `vm`; an empty object or null is a constant packet.

    Raises RefusedError, by instruction and parameter, when the shape is wrong.
    """
    if raw is None or raw == {}:
        return Program()
    if not isinstance(raw, Mapping):
        raise RefusedError(f'a vm is an object with "instructions", not {shown(raw)}')
    instructions = raw.get("instructions")
    if not isinstance(instructions, list | tuple):
        raise RefusedError(f'"instructions" of a vm must be an array, not {shown(instructions)}')
    limits.FIELD_ENGINE_INSTRUCTIONS.check(len(instructions))
    cache = raw.get("cache")
    if cache is None:
        cache = 0
    if not _is_whole(cache) or not 0 <= cache <= 0xFFFF:
        raise RefusedError(f'"cache" must be a whole number from 0 to 65535, not {shown(cache)}')
    return Program(tuple(_parse(item, n) for n, item in enumerate(instructions)), cache)


_TYPES: Mapping[str, type[Instruction]] = {
    str(cls.__struct_config__.tag): cls
    for cls in (
        FlowVar,
        RandLimit,
        TupleVar,
        WriteVar,
        WriteMask,
        FixIPv4,
        FixHardware,
        FixICMPv6,
        Trim,
    )
}


def _parse(raw: object, number: int) -> Instruction:
    kind = raw.get("type") if isinstance(raw, Mapping) else None
    with located(place(number, kind)):
        if not isinstance(raw, Mapping):
            raise RefusedError(f'an instruction is an object with a "type", not {shown(raw)}')
        cls = _TYPES.get(kind) if isinstance(kind, str) else None
        if cls is None:
            raise RefusedError(f'"type" must be one of {", ".join(_TYPES)}, not {shown(kind)}')
        members: dict[str, Any] = {}
        for field in msgspec.structs.fields(cls):
            value = raw.get(field.name)
            if value is None:
                if field.required:
                    raise RefusedError(f'the parameter "{field.name}" is missing')
                continue
            if field.name == "value_list" and value == []:
                continue
            members[field.name] = _checked(field.name, value)
        return cls(**members)


def _checked(name: str, value: object) -> object:
    """The value if it has the JSON type of the parameter of that name."""
    if name in ("name", "next_var"):
        if isinstance(value, str):
            return value
        expected = "a string"
    elif name in ("is_big_endian", "split_to_cores"):
        if isinstance(value, bool):
            return value
        expected = "true or false"
    elif name == "op":
        if value in ("inc", "dec", "random"):
            return value
        expected = '"inc", "dec" or "random"'
    elif name == "value_list":
        if isinstance(value, list | tuple):
            for item in value:
                if not _is_whole(item):
                    raise RefusedError(f'"value_list" holds whole numbers, not {shown(item)}')
            return tuple(value)
        expected = "an array of whole numbers"
    else:
        if _is_whole(value):
            return value
        expected = "a whole number"
    raise RefusedError(f'"{name}" must be {expected}, not {shown(value)}')


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)

"""A compiled program, parsed once into frozen instructions.

`parse_vm` is strict about the shape: which keys there are, of which JSON type, within
which bounds. Whether the engine could run the program on a given packet `rules` decide.
Both refuse with `VmRefused`, which knows the instruction and the key at fault, so that
whoever wrote the program by other names can be told in those.

Source: docs/engine.md, "What is refused".
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from types import TracebackType
from typing import Annotated, Literal, TypeAlias, get_args

import msgspec
from msgspec import Meta

from scapy_server import limits
from scapy_server.engine.bounds import RANDOM_STATE, RANDOM_STATE_BYTES
from scapy_server.errors import RefusedError, shown
from scapy_server.shapes import Misfit, fitted
from scapy_server.wording import nearest

UInt16 = Annotated[int, Meta(ge=0, le=0xFFFF)]
UInt32 = Annotated[int, Meta(ge=0, le=0xFFFFFFFF)]
Int32 = Annotated[int, Meta(ge=-(1 << 31), le=(1 << 31) - 1)]
Size = Literal[1, 2, 4, 8]
#: Beside these, the bound depends on the size.
Positive = Annotated[int, Meta(ge=1)]


#: The parts of a tuple that writes read, with their bytes.
TUPLE_PARTS: Mapping[str, int] = {"ip": 4, "port": 2, "flow_limit": 4}


class FlowVar(msgspec.Struct, frozen=True, tag="flow_var"):
    """A variable that counts over a range or a list, or is random."""

    name: str
    size: Size
    op: Literal["inc", "dec", "random"]
    step: Positive
    init_value: int | None = None
    min_value: int | None = None
    max_value: int | None = None
    value_list: tuple[int, ...] | None = None
    split_to_cores: bool = True
    next_var: str | None = None

    @property
    def is_random(self) -> bool:
        return self.op == "random"

    @property
    def sizes(self) -> dict[str, int]:
        """The names that it can be read by, with their bytes."""
        return {self.name: self.size}

    @property
    def space(self) -> int:
        """What it takes of the engine's memory for variables."""
        return self.size

    @property
    def span(self) -> tuple[int, int, int]:
        """min, init, max of a variable that has no list; reading it sees that they are there."""
        assert self.min_value is not None
        assert self.init_value is not None
        assert self.max_value is not None
        return self.min_value, self.init_value, self.max_value

    @property
    def padded_range(self) -> tuple[int, int]:
        """min and max of a range after the engine has made the step divide it."""
        low, _, high = self.span
        remainder = (high - low + 1) % self.step
        if remainder and self.op == "inc":
            high += self.step - remainder
        elif remainder and self.op == "dec":
            low -= self.step - remainder
        return low, high


class RandLimit(msgspec.Struct, frozen=True, tag="flow_var_rand_limit"):
    """Repeatable random: the same `limit` values over and over."""

    name: str
    size: Size
    limit: Positive
    seed: int
    min_value: int
    max_value: int
    split_to_cores: bool = True
    next_var: str | None = None

    is_random = False

    @property
    def sizes(self) -> dict[str, int]:
        """As those of `FlowVar`."""
        return {self.name: self.size}

    @property
    def space(self) -> int:
        """As that of `FlowVar`."""
        return 2 * self.size + 4


class TupleVar(msgspec.Struct, frozen=True, tag="tuple_flow_var"):
    """A generator of address and port; readable as name.ip, name.port, name.flow_limit."""

    name: str
    ip_min: UInt32
    ip_max: UInt32
    port_min: UInt16
    port_max: UInt16
    limit_flows: UInt32
    flags: UInt16

    is_random = False
    space = 10

    @property
    def unlimited(self) -> bool:
        return bool(self.flags & 1)

    @property
    def sizes(self) -> dict[str, int]:
        """As those of `FlowVar`."""
        return {f"{self.name}.{part}": size for part, size in TUPLE_PARTS.items()}


class WriteVar(msgspec.Struct, frozen=True, tag="write_flow_var"):
    """Write a variable into the packet."""

    name: str
    pkt_offset: UInt16
    add_value: Int32
    is_big_endian: bool


class WriteMask(msgspec.Struct, frozen=True, tag="write_mask_flow_var"):
    """Write some bits of a variable into some bits of the packet."""

    name: str
    pkt_offset: UInt16
    pkt_cast_size: Literal[1, 2, 4]
    mask: UInt32
    shift: Annotated[int, Meta(ge=-31, le=31)]
    add_value: Int32
    is_big_endian: bool


class FixIPv4(msgspec.Struct, frozen=True, tag="fix_checksum_ipv4"):
    """Compute an IPv4 header checksum."""

    pkt_offset: UInt16


class FixHardware(msgspec.Struct, frozen=True, tag="fix_checksum_hw"):
    """Have the network card compute the IPv4 header and the TCP or UDP checksum."""

    l2_len: UInt16
    l3_len: UInt16
    l4_type: Literal[11, 13, 17]


class FixICMPv6(msgspec.Struct, frozen=True, tag="fix_checksum_icmpv6"):
    """Compute an ICMPv6 checksum."""

    l2_len: UInt16
    l3_len: UInt16


class Trim(msgspec.Struct, frozen=True, tag="trim_pkt_size"):
    """Cut the packet to as many bytes as the variable says."""

    name: str


AnyVar: TypeAlias = FlowVar | RandLimit | TupleVar
Fix: TypeAlias = FixIPv4 | FixHardware | FixICMPv6
Write: TypeAlias = WriteVar | WriteMask
VmInstruction: TypeAlias = AnyVar | Write | Fix | Trim


def type_name(cls: type[VmInstruction]) -> str:
    """The `type` on the wire of a kind of instructions."""
    return str(cls.__struct_config__.tag)


TYPES: Mapping[str, type[VmInstruction]] = {type_name(cls): cls for cls in get_args(VmInstruction)}


class Vm(msgspec.Struct, frozen=True, dict=True):
    """The instructions in the order in which they run; `cache` 0 is none."""

    instructions: tuple[VmInstruction, ...] = ()
    cache: int = 0

    @cached_property
    def variables(self) -> tuple[tuple[int, AnyVar], ...]:
        """What makes variables, with its place."""
        return tuple(
            (position, item)
            for position, item in enumerate(self.instructions)
            if isinstance(item, FlowVar | RandLimit | TupleVar)
        )

    @cached_property
    def own_sizes(self) -> Mapping[str, int]:
        """The bytes of the engine's own variable, if there is one: random ones share a state."""
        draws = any(item.is_random for _, item in self.variables)
        return {RANDOM_STATE: RANDOM_STATE_BYTES} if draws else {}

    @cached_property
    def sizes(self) -> Mapping[str, int]:
        """The bytes of each variable that can be read."""
        sizes = dict(self.own_sizes)
        for _, item in self.variables:
            sizes |= item.sizes
        return sizes

    def flow_var(self, name: str) -> FlowVar | None:
        """The `flow_var` of that name."""
        made = (item for item in self.instructions if isinstance(item, FlowVar))
        return next((item for item in made if item.name == name), None)


class VmRefused(RefusedError):
    """The engine would not run the program: `position` is that of the instruction in it,
    `key` the one of its keys that is at fault, as far as a single one is."""

    def __init__(self, problem: str, key: str | None = None) -> None:
        super().__init__(problem, () if key is None else (f"key {key}",))
        self.key = key
        self.position: int | None = None

    def at(self, position: int, kind: object) -> None:
        """Say which instruction it was."""
        self.position = position
        name = f" ({kind[:60]})" if isinstance(kind, str) else ""
        self.where = (f"instruction {position}{name}", *self.where)


def positioned(position: int, instruction: object) -> AbstractContextManager[None]:
    """Let refusals inside say which instruction they are about: one as it came, or parsed."""
    return _Positioned(position, instruction)


class _Positioned:
    """Entered several times for every instruction, so a generator would show."""

    __slots__ = ("_instruction", "_position")

    def __init__(self, position: int, instruction: object) -> None:
        self._position, self._instruction = position, instruction

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, VmRefused):
            error.at(self._position, _kind_of(self._instruction))


def _kind_of(instruction: object) -> object:
    if isinstance(instruction, Mapping):
        return instruction.get("type")
    return next((name for name, cls in TYPES.items() if isinstance(instruction, cls)), None)


def parse_vm(raw: object) -> Vm:
    """The program of a `vm`; an empty object or null is a constant packet.

    Raises RefusedError when the shape is wrong, VmRefused where an instruction's is.
    """
    if raw is None or raw == {}:
        return Vm()
    if not isinstance(raw, Mapping):
        raise RefusedError(f'a vm is an object with "instructions", not {shown(raw)}')
    instructions = raw.get("instructions")
    if not isinstance(instructions, list | tuple):
        raise RefusedError(f'"instructions" of a vm must be an array, not {shown(instructions)}')
    limits.FIELD_ENGINE_INSTRUCTIONS.check(len(instructions))
    cache = raw.get("cache")
    try:
        cache = 0 if cache is None else msgspec.convert(cache, UInt16)
    except msgspec.ValidationError:
        raise RefusedError(
            f'"cache" must be a whole number from 0 to 65535, not {shown(cache)}'
        ) from None
    return Vm(tuple(parse_instruction(item, n) for n, item in enumerate(instructions)), cache)


def parse_instruction(raw: object, position: int) -> VmInstruction:
    """One instruction of a vm; null is as good as a missing key. Raises VmRefused."""
    with positioned(position, raw):
        if not isinstance(raw, Mapping):
            raise VmRefused(f'an instruction is an object with a "type", not {shown(raw)}')
        kind = raw.get("type")
        cls = TYPES.get(kind) if isinstance(kind, str) else None
        if cls is None:
            raise VmRefused(f"{shown(kind)} is not one of {', '.join(TYPES)}{_hint(kind)}", "type")
        given = {key: value for key, value in raw.items() if value is not None}
        for key, nothing in (("value_list", []), ("next_var", "")):
            if given.get(key) == nothing:
                del given[key]
        try:
            instruction: VmInstruction = fitted(given, cls)
        except Misfit as misfit:
            raise _refused(misfit) from None
        if isinstance(instruction, FlowVar) and instruction.value_list is None:
            for key in ("init_value", "min_value", "max_value"):
                if key not in given:
                    raise VmRefused("it is missing", key)
        return instruction


def _hint(kind: object) -> str:
    return nearest(kind, TYPES) if isinstance(kind, str) else ""


def _refused(misfit: Misfit) -> VmRefused:
    if misfit.wanted is None:
        return VmRefused("it is missing", misfit.member)
    if misfit.item is not None:
        problem = f"member {misfit.item}, {shown(misfit.given)}, is no whole number"
        return VmRefused(problem, misfit.member)
    return VmRefused(f"{shown(misfit.given)} is not {misfit.wanted}", misfit.member)

"""What the engine would refuse, die from or leave undefined, found before it runs.

The engine itself says so only when a stream is added or started, in one sentence for the
whole stream, if it can say so at all. Here VmRefused names the instruction and the key.

Source: docs/engine.md, "What is refused".
"""

from __future__ import annotations

from dataclasses import dataclass, field

from scapy_server import limits
from scapy_server.engine.bounds import (
    MINIMUM_FRAME_BYTES,
    MULTI_CORE_CACHE_PACKETS,
    PADDED_FRAME_BYTES,
    RANDOM_STATE,
    RANDOM_STATE_BYTES,
    TUPLE_BYTES,
)
from scapy_server.engine.headers import (
    ICMPV6_BYTES,
    ICMPV6_PROTOCOL,
    IP,
    IPV4_BYTES,
    IPV6_BYTES,
    PROTOCOL_NAMES,
    TCP_PROTOCOL,
    UDP_PROTOCOL,
    IpHeader,
    hardware_header,
)
from scapy_server.engine.variable_rules import (
    bytes_of,
    check_flow_var,
    check_rand_limit,
    check_tuple,
)
from scapy_server.engine.vm import (
    TUPLE_PARTS,
    FixHardware,
    FixICMPv6,
    FixIPv4,
    FlowVar,
    RandLimit,
    Trim,
    TupleVar,
    Vm,
    VmInstruction,
    VmRefused,
    WriteMask,
    WriteVar,
    positioned,
    type_name,
)
from scapy_server.errors import RefusedError, shown


def check_frame(frame: bytes) -> None:
    """Refuse a packet that no stream can have."""
    if len(frame) < MINIMUM_FRAME_BYTES:
        raise RefusedError(
            f"the packet has {len(frame)} bytes; the engine sends packets from "
            f"{MINIMUM_FRAME_BYTES} on"
        )
    limits.FIELD_ENGINE_FRAME_BYTES.check(len(frame))


def check_cores(program: Vm, cores: int) -> None:
    """Refuse numbers of cores that cannot share the stream."""
    limits.RENDER_CORES.check(cores)
    if cores < 1:
        raise RefusedError(f"there must be at least 1 core, not {cores}")
    if cores > 1 and program.cache > MULTI_CORE_CACHE_PACKETS:
        raise RefusedError(
            f"with several cores the cache holds at most {MULTI_CORE_CACHE_PACKETS} packets, "
            f'"cache" is {program.cache}'
        )


def check_variables(program: Vm, cores: int = 1) -> None:
    """Raise VmRefused for a variable that the engine would not make, looking at each by itself."""
    for position, item in enumerate(program.instructions):
        with positioned(position, type_name(type(item))):
            if isinstance(item, FlowVar):
                check_flow_var(item)
            elif isinstance(item, RandLimit):
                check_rand_limit(item)
            elif isinstance(item, TupleVar):
                check_tuple(item, cores)


def check_program(program: Vm, frame: bytes | None, cores: int = 1) -> None:
    """Raise VmRefused unless the engine runs the program on the packet.

    Without a packet only what needs none is checked.
    """
    check_variables(program, cores)
    names = _Names(program)
    for position, instruction in enumerate(program.instructions):
        with positioned(position, type_name(type(instruction))):
            names.define(position, instruction)
    packet = None if frame is None else _Packet(frame.ljust(PADDED_FRAME_BYTES, b"\0"), len(frame))
    for position, instruction in enumerate(program.instructions):
        with positioned(position, type_name(type(instruction))):
            names.check_use(instruction)
            if packet is not None:
                packet.check(instruction, names)


@dataclass
class _Names:
    """The variables of a program, and the room that they take."""

    program: Vm
    sizes: dict[str, int] = field(default_factory=dict)
    flow_vars: dict[str, FlowVar] = field(default_factory=dict)
    space: int = 0

    def __post_init__(self) -> None:
        items = self.program.instructions
        self.draws = any(isinstance(item, FlowVar) and item.is_random for item in items)
        if self.draws:
            self.sizes[RANDOM_STATE] = self.space = RANDOM_STATE_BYTES

    def define(self, position: int, item: VmInstruction) -> None:
        """Check a variable and make its names known."""
        if isinstance(item, FlowVar):
            self._name(item.name, item.size)
            self.flow_vars[item.name] = item
            self._take(item.size)
        elif isinstance(item, RandLimit):
            self._name(item.name, item.size)
            self._take(2 * item.size + 4)
        elif isinstance(item, TupleVar):
            for part, size in TUPLE_PARTS.items():
                self._name(f"{item.name}.{part}", size)
            self._take(TUPLE_BYTES)
        if isinstance(item, FlowVar | RandLimit) and item.next_var:
            self._check_next(position, item.next_var)

    def _name(self, name: str, size: int) -> None:
        if name == RANDOM_STATE and self.draws:
            raise VmRefused(f"{RANDOM_STATE} is the engine's own beside random variables", "name")
        if name in self.sizes:
            raise VmRefused(f"the variable {shown(name)} is made twice", "name")
        self.sizes[name] = size

    def _take(self, size: int) -> None:
        self.space += size
        if self.space > limits.FIELD_ENGINE_VARIABLE_BYTES:
            raise VmRefused(
                "the variables of the program take more than the "
                f"{int(limits.FIELD_ENGINE_VARIABLE_BYTES)} bytes of the engine's memory (a "
                "repeatable random variable takes twice its size and 4, a tuple 10, random ones "
                "4 together beside their sizes); this one is too many"
            )

    def _check_next(self, position: int, target: str) -> None:
        instructions = self.program.instructions
        following = instructions[position + 1] if position + 1 < len(instructions) else None
        if not isinstance(following, FlowVar | RandLimit) or following.name != target:
            raise VmRefused(
                f"{shown(target)} must be a variable made by the very next instruction", "next_var"
            )
        if following.split_to_cores and not following.is_random:
            raise VmRefused(f"{shown(target)} must have split_to_cores false", "next_var")

    def check_use(self, item: VmInstruction) -> None:
        """Check that the variable that an instruction reads is there, and fits."""
        if not isinstance(item, WriteVar | WriteMask | Trim):
            return
        if item.name not in self.sizes:
            known = ", ".join(self.sizes) or "none"
            raise VmRefused(f"there is no variable {shown(item.name)}; there are: {known}", "name")
        if isinstance(item, Trim):
            variable = self.flow_vars.get(item.name)
            if variable is None or variable.size != 2:
                size = bytes_of(self.sizes[item.name])
                kind = f"has {size}" if variable is not None else "is none of these"
                raise VmRefused(
                    f"a length comes from a flow_var of 2 bytes; {shown(item.name)} {kind}", "name"
                )


class _Packet:
    """The packet that a program is to change; `given` of its bytes are not padding."""

    def __init__(self, template: bytes, given: int) -> None:
        self._template, self._given = template, given

    def check(self, item: VmInstruction, names: _Names) -> None:
        """Check what an instruction does to the packet."""
        if isinstance(item, WriteVar):
            self._reach("pkt_offset", item.pkt_offset, names.sizes[item.name])
        elif isinstance(item, WriteMask):
            # Little endian writes are as wide as the variable; both widths must be there.
            little = 0 if item.is_big_endian else min(names.sizes[item.name], 4)
            self._reach("pkt_offset", item.pkt_offset, max(item.pkt_cast_size, little))
        elif isinstance(item, Trim):
            self._check_trim(item, names)
        elif isinstance(item, FixIPv4):
            header = IpHeader(item.pkt_offset, self._template)
            self._reach("pkt_offset", item.pkt_offset, max(header.length, IPV4_BYTES))
        elif isinstance(item, FixHardware):
            self._check_hardware(item)
        elif isinstance(item, FixICMPv6):
            self._check_icmpv6(item)

    def _reach(self, key: str, begin: int, size: int) -> None:
        end, available = begin + size, len(self._template)
        if end > available:
            padded = " (padded)" if self._given < available else ""
            raise VmRefused(
                f"bytes {begin} to {end - 1} are past the end of the packet, "
                f"which has {available} bytes{padded}",
                key,
            )
        if end > limits.FIELD_ENGINE_TOUCHED_BYTES:
            raise VmRefused(
                f"bytes {begin} to {end - 1} are beyond the first "
                f"{int(limits.FIELD_ENGINE_TOUCHED_BYTES)} bytes, all that the engine can change",
                key,
            )

    def _check_trim(self, item: Trim, names: _Names) -> None:
        variable, length = names.flow_vars[item.name], len(self._template)
        if variable.value_list is not None:
            for index, value in enumerate(variable.value_list):
                if not PADDED_FRAME_BYTES <= value <= length:
                    raise VmRefused(
                        f"member {index} of the value list of {variable.name}, {value}, is not a "
                        f"length from {PADDED_FRAME_BYTES} to the {length} bytes of the packet",
                        "name",
                    )
            return
        low, high = variable.padded_range
        # Each trim by the same variable narrows what the one before has left.
        for _ in range(names.program.instructions.count(item)):
            low, high = min(low, length), min(high, length)
            if low >= high:
                raise self._no_lengths(variable)
            low = max(low, PADDED_FRAME_BYTES)
        if variable.is_random and low > high:
            raise self._no_lengths(variable)

    def _no_lengths(self, variable: FlowVar) -> VmRefused:
        low, _, high = variable.span
        length = len(self._template)
        return VmRefused(
            f"the range of {variable.name}, {low} to {high}, leaves no two lengths from "
            f"{PADDED_FRAME_BYTES} to the {length} bytes of the packet; trimming only shortens, so "
            f"give the packet the greatest length, which is {length} now",
            "name",
        )

    def _check_hardware(self, item: FixHardware) -> None:
        l3 = item.l2_len
        if l3 < MINIMUM_FRAME_BYTES:
            raise VmRefused(
                f"byte {l3} lies within the Ethernet header, IP comes after it", "l2_len"
            )
        self._reach("l2_len", l3, IPV4_BYTES)
        header = IpHeader(l3, self._template)
        if header.version not in (4, 6):
            raise VmRefused(f"there is no IP header at byte {l3} of the packet", "l2_len")
        if item.l4_type != IP:
            self._check_transport(item, header)
        elif header.version == 6:
            raise VmRefused(
                "17 stands for IPv4 only; over IPv6 give 11 (UDP) or 13 (TCP)", "l4_type"
            )
        l4 = hardware_header(item, self._template)
        self._reach("l3_len", l4.offset, l4.size)

    def _check_transport(self, item: FixHardware, header: IpHeader) -> None:
        """Check that the transport header is where it is said to be."""
        l3, l4 = item.l2_len, item.l2_len + item.l3_len
        if header.version == 4 and item.l3_len != header.length:
            raise VmRefused(
                f"byte {l4} is not where the transport header begins: the IPv4 header "
                f"at byte {l3} has {header.length} bytes and ends at {l3 + header.length}",
                "l3_len",
            )
        if item.l3_len < IPV4_BYTES:
            raise VmRefused(f"byte {l4} lies within the IP header at byte {l3}", "l3_len")
        if header.version == 4 and header.protocol not in (TCP_PROTOCOL, UDP_PROTOCOL):
            found = PROTOCOL_NAMES.get(header.protocol, f"protocol {header.protocol}")
            raise VmRefused(
                f"{item.l4_type} means TCP or UDP, but the packet has {found}", "l4_type"
            )

    def _check_icmpv6(self, item: FixICMPv6) -> None:
        l3 = item.l2_len
        self._reach("l2_len", l3, IPV6_BYTES)
        header = IpHeader(l3, self._template)
        if header.version != 6:
            raise VmRefused(f"there is no IPv6 header at byte {l3} of the packet", "l2_len")
        if header.protocol != ICMPV6_PROTOCOL:
            found = PROTOCOL_NAMES.get(header.protocol, f"protocol {header.protocol}")
            raise VmRefused(f"the IPv6 header at byte {l3} is followed by {found}", "l2_len")
        self._reach("l3_len", l3 + item.l3_len, ICMPV6_BYTES)

"""What the engine would refuse, die from or leave undefined, found before it runs.

The engine itself says so only when a stream is added or started, in one sentence for the
whole stream, if it can say so at all. Here VmRefused names the instruction and the key.

Source: docs/engine.md, "What is refused".
"""

from __future__ import annotations

from collections.abc import Mapping

from scapy_server import limits
from scapy_server.engine.bounds import (
    MINIMUM_FRAME_BYTES,
    MULTI_CORE_CACHE_PACKETS,
    PADDED_FRAME_BYTES,
    RANDOM_STATE,
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
    for position, item in program.variables:
        with positioned(position, item):
            if isinstance(item, FlowVar):
                check_flow_var(item)
            elif isinstance(item, RandLimit):
                check_rand_limit(item)
            else:
                check_tuple(item, cores)


def check_program(program: Vm, frame: bytes | None, cores: int = 1) -> None:
    """Raise VmRefused unless the engine runs the program on the packet.

    Without a packet only what needs none is checked.
    """
    check_variables(program, cores)
    sizes = _checked_sizes(program)
    packet = None if frame is None else _Packet(program, sizes, frame)
    for position, item in enumerate(program.instructions):
        with positioned(position, item):
            if isinstance(item, WriteVar | WriteMask | Trim) and item.name not in sizes:
                known = ", ".join(sizes) or "none"
                problem = f"there is no variable {shown(item.name)}; there are: {known}"
                raise VmRefused(problem, "name")
            if isinstance(item, Trim):
                _check_length(program, item)
            if packet is not None:
                packet.check(item)


def _checked_sizes(program: Vm) -> dict[str, int]:
    """The bytes of each variable that can be read.

    Refused are variables that are made twice, take too much room, or move what does not follow.
    """
    own = program.own_sizes
    sizes, space = dict(own), sum(own.values())
    for position, item in program.variables:
        with positioned(position, item):
            for name, size in item.sizes.items():
                if name in own:
                    problem = f"{RANDOM_STATE} is the engine's own beside random variables"
                    raise VmRefused(problem, "name")
                if name in sizes:
                    raise VmRefused(f"the variable {shown(name)} is made twice", "name")
                sizes[name] = size
            space += item.space
            if space > limits.FIELD_ENGINE_VARIABLE_BYTES:
                raise VmRefused(
                    "the variables of the program take more than the "
                    f"{int(limits.FIELD_ENGINE_VARIABLE_BYTES)} bytes of the engine's memory (a "
                    "repeatable random variable takes twice its size and 4, a tuple 10, random "
                    "ones 4 together beside their sizes); this one is too many"
                )
            if not isinstance(item, TupleVar) and item.next_var:
                _check_next(item.next_var, next(iter(program.instructions[position + 1 :]), None))
    return sizes


def _check_next(target: str, following: VmInstruction | None) -> None:
    if not isinstance(following, FlowVar | RandLimit) or following.name != target:
        raise VmRefused(
            f"{shown(target)} must be a variable made by the very next instruction", "next_var"
        )
    if following.split_to_cores and not following.is_random:
        raise VmRefused(f"{shown(target)} must have split_to_cores false", "next_var")


def _check_length(program: Vm, item: Trim) -> None:
    variable = program.flow_var(item.name)
    if variable is None or variable.size != 2:
        kind = "is none of these" if variable is None else f"has {bytes_of(variable.size)}"
        raise VmRefused(
            f"a length comes from a flow_var of 2 bytes; {shown(item.name)} {kind}", "name"
        )


class _Packet:
    """The packet that a program is to change."""

    def __init__(self, program: Vm, sizes: Mapping[str, int], frame: bytes) -> None:
        self._program, self._sizes = program, sizes
        self._template, self._given = frame.ljust(PADDED_FRAME_BYTES, b"\0"), len(frame)

    def check(self, item: VmInstruction) -> None:
        """Check what an instruction does to the packet."""
        if isinstance(item, WriteVar):
            self._reach("pkt_offset", item.pkt_offset, self._sizes[item.name])
        elif isinstance(item, WriteMask):
            # Little endian writes are as wide as the variable; both widths must be there.
            little = 0 if item.is_big_endian else min(self._sizes[item.name], 4)
            self._reach("pkt_offset", item.pkt_offset, max(item.pkt_cast_size, little))
        elif isinstance(item, Trim):
            self._check_trim(item)
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

    def _check_trim(self, item: Trim) -> None:
        variable, length = self._program.flow_var(item.name), len(self._template)
        assert variable is not None
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
        for _ in range(self._program.instructions.count(item)):
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

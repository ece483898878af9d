"""What the engine would refuse, die from or leave undefined, found before rendering.

`check_program` raises RefusedError by instruction number and parameter.

Source: semantics sections 4, 5 and 7.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from scapy_server import limits
from scapy_server.engine.bounds import (
    MAXIMUM_LIMITS,
    MULTI_CORE_CACHE_PACKETS,
    PADDED_FRAME_BYTES,
    RANDOM_STATE,
    RANDOM_STATE_BYTES,
    TUPLE_BYTES,
)
from scapy_server.engine.program import (
    FixHardware,
    FixICMPv6,
    FixIPv4,
    FlowVar,
    Instruction,
    Program,
    RandLimit,
    Trim,
    TupleVar,
    WriteMask,
    WriteVar,
    place,
    type_name,
)
from scapy_server.errors import RefusedError, located

U16, U32, U64 = (1 << 16) - 1, (1 << 32) - 1, (1 << 64) - 1
TCP_HEADER = 20
UDP, TCP, IP = 11, 13, 17  # l4_type


def check_program(program: Program, template: bytes, cores: int) -> None:
    """Raise RefusedError unless the engine runs the program on the (padded) template."""
    limits.RENDER_CORES.check(cores)
    if cores < 1:
        raise RefusedError(f"there must be at least 1 core, not {cores}")
    if cores > 1 and program.cache > MULTI_CORE_CACHE_PACKETS:
        raise RefusedError(
            f"with several cores the cache holds at most {MULTI_CORE_CACHE_PACKETS} packets, "
            f'"cache" is {program.cache}'
        )
    checker = _Checker(program, template, cores)
    for number, instruction in enumerate(program.instructions):
        with located(place(number, type_name(instruction))):
            checker.define(number, instruction)
    checker.check_space()
    for number, instruction in enumerate(program.instructions):
        with located(place(number, type_name(instruction))):
            checker.check(number, instruction)


@dataclass
class _Checker:
    program: Program
    template: bytes
    cores: int
    sizes: dict[str, int] = field(default_factory=dict)
    flow_vars: dict[str, FlowVar] = field(default_factory=dict)
    space: int = 0

    def define(self, number: int, item: Instruction) -> None:
        """Check a variable and make its names known."""
        if isinstance(item, FlowVar):
            _check_flow_var(item)
            self._name(item.name, item.size)
            self.flow_vars[item.name] = item
            self.space += item.size
            if item.is_random and RANDOM_STATE not in self.sizes:
                self._name(RANDOM_STATE, RANDOM_STATE_BYTES)
                self.space += RANDOM_STATE_BYTES
        elif isinstance(item, RandLimit):
            _check_rand_limit(item)
            self._name(item.name, item.size)
            self.space += 2 * item.size + 4
        elif isinstance(item, TupleVar):
            _check_tuple(item, self.cores)
            for part, size in (("ip", 4), ("port", 2), ("flow_limit", 4)):
                self._name(f"{item.name}.{part}", size)
            self.space += TUPLE_BYTES
        if isinstance(item, FlowVar | RandLimit) and item.next_var:
            self._check_next(number, item.next_var)

    def check_space(self) -> None:
        space = limits.FIELD_ENGINE_VARIABLE_BYTES
        if self.space > space:
            raise RefusedError(
                f"the variables take {self.space} bytes, the engine has {int(space)}"
            )

    def check(self, number: int, item: Instruction) -> None:
        """Check what an instruction does to the packet."""
        if isinstance(item, WriteVar):
            size = self._size_of(item.name)
            _within("pkt_offset", item.pkt_offset, 0, U16)
            _within("add_value", item.add_value, -(1 << 31), (1 << 31) - 1)
            self._reach("pkt_offset", item.pkt_offset, size, f"{size} bytes of {item.name}")
        elif isinstance(item, WriteMask):
            self._check_mask(item)
        elif isinstance(item, Trim):
            self._check_trim(item)
        elif isinstance(item, FixIPv4):
            _within("pkt_offset", item.pkt_offset, 0, U16)
            self._reach("pkt_offset", item.pkt_offset, 20, "an IPv4 header")
            size = (self.template[item.pkt_offset] & 15) * 4
            self._reach("pkt_offset", item.pkt_offset, size, f"an IPv4 header of {size} bytes")
        elif isinstance(item, FixHardware):
            self._check_hardware(item)
        elif isinstance(item, FixICMPv6):
            self._check_icmpv6(item)

    def _name(self, name: str, size: int) -> None:
        if name in self.sizes:
            raise RefusedError(f'there is already a variable "{name}"')
        self.sizes[name] = size

    def _size_of(self, name: str) -> int:
        if name not in self.sizes:
            known = ", ".join(self.sizes) or "none"
            raise RefusedError(f'"name": there is no variable "{name}"; there are: {known}')
        return self.sizes[name]

    def _reach(self, parameter: str, offset: int, size: int, what: str) -> None:
        end = offset + size
        if end > len(self.template):
            raise RefusedError(
                f'"{parameter}": {what} at byte {offset} end past the packet '
                f"of {len(self.template)} bytes"
            )
        if end > limits.FIELD_ENGINE_TOUCHED_BYTES:
            raise RefusedError(
                f'"{parameter}": {what} at byte {offset} end at {end}; '
                f"the engine changes only the first {int(limits.FIELD_ENGINE_TOUCHED_BYTES)} bytes"
            )

    def _check_next(self, number: int, target: str) -> None:
        instructions = self.program.instructions
        following = instructions[number + 1] if number + 1 < len(instructions) else None
        if not isinstance(following, FlowVar | RandLimit) or following.name != target:
            raise RefusedError(f'"next_var": "{target}" must be the very next instruction')
        if following.split_to_cores and not following.is_random:
            raise RefusedError(f'"next_var": "{target}" must have split_to_cores false')

    def _check_mask(self, item: WriteMask) -> None:
        size = self._size_of(item.name)
        _within("pkt_offset", item.pkt_offset, 0, U16)
        _within("add_value", item.add_value, -(1 << 31), (1 << 31) - 1)
        _within("mask", item.mask, 0, U32)
        _within("shift", item.shift, -31, 31)
        if item.pkt_cast_size not in (1, 2, 4):
            raise RefusedError(f'"pkt_cast_size" must be 1, 2 or 4, not {item.pkt_cast_size}')
        width = item.pkt_cast_size
        self._reach("pkt_offset", item.pkt_offset, width, f"{width} bytes")
        if not item.is_big_endian:
            width = min(size, 4)  # little endian writes are as wide as the variable
            self._reach("pkt_offset", item.pkt_offset, width, f"{width} bytes")

    def _check_trim(self, item: Trim) -> None:
        self._size_of(item.name)
        variable = self.flow_vars.get(item.name)
        if variable is None or variable.size != 2:
            raise RefusedError(f'"name": "{item.name}" is not a flow_var of size 2')
        length = len(self.template)
        if variable.value_list:
            for value in variable.value_list:
                if not PADDED_FRAME_BYTES <= value <= length:
                    raise RefusedError(
                        f'"name": the value {value} of "{item.name}" is not within '
                        f"{PADDED_FRAME_BYTES} to {length}, the packet's length"
                    )
            return
        low, high = bounds(variable)
        for _ in range(self._trims_until(item)):
            low, high = min(low, length), min(high, length)
            if low >= high:
                raise RefusedError(
                    f'"name": of the range of "{item.name}" only {low} to {high} is left '
                    f"in a packet of {length} bytes"
                )
            low = max(low, PADDED_FRAME_BYTES)
        if variable.is_random and low > high:
            raise RefusedError(
                f'"name": the range of "{item.name}" has no length of '
                f"{PADDED_FRAME_BYTES} bytes or more to choose from"
            )

    def _trims_until(self, item: Trim) -> int:
        """How many trims by the same variable there are, up to and with this one."""
        count = 0
        for other in self.program.instructions:
            count += isinstance(other, Trim) and other.name == item.name
            if other is item:
                break
        return count

    def _check_hardware(self, item: FixHardware) -> None:
        template, l2 = self.template, item.l2_len
        _within("l2_len", l2, 14, U16)
        _within("l3_len", item.l3_len, 0, U16)
        if item.l4_type not in (UDP, TCP, IP):
            raise RefusedError(
                f'"l4_type" must be 11 (UDP), 13 (TCP) or 17 (IP), not {item.l4_type}'
            )
        self._reach("l2_len", l2, 20, "an IP header")
        version, header = template[l2] >> 4, (template[l2] & 15) * 4
        if version not in (4, 6):
            raise RefusedError(f'"l2_len": the packet has no IPv4 or IPv6 header at byte {l2}')
        if item.l4_type != IP and item.l3_len < 20:
            raise RefusedError(f'"l3_len" must be at least 20, not {item.l3_len}')
        if version == 6 and item.l4_type == IP:
            raise RefusedError('"l4_type" 17 (IP) is for IPv4, and the packet has IPv6')
        if version == 4 and item.l4_type != IP:
            if header != item.l3_len:
                raise RefusedError(
                    f'"l3_len" is {item.l3_len}, but the IPv4 header has {header} bytes'
                )
            if template[l2 + 9] not in (6, 17):
                raise RefusedError(
                    '"l4_type": the packet has neither TCP nor UDP, but protocol '
                    f"{template[l2 + 9]}"
                )
        self._reach("l3_len", *hardware_l4_header(item, template))

    def _check_icmpv6(self, item: FixICMPv6) -> None:
        l2, l4 = item.l2_len, item.l2_len + item.l3_len
        _within("l2_len", l2, 0, U16)
        _within("l3_len", item.l3_len, 0, U16)
        self._reach("l2_len", l2, 40, "an IPv6 header")
        if self.template[l2] >> 4 != 6:
            raise RefusedError(f'"l2_len": the packet has no IPv6 header at byte {l2}')
        if self.template[l2 + 6] != 58:
            raise RefusedError(
                f'"l2_len": the next header of the IPv6 header is {self.template[l2 + 6]}, '
                "not 58 (ICMPv6)"
            )
        self._reach("l3_len", l4, 4, "an ICMPv6 header's first 4 bytes")


def hardware_l4_header(item: FixHardware, template: bytes) -> tuple[int, int, str]:
    """Offset, size and name of the header that holds the checksum, found in the template."""
    l2 = item.l2_len
    if template[l2] >> 4 == 4:
        l4 = l2 + ((template[l2] & 15) * 4 if item.l4_type == IP else item.l3_len)
        tcp = template[l2 + 9] == 6
    else:
        l4, tcp = l2 + item.l3_len, item.l4_type == TCP
    return (l4, TCP_HEADER, "a TCP header") if tcp else (l4, 8, "8 bytes of header")


def bounds(item: FlowVar) -> tuple[int, int]:
    """min and max of a range after the engine has made the step divide it."""
    low, _, high = item.span
    remainder = (high - low + 1) % item.step
    if remainder and item.op == "inc":
        high += item.step - remainder
    elif remainder and item.op == "dec":
        low -= item.step - remainder
    return low, high


def _within(parameter: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise RefusedError(f'"{parameter}" must be from {low} to {high}, not {value}')


def _check_size(size: int) -> int:
    """The largest value of a variable of that size."""
    if size not in (1, 2, 4, 8):
        raise RefusedError(f'"size" must be 1, 2, 4 or 8, not {size}')
    return (1 << 8 * size) - 1


def _check_flow_var(item: FlowVar) -> None:
    largest = _check_size(item.size)
    if item.value_list is not None:
        count = len(item.value_list)
        if count > U16:
            raise RefusedError(f'"value_list" may have at most {U16} values, not {count}')
        _within("step", item.step, 1, count)
        for value in item.value_list:
            _within("value_list", value, 0, largest)
        return
    for name in ("init_value", "min_value", "max_value"):
        value = getattr(item, name)
        if value is None:
            raise RefusedError(f'the parameter "{name}" is missing')
        _within(name, value, 0, largest)
    _within("step", item.step, 1, largest)
    low, init, high = item.span
    if low > high:
        raise RefusedError(f'"min_value" {low} is above "max_value" {high}')
    _within("init_value", init, low, high)
    padded_low, padded_high = bounds(item)
    if padded_low < 0:
        raise RefusedError(
            f'"step" {item.step} does not divide the range {low} to {high}, '
            "and there is no room to extend it below min_value"
        )
    if padded_high > U64:
        raise RefusedError(
            f'"step" {item.step} does not divide the range {low} to {high}, '
            "and there is no room to extend it above max_value"
        )
    if padded_high - padded_low == U64:
        raise RefusedError(
            '"max_value": the engine dies from a range that holds every 8-byte value; leave one out'
        )


def _check_rand_limit(item: RandLimit) -> None:
    largest = _check_size(item.size)
    _within("limit", item.limit, 1, MAXIMUM_LIMITS[item.size])
    _within("seed", item.seed, 0, U64)
    _within("min_value", item.min_value, 0, largest)
    _within("max_value", item.max_value, 0, largest)
    if item.min_value > item.max_value:
        raise RefusedError(f'"min_value" {item.min_value} is above "max_value" {item.max_value}')


def _check_tuple(item: TupleVar, cores: int) -> None:
    for name, largest in (("ip_min", U32), ("ip_max", U32), ("port_min", U16), ("port_max", U16)):
        _within(name, getattr(item, name), 0, largest)
    _within("limit_flows", item.limit_flows, 0, U32)
    _within("flags", item.flags, 0, U16)
    if item.ip_min > item.ip_max:
        raise RefusedError(f'"ip_min" {item.ip_min} is above "ip_max" {item.ip_max}')
    if item.port_min > item.port_max:
        raise RefusedError(f'"port_min" {item.port_min} is above "port_max" {item.port_max}')
    if 0 < item.limit_flows < cores:
        raise RefusedError(
            f'"limit_flows" must be 0 or at least the number of cores, {cores}, '
            f"not {item.limit_flows}"
        )

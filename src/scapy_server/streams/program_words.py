"""What the engine itself says of a program that it refuses.

Our own sentences come from `engine.rules`, which name the instruction and the key. The engine
reads a program's members when a stream is added, and compiles it when the stream is started;
its sentences are those that clients of its RPC show. Compiling goes twice over the program:
instructions are counted from the first one where variables are made, and from the last one
back where they are used.

Source: docs/profiles.md, "What is refused".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from scapy_server import limits
from scapy_server.engine.bounds import MINIMUM_FRAME_BYTES
from scapy_server.engine.headers import IPV4_BYTES, IpHeader
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
    WriteMask,
    WriteVar,
)
from scapy_server.streams.members import Members

_TYPES = (
    "fix_checksum_hw",
    "fix_checksum_ipv4",
    "fix_checksum_icmpv6",
    "flow_var",
    "write_flow_var",
    "tuple_flow_var",
    "trim_pkt_size",
    "write_mask_flow_var",
    "flow_var_rand_limit",
)
_SIZES, _CAST_SIZES = (1, 2, 4, 8), (1, 2, 4)
_LARGEST_LIST = 65_535
_ALL_VALUES = 1 << 64
_SIMPLE = "packet size change should point to a simple flow variable type (Random/Client) types"


# --- read when a stream is added


def whole_numbers(vm: Mapping[str, Any]) -> Mapping[str, Any]:
    """A `vm` in which numbers without a fraction are whole ones, as the engine reads them."""
    items = vm.get("instructions")
    if not isinstance(items, list):
        return vm
    whole = [
        {name: _whole(value) for name, value in item.items()} if isinstance(item, dict) else item
        for item in items
    ]
    return {**{name: _whole(value) for name, value in vm.items()}, "instructions": whole}


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list) and any(isinstance(each, float) for each in value):
        return [_whole(each) for each in value]
    return value


def check_read(vm: Members, cores: int) -> None:
    """Raise StreamRefused with the engine's words for what it would not read of a program."""
    for place, raw in enumerate(vm.array("instructions")):
        item = Members(raw, (*vm.path, "instructions", place), vm.where)
        _READ[item.choice("type", _TYPES)](item, cores)
    vm.whole("cache", "uint16", 0)


def unfit_text(vm: Members) -> str | None:
    """What the engine has against a program that it reads, whatever the packet, if anything.

    Of all that it finds only when it compiles, this keeps a program from being parsed here.
    """
    items = vm.array("instructions")
    for place, raw in enumerate(items):
        if raw["type"] == "write_mask_flow_var" and raw["pkt_cast_size"] not in _CAST_SIZES:
            shown = chr(int(raw["pkt_cast_size"]) & 0xFF)
            where = f"instruction id '{len(items) - 1 - place}"
            return f"*** error: {where} cast size should be 1,2,4 it is {shown}"
    return None


def _read_flow_var(item: Members, cores: int) -> None:
    item.text("name")
    size = item.whole_choice("size", _SIZES)
    op = item.choice("op", ("inc", "dec", "random"))
    step = item.whole("step", "uint64")
    _read_chain(item)
    if item.given("value_list") and item.raw["value_list"] != []:
        values = [value for value in item.array("value_list") if isinstance(value, int)]
        if step > len(values):
            raise _refused(item, "step cannot be bigger than list size")
        if len(values) > _LARGEST_LIST:
            raise _refused(item, "value_list size is bigger than 65535")
        if not step:
            raise _refused(item, "step cannot be 0")
        _check_fit(item, size, (*values, step))
        return
    names = ("init_value", "min_value", "max_value")
    init, low, high = (item.whole(name, "uint64") for name in names)
    if not step:
        raise _refused(item, "step cannot be 0")
    _check_order(item, low, high)
    if not low <= init <= high:
        raise _refused(
            item,
            f"requested flow var init value: '{init}' should be in range from min value "
            f"'{low}' to max value '{high}'",
        )
    _check_fit(item, size, (init, low, high, step))
    over = (high - low + 1) % step
    missing = step - over if over else 0
    padded = high + missing < _ALL_VALUES if op == "inc" else low >= missing
    if op != "random" and missing and not padded:
        raise _refused(
            item,
            "could not pad range to be a true cycle - '(max_value - min_value + 1) % step' "
            "should be zero",
        )


def _read_rand_limit(item: Members, cores: int) -> None:
    item.text("name")
    size = item.whole_choice("size", _SIZES)
    item.whole("seed", "uint64")
    limit, low, high = (item.whole(name, "uint64") for name in ("limit", "min_value", "max_value"))
    _read_chain(item)
    if not limit:
        raise _refused(item, "request random flow var variable with limit of zero '")
    _check_order(item, low, high)
    _check_fit(item, size, (low, high))


def _read_tuple(item: Members, cores: int) -> None:
    item.text("name")
    for name in ("ip_min", "ip_max"):
        item.whole(name, "uint32")
    for name in ("port_min", "port_max"):
        item.whole(name, "uint16")
    flows = item.whole("limit_flows", "uint32")
    item.whole("flags", "uint16")
    if 0 < flows < cores:
        text = f"cannot limit flows to less than {cores}"
        raise item.refused(text, text, "limit_flows")


def _read_write(item: Members, cores: int) -> None:
    item.text("name")
    item.whole("pkt_offset", "uint16")
    item.whole("add_value")
    item.flag("is_big_endian")


def _read_mask_write(item: Members, cores: int) -> None:
    _read_write(item, cores)
    item.whole("pkt_cast_size", "uint16")
    item.whole("mask", "uint32")
    item.whole("shift")


def _read_lengths(item: Members, cores: int) -> None:
    item.whole("l2_len", "uint16")
    item.whole("l3_len", "uint16")
    if item.raw["type"] == "fix_checksum_hw":
        item.whole("l4_type", "uint16")


_READ: Mapping[str, Callable[[Members, int], object]] = {
    "flow_var": _read_flow_var,
    "flow_var_rand_limit": _read_rand_limit,
    "tuple_flow_var": _read_tuple,
    "write_flow_var": _read_write,
    "write_mask_flow_var": _read_mask_write,
    "trim_pkt_size": lambda item, _: item.text("name"),
    "fix_checksum_ipv4": lambda item, _: item.whole("pkt_offset", "uint16"),
    "fix_checksum_hw": _read_lengths,
    "fix_checksum_icmpv6": _read_lengths,
}


def _read_chain(item: Members) -> None:
    item.flag("split_to_cores", True)
    item.text("next_var", "")


def _check_order(item: Members, low: int, high: int) -> None:
    if high < low:
        raise _refused(
            item,
            f"requested flow var max value: '{high}' is smaller than min value: {low}",
        )


def _check_fit(item: Members, size: int, values: Sequence[int]) -> None:
    largest = (1 << 8 * size) - 1
    if any(value > largest for value in values):
        raise _refused(item, f"requested value is bigger than {largest}")


def _refused(item: Members, text: str) -> Exception:
    return item.refused(text, f"VM: {text}")


# --- compiled when a stream is started


def compile_text(program: Vm, template: bytes) -> str | None:
    """The first thing that the engine has against a program on a padded packet, if any."""
    return next(_made(program), None) or next(_used(program, template), None)


def _made(program: Vm) -> Iterator[str]:
    """What is wrong with the variables, in the order in which they are made."""
    names: set[str] = set()
    space = sum(program.own_sizes.values())
    for place, item in program.variables:
        kind = "client" if isinstance(item, TupleVar) else "flow"
        if next(iter(item.sizes)) in names:
            yield f"instruction id '{place}' {kind} variable name {item.name} already exists"
        names |= item.sizes.keys()
        space += item.space
        if not isinstance(item, TupleVar) and item.next_var:
            yield from _chained(item.next_var, program.instructions[place + 1 : place + 2])
    most = int(limits.FIELD_ENGINE_VARIABLE_BYTES)
    if space > most:
        yield f"too many flow variables current size is :{space} maximum support is {most}"


def _chained(target: str, following: Sequence[VmInstruction]) -> Iterator[str]:
    if not following:
        yield "Last instruction in the list of instructions has next_var"
        return
    (item,) = following
    if not isinstance(item, FlowVar | RandLimit):
        yield "Next instruction isn't a variable or a repeatable random"
    elif item.name != target:
        yield "Next instruction name does not match next_var"
    elif item.split_to_cores and not item.is_random:
        yield (
            "A variable that is being pointed at by some other variable must run on a single core."
        )


def _used(program: Vm, template: bytes) -> Iterator[str]:
    """What is wrong with what is done to the packet, in the order in which it is done."""
    items, sizes = program.instructions, program.sizes
    last_byte = 0
    for place, item in enumerate(items):
        instruction = f"instruction id '{len(items) - 1 - place}'"
        if isinstance(item, WriteVar | WriteMask):
            if item.name not in sizes:
                yield f"{instruction} packet write with no valid flow variable name '{item.name}'"
                return
            size = sizes[item.name] if isinstance(item, WriteVar) else item.pkt_cast_size
            end = item.pkt_offset + size
            if end > len(template):
                yield (
                    f"{instruction} packet write with packet_offset   {end}   bigger than packet "
                    f"size   {len(template)}"
                )
            last_byte = max(last_byte, end)
        elif isinstance(item, Trim):
            yield from (f"instruction id '0' {text}" for text in _trimmed(item, program, template))
        else:
            yield from (f"{instruction} {text}" for text in _fixed(item, template))
    most = int(limits.FIELD_ENGINE_TOUCHED_BYTES)
    if last_byte > most:
        yield f"maximum offset is{last_byte} bigger than maximum {most}"


def _trimmed(item: Trim, program: Vm, template: bytes) -> Iterator[str]:
    variable = program.flow_var(item.name)
    if variable is None:
        if item.name in program.sizes:
            yield f"{_SIMPLE} are not supported "
        else:
            yield f"packet size with no valid flow variable name '{item.name}'"
        return
    if variable.size != 2:
        yield "packet size change should point to a flow variable with size 2  "
    if variable.value_list is None:
        low, high = (min(bound, len(template)) for bound in variable.padded_range)
        if low >= high:
            yield f"min packet size {low} is bigger or eq to max packet size {high}"


def _fixed(item: Any, template: bytes) -> Iterator[str]:
    if isinstance(item, FixHardware):
        if item.l2_len < MINIMUM_FRAME_BYTES:
            yield f"fix hw offset l2 {item.l2_len}  is lower than {MINIMUM_FRAME_BYTES} "
        if item.l3_len < IPV4_BYTES:
            yield f"fix hw offset l3 {item.l3_len}  is lower than {IPV4_BYTES} "
    elif isinstance(item, FixIPv4):
        if item.pkt_offset + IPV4_BYTES > len(template):
            yield (
                f"fix ipv4 command offset  {item.pkt_offset}  is too high relative to packet "
                f"size  {len(template)}"
            )
    elif isinstance(item, FixICMPv6):
        room = item.l2_len < len(template)
        if not room or IpHeader(item.l2_len, template).version != 6:
            yield "fix icmpv6 checksum command  works only with IPv6"

"""The engine, packet by packet, as plainly as it can be written: for comparison only.

It keeps what each variable holds and steps it, where our own code computes packet k from k.
Checksums are left out: what they become follows from the rest of the packet.
"""

from __future__ import annotations

from typing import Any

Vm = dict[str, Any]
PADDED = 60


class Variable:
    """A flow variable as the engine holds it between packets."""

    def __init__(self, entry: Vm, clamp: int | None) -> None:
        self.entry = entry
        self.op = entry.get("op", "")
        self.modulus = 1 << 8 * entry["size"]
        self.values = entry.get("value_list")
        if entry["type"] == "flow_var_rand_limit":
            self.value = self.count = 0
            self.state = 0
            return
        low, high = entry.get("min_value", 0), entry.get("max_value", 0)
        first = entry.get("init_value", 0)
        if self.values:
            low, high = 0, len(self.values) - 1
            first = high if self.op == "dec" else 0
        span, step = high - low + 1, entry["step"]
        if span % step and not self.values:
            missing = step - span % step
            low, high = (low - missing, high) if self.op == "dec" else (low, high + missing)
        step %= high - low + 1
        if clamp is not None and not self.values:
            low, high = max(min(low, clamp), PADDED), min(high, clamp)
        self.value = self._step(first, low, high, step, self.op == "inc") % self.modulus
        self.low, self.high, self.step = (
            low % self.modulus,
            high % self.modulus,
            step % self.modulus,
        )
        self.shown = self.value

    @staticmethod
    def _step(value: int, low: int, high: int, step: int, down: bool) -> int:
        room = (value - low if down else high - value) % 2**64
        if step <= room:
            return value - step if down else value + step
        return high - (step - room - 1) if down else low + step - room - 1

    def run(self) -> bool:
        """Move on; True when the variable started over."""
        if self.entry["type"] == "flow_var_rand_limit":
            return self._draw()
        old, down = self.value, self.op == "dec"
        self.value = self._step(old, self.low, self.high, self.step, down) % self.modulus
        self.shown = self.values[self.value] if self.values else self.value
        return bool((old - self.low if down else self.high - old) < self.step)

    def _draw(self) -> bool:
        started = self.count % self.entry["limit"] == 0
        if started:
            self.state, self.count = self.entry["seed"], 0
        raw = 0
        for _ in range({1: 1, 2: 1, 4: 2, 8: 4}[self.entry["size"]]):
            self.state = (214013 * self.state + 2531011) % 2**32
            raw = raw * 2**16 + self.state // 2**16 % 2**15
        low, high = self.entry["min_value"], self.entry["max_value"]
        self.value = low + raw % (high - low + 1)
        self.count += 1
        return bool(started)

    def read(self) -> int:
        return self.value if self.entry["type"] == "flow_var_rand_limit" else self.shown


class Tuple:
    """A tuple generator."""

    def __init__(self, entry: Vm) -> None:
        self.entry, self.moved = entry, 0

    def read(self, part: str) -> int:
        entry, flow = self.entry, self.moved - 1
        unlimited, limit = entry["flags"] & 1, entry["limit_flows"]
        if part == "flow_limit":
            return flow % limit + 1 if limit and self.moved and not unlimited else 0
        if limit and not unlimited:
            flow %= limit
        addresses = entry["ip_max"] - entry["ip_min"] + 1
        if part == "ip":
            return int(entry["ip_min"] + flow % addresses)
        ports = entry["port_max"] - entry["port_min"] + 1
        if not unlimited:
            return int(entry["port_min"] + flow // addresses % ports)
        port = entry["port_max"] + 1 if entry["port_max"] < 65535 else 1025
        for _ in range(flow // addresses):
            port = port + 1 if port < 65535 else 1025
        return int(port)


def simulate(vm: Vm, template: bytes, count: int) -> list[bytes]:
    """The first packets, with the bytes of checksum fixes set to zero."""
    entries = vm["instructions"]
    length = max(len(template), PADDED)
    trims = {entry["name"] for entry in entries if entry["type"] == "trim_pkt_size"}
    held: dict[str, Variable | Tuple] = {}
    for entry in entries:
        if entry["type"].startswith("flow_var"):
            held[entry["name"]] = Variable(entry, length if entry["name"] in trims else None)
        elif entry["type"] == "tuple_flow_var":
            held[entry["name"]] = Tuple(entry)
    cache = vm.get("cache", 0)
    packets = []
    for _ in range(min(count, cache) if cache else count):
        packets.append(_packet(entries, held, template.ljust(length, b"\0")))
    return [packets[index % cache] for index in range(count)] if cache else packets


def _packet(entries: list[Vm], held: dict[str, Variable | Tuple], template: bytes) -> bytes:
    packet = bytearray(template)
    cut = len(packet)
    skip = False
    for entry in entries:
        kind = entry["type"]
        if kind.startswith("flow_var"):
            variable = held[entry["name"]]
            assert isinstance(variable, Variable)
            if not skip:
                skip = not variable.run()
            skip = skip and bool(entry["next_var"])
        elif kind == "tuple_flow_var":
            flows = held[entry["name"]]
            assert isinstance(flows, Tuple)
            flows.moved += 1
        elif kind == "trim_pkt_size":
            value = _read(held, entry["name"])
            cut = value if 0 < value < len(packet) else len(packet)
        elif kind == "write_flow_var":
            size = _size(held, entry["name"])
            value = (_read(held, entry["name"]) + entry["add_value"]) % 2 ** (8 * size)
            _put(packet, entry, size, value)
        elif kind == "write_mask_flow_var":
            _mask(packet, entry, _read(held, entry["name"]), _size(held, entry["name"]))
        elif kind == "fix_checksum_ipv4":
            packet[entry["pkt_offset"] + 10 : entry["pkt_offset"] + 12] = bytes(2)
    return bytes(packet[:cut])


def _read(held: dict[str, Variable | Tuple], name: str) -> int:
    if name in held:
        variable = held[name]
        assert isinstance(variable, Variable)
        return int(variable.read())
    base, _, part = name.rpartition(".")
    flows = held[base]
    assert isinstance(flows, Tuple)
    return flows.read(part)


def _size(held: dict[str, Variable | Tuple], name: str) -> int:
    variable = held.get(name)
    if isinstance(variable, Variable):
        return int(variable.entry["size"])
    return 2 if name.endswith(".port") else 4


def _put(packet: bytearray, entry: Vm, size: int, value: int) -> None:
    order = "big" if entry["is_big_endian"] else "little"
    begin = entry["pkt_offset"]
    packet[begin : begin + size] = value.to_bytes(size, "big" if order == "big" else "little")


def _mask(packet: bytearray, entry: Vm, value: int, size: int) -> None:
    big = entry["is_big_endian"]
    width = entry["pkt_cast_size"] if big else min(size, 4)
    value = value >> 32 if big and size == 8 else value
    total = (value + entry["add_value"]) % 2**32
    shift, mask = entry["shift"], entry["mask"]
    total = total << shift if shift >= 0 else total >> -shift
    begin = entry["pkt_offset"]
    old = int.from_bytes(packet[begin : begin + width], "big" if big else "little")
    _put(packet, entry, width, (old & ~mask | total & mask) % 2 ** (8 * width))

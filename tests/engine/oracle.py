"""The engine, one packet at a time: slow, literal, and sharing nothing with the renderer.

It keeps the state that the engine keeps (the variables' bytes, list indices, counters,
generator states), runs every instruction in order over a fresh copy of the template, and
knows no closed form. Programs are taken as valid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

U64 = (1 << 64) - 1
U32 = (1 << 32) - 1


def least_cycle(shown: Sequence[object], lead: int) -> tuple[int, int]:
    """(lead, period), the least, of what goes on with all from `lead` on again and again."""
    once = list(shown[lead:])
    period = next(p for p in range(1, len(once) + 1) if once == once[p:] + once[:p])
    while lead and shown[lead - 1] == shown[lead - 1 + period]:
        lead -= 1
    return lead, period


class Generator:
    """The 15-bit linear congruential generator."""

    def __init__(self, state: int) -> None:
        self.state = state & U32

    def draw(self) -> int:
        self.state = (214013 * self.state + 2531011) & U32
        return (self.state >> 16) & 0x7FFF

    def raw(self, size: int) -> int:
        if size <= 2:
            return self.draw()
        if size == 4:
            first = self.draw()
            return first << 16 | self.draw()
        value = 0
        for _ in range(4):
            value = value << 16 | self.draw()
        return value


def forward(op: str, value: int, low: int, high: int, step: int) -> int:
    """One run of a counting variable, in 64-bit arithmetic."""
    if op == "inc":
        room = (high - value) & U64
        return (value + step if step <= room else low + (step - room - 1)) & U64
    room = (value - low) & U64
    return (value - step if step <= room else high - (step - room - 1)) & U64


class Counter:
    """inc or dec over a range."""

    def __init__(self, raw: Mapping[str, Any], core: int, cores: int, trims: int, length: int):
        self.size, self.op = raw["size"], raw["op"]
        low, high, step = raw["min_value"], raw["max_value"], raw["step"]
        remainder = (high - low + 1) % step
        if remainder and self.op == "inc":
            high += step - remainder
        elif remainder:
            low -= step - remainder
        span = high - low + 1
        step %= span
        init = raw["init_value"]
        if cores > 1 and raw.get("split_to_cores", True):
            for _ in range(core):
                init = forward(self.op, init, low, high, step)
            step = (cores * step) % span
        for _ in range(trims):
            low, high = min(low, length), min(high, length)
            low = max(low, 60)
        back = "dec" if self.op == "inc" else "inc"
        mask = (1 << 8 * self.size) - 1
        self.value = forward(back, init, low, high, step) & mask
        self.low, self.high, self.step, self.mask = low & mask, high & mask, step & mask, mask

    def run(self) -> bool:
        old = self.value
        room = self.high - old if self.op == "inc" else old - self.low
        if self.size >= 4:
            room &= self.mask
        self.value = forward(self.op, old, self.low, self.high, self.step) & self.mask
        result: bool = room < self.step
        return result


class ListWalk:
    """inc or dec over the indices of a list."""

    def __init__(self, raw: Mapping[str, Any], core: int, cores: int) -> None:
        self.values, self.op = raw["value_list"], raw["op"]
        self.count = len(self.values)
        self.mask = (1 << 8 * raw["size"]) - 1
        self.step = raw["step"] % self.count
        if raw["size"] == 1:
            self.step &= 0xFF
        self.index = 0 if self.op == "inc" else self.count - 1
        if cores > 1 and raw.get("split_to_cores", True):
            for _ in range(core):
                self.index = self._moved(1)
            self.step = (cores * self.step) % self.count
            if raw["size"] == 1:
                self.step &= 0xFF
        self.index = self._moved(-1)
        self.value = self.index & self.mask

    def _moved(self, direction: int) -> int:
        sign = direction if self.op == "inc" else -direction
        result: int = (self.index + sign * self.step) % self.count
        return result

    def run(self) -> bool:
        self.index = self._moved(1)
        self.value = self.values[self.index]
        walked = self.index if self.op == "inc" else self.count - 1 - self.index
        result: bool = walked < self.step
        return result


class RandomChoice:
    """op random, over a range or a list, from the generator that all share."""

    def __init__(self, raw: Mapping[str, Any], generator: Generator, trims: int, length: int):
        self.size, self.generator = raw["size"], generator
        self.values = raw.get("value_list")
        if self.values:
            self.value = (len(self.values) - 1) & ((1 << 8 * self.size) - 1)
            return
        self.value = raw["init_value"]
        self.low, self.high = raw["min_value"], raw["max_value"]
        for _ in range(trims):
            self.low, self.high = min(self.low, length), min(self.high, length)
            self.low = max(self.low, 60)

    def run(self) -> bool:
        if self.values:
            self.value = self.values[self.generator.draw() % len(self.values)]
        else:
            self.value = self.low + self.generator.raw(self.size) % (self.high - self.low + 1)
        return True


class RandomLimit:
    """Repeatable random: the same values again after `limit` of them."""

    def __init__(self, raw: Mapping[str, Any], core: int, cores: int) -> None:
        self.size, self.low, self.high = raw["size"], raw["min_value"], raw["max_value"]
        self.limit, self.seed = raw["limit"], raw["seed"] & U32
        if cores > 1 and raw.get("split_to_cores", True):
            share = self.limit // cores + (self.limit % cores if core == 0 else 0)
            self.limit = max(share, 1)
            self.seed = raw["seed"] * (core + 1) * 514229 & U32
        self.generator = Generator(self.seed)
        self.counter = 0
        self.value = 0

    def run(self) -> bool:
        if self.counter >= self.limit:
            self.generator.state = self.seed
            self.counter = 0
        restarting = self.counter == 0
        self.counter += 1
        self.value = self.low + self.generator.raw(self.size) % (self.high - self.low + 1)
        return restarting


class TuplePart:
    """One readable part of a tuple."""

    def __init__(self, size: int, value: int) -> None:
        self.size, self.value = size, value


class Tuple:
    """Addresses and ports, the address moving first."""

    def __init__(self, raw: Mapping[str, Any], core: int, cores: int) -> None:
        self.ip_min, self.ip_max = raw["ip_min"], raw["ip_max"]
        self.port_min, self.port_max = raw["port_min"], raw["port_max"]
        self.unlimited = bool(raw["flags"] & 1)
        self.limit = 0 if self.unlimited else raw["limit_flows"]
        self.core, self.cores = core, cores
        if self.limit and cores > 1:
            extra = self.limit % cores if core == 0 else 0
            self.limit = max(self.limit // cores + extra, 1)
        ip, port = self._flow(core - cores)
        self.ip, self.port = TuplePart(4, ip), TuplePart(2, port)
        self.flow_limit = TuplePart(4, 0)
        self.packets = 0

    def _flow(self, number: int) -> tuple[int, int]:
        addresses = self.ip_max - self.ip_min + 1
        ports = self.port_max - self.port_min + 1
        turns, ip = divmod(number, addresses)
        return self.ip_min + ip, self.port_min + turns % ports

    def run(self) -> bool:
        if self.unlimited:
            if self.ip_max == U32:
                self.ip.value = (self.ip.value + 1) & U32
            elif self.ip.value == self.ip_max:
                self.ip.value = self.ip_min
                self.port.value = 1025 if self.port.value == 65535 else self.port.value + 1
            else:
                self.ip.value += 1
            return False
        if self.limit and self.packets == self.limit:
            self.packets = 0
        number = self.core + self.cores * self.packets
        self.ip.value, self.port.value = self._flow(number)
        self.packets += 1
        if self.limit:
            self.flow_limit.value = self.packets
        return False


def ones_sum(data: bytes) -> int:
    """The folded ones'-complement sum of big-endian 16-bit words."""
    if len(data) % 2:
        data += b"\0"
    total = sum(int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


class Core:
    """One data-plane core running one stream."""

    def __init__(
        self,
        template: bytes,
        vm: Mapping[str, Any],
        *,
        random_seed: int = 0,
        core: int = 0,
        cores: int = 1,
        thread_id: int = 0,
        hardware: str = "complete",
    ) -> None:
        self.template = template.ljust(60, b"\0")
        self.instructions = vm["instructions"]
        self.hardware = hardware
        self.generator = Generator(random_seed * (thread_id + 1) * 514229)
        self.readable: dict[str, Any] = {}
        self.variables: dict[str, Any] = {}
        trims = [item["name"] for item in self.instructions if item["type"] == "trim_pkt_size"]
        for raw in self.instructions:
            self._define(raw, core, cores, trims)

    def _define(self, raw: Mapping[str, Any], core: int, cores: int, trims: list[str]) -> None:
        kind = raw["type"]
        if kind == "tuple_flow_var":
            made: Any = Tuple(raw, core, cores)
            for part in ("ip", "port", "flow_limit"):
                self.readable[f"{raw['name']}.{part}"] = getattr(made, part)
        elif kind == "flow_var_rand_limit":
            made = RandomLimit(raw, core, cores)
        elif kind == "flow_var" and raw["op"] == "random":
            count = trims.count(raw["name"])
            made = RandomChoice(raw, self.generator, count, len(self.template))
        elif kind == "flow_var" and raw.get("value_list"):
            made = ListWalk(raw, core, cores)
        elif kind == "flow_var":
            count = trims.count(raw["name"])
            made = Counter(raw, core, cores, count, len(self.template))
        else:
            return
        self.variables[raw["name"]] = made
        if kind != "tuple_flow_var":
            made.size = raw["size"]
            self.readable[raw["name"]] = made

    def _read(self, name: str) -> tuple[int, int]:
        if name == "___random___" and name not in self.readable:
            return self.generator.state, 4
        found = self.readable[name]
        return found.value, found.size

    def packet(self) -> bytes:
        """The next packet."""
        frame = bytearray(self.template)
        length = 0
        completion = None
        skipping = False
        for raw in self.instructions:
            kind = raw["type"]
            if raw.get("name") in self.variables and "flow_var" in kind and "write" not in kind:
                wrapped = True if skipping else self.variables[raw["name"]].run()
                has_next = bool(raw.get("next_var"))
                skipping = has_next and (skipping or not wrapped)
            elif kind == "write_flow_var":
                self._write(frame, raw)
            elif kind == "write_mask_flow_var":
                self._write_mask(frame, raw)
            elif kind == "trim_pkt_size":
                length = self._read(raw["name"])[0]
            elif kind == "fix_checksum_ipv4":
                fix_ipv4(frame, raw["pkt_offset"])
            elif kind == "fix_checksum_icmpv6":
                fix_icmpv6(frame, raw["l2_len"], raw["l3_len"])
            else:
                completion = prepare_hardware(self.template, frame, raw)
        if 0 < length < len(frame):
            del frame[length:]
        if completion and self.hardware == "complete":
            complete_hardware(frame, *completion)
        return bytes(frame)

    def _write(self, frame: bytearray, raw: Mapping[str, Any]) -> None:
        value, size = self._read(raw["name"])
        value = (value + raw["add_value"]) % (1 << 8 * size)
        order: Any = "big" if raw["is_big_endian"] else "little"
        frame[raw["pkt_offset"] : raw["pkt_offset"] + size] = value.to_bytes(size, order)

    def _write_mask(self, frame: bytearray, raw: Mapping[str, Any]) -> None:
        value, size = self._read(raw["name"])
        if raw["is_big_endian"]:
            width, order = raw["pkt_cast_size"], "big"
            value = value >> 32 if size == 8 else value
        else:
            width, order = min(size, 4), "little"
        value = (value + raw["add_value"]) & U32
        shift = raw["shift"]
        value = (value << shift if shift > 0 else value >> -shift) & U32
        place = slice(raw["pkt_offset"], raw["pkt_offset"] + width)
        ends: Any = order
        field = int.from_bytes(frame[place], ends)
        field = (field & ~raw["mask"] | value & raw["mask"]) & ((1 << 8 * width) - 1)
        frame[place] = field.to_bytes(width, ends)


def fix_ipv4(frame: bytearray, offset: int) -> None:
    frame[offset + 10 : offset + 12] = b"\0\0"
    total = ones_sum(bytes(frame[offset : offset + (frame[offset] & 15) * 4]))
    frame[offset + 10 : offset + 12] = (total ^ 0xFFFF).to_bytes(2, "big")


def fix_icmpv6(frame: bytearray, l2: int, l3: int) -> None:
    place = slice(l2 + l3 + 2, l2 + l3 + 4)
    frame[place] = b"\0\0"
    size = int.from_bytes(frame[l2 + 4 : l2 + 6], "big")
    body = bytes(frame[l2 + l3 : l2 + l3 + size - size % 2])
    pseudo = bytes(frame[l2 + 8 : l2 + 40]) + bytes(frame[l2 + 4 : l2 + 6])
    total = ones_sum(pseudo + bytes([0, frame[l2 + 6]]) + body)
    frame[place] = (total ^ 0xFFFF).to_bytes(2, "big")


def prepare_hardware(
    template: bytes, frame: bytearray, raw: Mapping[str, Any]
) -> tuple[bool, int, int, str]:
    """Run the instruction; what the card has to know: IPv4?, header offset, L4 offset, kind."""
    l2, l4_type = raw["l2_len"], raw["l4_type"]
    ipv4 = template[l2] >> 4 == 4
    if ipv4:
        l3 = (template[l2] & 15) * 4 if l4_type == 17 else raw["l3_len"]
        kind = {6: "tcp", 17: "udp"}.get(template[l2 + 9], "other")
        frame[l2 + 10 : l2 + 12] = b"\0\0"
        size = int.from_bytes(frame[l2 + 2 : l2 + 4], "big") - (frame[l2] & 15) * 4
        pseudo = bytes(frame[l2 + 12 : l2 + 20]) + bytes([0, frame[l2 + 9]])
        pseudo += (size & 0xFFFF).to_bytes(2, "big")
    else:
        l3 = raw["l3_len"]
        kind = {11: "udp", 13: "tcp"}[l4_type]
        pseudo = bytes(frame[l2 + 8 : l2 + 40]) + bytes(frame[l2 + 4 : l2 + 6])
        pseudo += bytes([0, frame[l2 + 6]])
    field = l2 + l3 + (16 if kind == "tcp" else 6)
    frame[field : field + 2] = ones_sum(pseudo).to_bytes(2, "big")
    return ipv4, l2, l2 + l3, kind


def complete_hardware(frame: bytearray, ipv4: bool, l2: int, l4: int, kind: str) -> None:
    """What the network card does to the final frame."""
    if ipv4 and len(frame) >= l4:
        frame[l2 + 10 : l2 + 12] = b"\0\0"
        total = ones_sum(bytes(frame[l2:l4]))
        frame[l2 + 10 : l2 + 12] = (total ^ 0xFFFF).to_bytes(2, "big")
    field = l4 + (16 if kind == "tcp" else 6)
    if kind == "other" or len(frame) < field + 2:
        return
    total = ones_sum(bytes(frame[l4:])) ^ 0xFFFF
    if kind == "udp" and total == 0:
        total = 0xFFFF
    frame[field : field + 2] = total.to_bytes(2, "big")


def cached(core: Core, size: int) -> Iterator[bytes]:
    """The packets of a core, the first `size` of them for ever when it is positive."""
    kept: list[bytes] = []
    while not size or len(kept) < size:
        packet = core.packet()
        if size:
            kept.append(packet)
        yield packet
    while True:
        yield from kept


def packets(
    template: bytes,
    vm: Mapping[str, Any],
    *,
    random_seed: int = 0,
    cores: int = 1,
    thread_id: int = 0,
    hardware: str = "complete",
) -> Iterator[bytes]:
    """The packets of a stream, those of several cores in time order."""
    cache = vm.get("cache") or 0
    streams = []
    for index in range(cores):
        core = Core(
            template,
            vm,
            random_seed=random_seed,
            core=index,
            cores=cores,
            thread_id=thread_id + index,
            hardware=hardware,
        )
        share = max(cache // cores + (index < cache % cores), 1) if cache else 0
        streams.append(cached(core, share))
    while True:
        for stream in streams:
            yield next(stream)

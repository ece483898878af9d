"""The traffic engine's streams, one event at a time: slow, literal, and sharing nothing.

It reads the RPC's JSON by itself, keeps a hash table, a binary heap and one state per stream
and core, and knows no blocks. Streams are taken as valid; `Refused` carries what the engine
would say of multipliers. `run` gives what a recording holds: for each core its packets in
order, and when each group ended.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.engine import oracle

PRIMES = (13, 29, 59, 127, 257, 541, 1109, 2357, 5087, 10273, 20753)
IP_ID_BASE = 0xFF00
SMALL_BURST = (1.0, 112.0, 272.0)

Raw = dict[str, Any]
Sums = tuple[float, float, float]


class Refused(Exception):
    """The engine refuses, with this text."""


# --- the table


def table_order(ids: list[int]) -> list[int]:
    """The order in which the server walks streams that were added in this order."""
    found: list[int] = []
    size = 13
    for key in ids:
        if len(found) + 1 > size:
            size = next(prime for prime in PRIMES if prime > size)
            old, found = found, []
            for other in old:
                _place(found, other, size)
        _place(found, key, size)
    return found


def _place(found: list[int], key: int, size: int) -> None:
    for at, other in enumerate(found):
        if other % size == key % size:
            found.insert(at, key)
            return
    found.insert(0, key)


# --- rates


def padded(stream: Raw) -> bytes:
    return base64.b64decode(stream["packet"]["binary"]).ljust(60, b"\0")


def mean_length(stream: Raw) -> float:
    length = len(padded(stream))
    items = (stream.get("vm") or {}).get("instructions", [])
    trims = [item["name"] for item in items if item["type"] == "trim_pkt_size"]
    if not trims:
        return float(length)
    raw = next(i for i in items if i.get("name") == trims[-1] and i["type"] == "flow_var")
    if raw.get("value_list"):
        return float(sum(raw["value_list"]) / len(raw["value_list"]))
    low, high = raw["min_value"], raw["max_value"]
    rest = (high - low + 1) % raw["step"]
    if rest and raw["op"] == "inc":
        high += raw["step"] - rest
    elif rest and raw["op"] == "dec":
        low -= raw["step"] - rest
    low, high = max(min(low, length), 60), min(high, length)
    if raw["op"] != "random":
        return float((low + high) / 2)
    generator = oracle.Generator(1)
    drawn = [generator.draw() % (high - low + 1) for _ in range(10_000)]
    return float(low + sum(drawn) / 10_000)


def rates(stream: Raw, speed: float) -> Sums:
    size = mean_length(stream) + 4
    rate = stream["mode"]["rate"]
    kind, value = rate["type"], float(rate["value"])
    if kind == "pps":
        return value, value * size * 8, value * (size + 20) * 8
    if kind == "bps_L2":
        return value / (8 * size), value, value * ((size + 20) / size)
    l1 = value / 100 * speed if kind == "percentage" else value
    l2 = l1 * (size / (size + 20))
    return l2 / (8 * size), l2, l1


def burst_of(stream: Raw) -> tuple[int, float, int]:
    """(packets, ibg in microseconds, bursts)."""
    mode = stream["mode"]
    if mode["type"] == "single_burst":
        return mode["total_pkts"], 0.0, 1
    return mode["pkts_per_burst"], float(mode["ibg"]), mode["count"]


def is_null(stream: Raw) -> bool:
    return bool(stream["flags"] & 8)


def is_latency(stream: Raw) -> bool:
    stats = stream["flow_stats"]
    return bool(stats["enabled"] and stats["rule_type"] == "latency")


def graph(streams: Mapping[int, Raw], roots: list[int], speed: float) -> tuple[Sums, Sums]:
    """(fixed, variable): the latency streams' sums, and the others' peak."""
    fixed = [0.0, 0.0, 0.0]
    switches: list[tuple[float, Sums, int]] = []
    for root in roots:
        offset, met, key = 0.0, set(), root
        while key != -1 and key not in met:
            met.add(key)
            stream = streams[key]
            own = rates(stream, speed)
            if is_latency(stream):
                fixed = [a + b for a, b in zip(fixed, own, strict=True)]
            elif stream["mode"]["type"] == "continuous":
                switches.append((offset + stream["isg"], own, 1))
                break
            else:
                packets, ibg, count = burst_of(stream)
                on = offset + stream["isg"]
                length = (packets - 1) / own[0] * 1000 * 1000
                if stream["mode"]["type"] == "multi_burst":
                    length = (length + ibg) * count
                offset = on + length
                weight = SMALL_BURST if packets < 1000 else own
                switches += [(on, weight, 1), (offset, weight, -1)]
            key = stream["next_stream_id"]
    switches.sort(key=lambda switch: switch[0])
    now, peak = [0.0] * 3, [0.0] * 3
    for _, own, sign in switches:
        now = [a + sign * b for a, b in zip(now, own, strict=True)]
        peak = [max(a, b) for a, b in zip(peak, now, strict=True)]
    return (fixed[0], fixed[1], fixed[2]), (peak[0], peak[1], peak[2])


def quotient(a: float, b: float) -> float:
    if b:
        return a / b
    return math.nan if a == 0 else math.copysign(math.inf, a)


def factor(mul: Raw, fixed: Sums, variable: Sums, speed: float, force: bool) -> float:
    value, kind = float(mul["value"]), mul["type"]
    if kind == "percentage":
        value, kind = value / 100 * speed, "bpsl1"
    if kind == "raw":
        result = value
    else:
        at = {"pps": 0, "bps": 1, "bpsl1": 2}[kind]
        if value - fixed[at] < 0:
            unit = ("pps", "BPS L2", "BPS L1")[at]
            raise Refused(
                f"current stream configuration enforces a minimum rate of '{fixed[at]:g}' {unit}"
            )
        result = quotient(value - fixed[at], variable[at])
    if variable[2] * result + fixed[2] <= 0:
        raise Refused("Effective bandwidth is zero")
    if result <= 0:
        raise Refused("Factor must be positive")
    if not force and (variable[2] * result + fixed[2]) / speed > 1.0001:
        raise Refused("exceeds port line rate")
    return result if force else min(result, quotient(speed - fixed[2], variable[2]))


# --- what a core has of a group


@dataclass
class Node:
    """A stream on one core; `left` and `bursts` count down, endless ones from below zero."""

    group: Group
    key: int
    raw: Raw
    gap: float
    pre: float = 0.0
    post: float = 0.0
    packets: int = 0
    ibg: float = 0.0
    count: int = 0
    null: bool = False
    paused: bool = False
    time: float = 0.0
    left: int = 0
    bursts: int = 0
    actions: int = 0
    active: bool = False
    next: Node | None = None
    frames: Iterator[bytes] = field(default_factory=lambda: iter(()))

    @property
    def isg(self) -> float:
        return float(self.raw["isg"]) / 1e6


@dataclass
class Group:
    """One start command on one core."""

    index: int
    port: int
    nodes: list[Node] = field(default_factory=list)
    live: int = 0
    running: bool = False
    ended: float | None = None


class Heap:
    """The queue of events, ties as they fall."""

    def __init__(self) -> None:
        self.items: list[tuple[float, object]] = []

    def push(self, time: float, what: object) -> None:
        self.items.append((time, what))
        self._up(len(self.items) - 1, (time, what))

    def _up(self, hole: int, item: tuple[float, object]) -> None:
        items = self.items
        while hole > 0 and items[(hole - 1) // 2][0] > item[0]:
            items[hole] = items[(hole - 1) // 2]
            hole = (hole - 1) // 2
        items[hole] = item

    def pop(self) -> tuple[float, object]:
        items = self.items
        first, last = items[0], items.pop()
        if not items:
            return first
        hole, size = 0, len(items)
        while 2 * hole + 1 < size:
            child = 2 * hole + 1
            if child + 1 < size and not items[child + 1][0] > items[child][0]:
                child += 1
            items[hole] = items[child]
            hole = child
        self._up(hole, last)
        return first


# --- the whole


def run(case: Mapping[str, Any]) -> dict[int, tuple[list[Any], list[float | None]]]:
    """By core: the packets (time, group, stream id, bytes), and when each group ended.

    `case` has `cores`, `limit` (None: as long as a duration lasts), `groups`, and maybe
    `after` and `speed`, as the recordings have them.
    """
    cores, speed = case["cores"], float(case.get("speed") or 10_000_000_000)
    marks: dict[Any, int] = {}
    by_core: list[list[Group]] = [[] for _ in range(cores)]
    starts: list[Started] = []
    for index, group in enumerate(case["groups"]):
        starts.append(Started(index, group, cores, speed, marks))
        for core in range(cores):
            by_core[core].append(starts[-1].groups[core])
    for command in case.get("after") or ():
        given = command["params"]
        for started in starts:
            same = started.port == given.get("port_id", started.port)
            if same and started.profile == given.get("profile_id", started.profile):
                started.command(command["method"], given)
    busy = [core for core in range(cores) if any(g.running for g in by_core[core])]
    result = {}
    for core in range(cores):
        limit = math.inf
        if case.get("limit") and core in busy:
            limit = max(1, case["limit"] // len(busy))
            limit += case["limit"] % len(busy) if core == busy[0] else 0
        sent = list(events(by_core[core], case["groups"], limit))
        result[core] = sent, [group.ended for group in by_core[core]]
    return result


def events(groups: list[Group], raw_groups: list[Raw], limit: float) -> Iterator[Any]:
    heap = Heap()
    for group, raw in zip(groups, raw_groups, strict=True):
        if not group.running:
            continue
        for node in group.nodes:
            if node.raw["self_start"]:
                enter(node, 0.0 + (node.isg + node.pre))
                heap.push(node.time, node)
        if raw["start"]["duration"] > 0:
            heap.push(0.0 + raw["start"]["duration"], group)
    heap.push(0.001, None)
    counted = 0
    while any(group.running for group in groups):
        time, what = heap.pop()
        if what is None:
            heap.push(time + 0.001, None)
        elif isinstance(what, Group):
            end(what, time)
        elif isinstance(what, Node) and what.group.running:
            counted += 1
            if not (what.null or what.paused):
                yield time, what.group.index, what.key, next(what.frames)
            following = after(what)
            if following is not None:
                heap.push(following.time, following)
            if not what.group.live or counted >= limit:
                end(what.group, time)


def end(group: Group, time: float) -> None:
    if group.running:
        group.running, group.ended = False, time


def enter(node: Node, time: float) -> None:
    node.time = time
    node.left, node.bursts, node.active = node.packets, node.count, True


def after(node: Node) -> Node | None:
    """What to push when the node's event has been handled."""
    gap = 0.1 if node.paused else node.gap
    if node.raw["mode"]["type"] == "continuous":
        node.time += gap
        return node
    node.left -= 1
    if node.left:
        node.time += gap
        return node
    node.bursts -= 1
    if node.bursts:
        node.time += (node.ibg / 1e6 + node.post) + node.pre
        node.left = node.packets
        return node
    node.active = False
    following = node.next
    if following is not None and not following.active:
        follow = True
        if node.raw["action_count"]:
            node.actions -= 1
            follow = node.actions != 0
        if follow:
            enter(following, ((node.time + node.post) + following.isg) + following.pre)
            return following
    node.group.live -= 1
    return None


class Started:
    """One start command on all cores."""

    def __init__(
        self, index: int, raw: Raw, cores: int, speed: float, marks: dict[Any, int]
    ) -> None:
        start = raw["start"]
        self.port, self.profile = raw["port_id"], raw.get("profile_id", "_")
        by_id = {item["stream_id"]: item["stream"] for item in raw["streams"]}
        self.order = table_order([item["stream_id"] for item in raw["streams"]])
        self.streams = by_id
        self.speed = speed
        enabled = [key for key in self.order if by_id[key]["enabled"]]
        roots = [key for key in enabled if by_id[key]["self_start"]]
        self.sums = graph(by_id, roots, speed)
        self.factor = factor(start["mul"], *self.sums, speed, start["force"])
        mask = start.get("core_mask", (1 << 64) - 1)
        self.active = [core for core in range(cores) if mask >> core & 1]
        self.groups = [Group(index, self.port) for _ in range(cores)]
        frames = {key: marked(by_id[key], self.port, marks) for key in self.order}
        plain = [key for key in enabled if not is_latency(by_id[key])]
        latency = [key for key in enabled if is_latency(by_id[key])]
        for key in plain:
            self._share(key, frames[key])
        for key in latency:
            node = self._node(0, key, 1 / (rates(by_id[key], speed)[0] * 1.0))
            node.frames = packets(by_id[key], frames[key], 0, 1, 0)
        for group in self.groups:
            own = {node.key: node for node in group.nodes}
            for node in group.nodes:
                node.next = own.get(node.raw["next_stream_id"])
            group.live = sum(node.raw["self_start"] for node in group.nodes)
            group.running = any(not node.null for node in group.nodes)

    def _node(self, core: int, key: int, gap: float) -> Node:
        raw, group = self.streams[key], self.groups[core]
        node = Node(group, key, raw, gap, null=is_null(raw), actions=raw["action_count"])
        node.paused = raw.get("start_paused", False)
        if raw["mode"]["type"] != "continuous":
            node.packets, node.ibg, node.count = burst_of(raw)
        group.nodes.append(node)
        return node

    def _share(self, key: int, frame: tuple[bytes, Any]) -> None:
        raw, count = self.streams[key], len(self.active)
        rate = rates(raw, self.speed)[0] * self.factor
        burst = 0 if raw["mode"]["type"] == "continuous" else burst_of(raw)[0]
        pinned = raw.get("core_id", -1)
        if pinned >= 0 or 0 < burst < count:
            for place, core in enumerate(self.active):
                node = self._node(core, key, 1 / rate)
                if place == max(pinned, 0):
                    node.frames = packets(raw, frame, 0, 1, core)
                else:
                    node.null = True
            return
        base, rest = 1 / rate, burst % count
        for place, core in enumerate(self.active):
            node = self._node(core, key, 1 / (rate * (1 / count)))
            node.pre = base * place
            node.post = base * (rest - 1 - place if place < rest else count - 1 - place + rest)
            node.packets = burst // count + (place < rest)
            node.frames = packets(raw, frame, place, count, core)

    def command(self, method: str, given: Raw) -> None:
        wanted = given.get("stream_ids")
        nodes = [
            node
            for group in self.groups
            for node in group.nodes
            if wanted is None or node.key in wanted
        ]
        if method in ("pause_streams", "resume_streams"):
            for node in nodes:
                node.paused = method == "pause_streams"
            return
        mul, force = given["mul"], given["force"]
        if method == "update_streams":
            for node in nodes:
                sums = graph({node.key: node.raw | {"next_stream_id": -1}}, [node.key], self.speed)
                own = factor(mul, *sums, self.speed, force)
                node.gap = len(self.active) / (own * rates(node.raw, self.speed)[0])
            return
        if mul["type"] == "percentage" and mul["op"] != "abs":
            own = self.factor * mul["value"] / 100
        else:
            own = factor(mul, *self.sums, self.speed, force)
        before = self.factor
        self.factor = {"abs": own, "add": before + own, "sub": before - own}[mul["op"]]
        if self.factor <= 0:
            raise Refused("Update request will lower traffic to less than zero")
        for node in nodes:
            if not is_latency(node.raw):
                node.gap = node.gap / (self.factor / before)


# --- bytes


def marked(stream: Raw, port: int, marks: dict[Any, int]) -> tuple[bytes, Any]:
    """The frame as the data plane has it, and the hardware id of a latency stream."""
    frame = bytearray(padded(stream))
    stats = stream["flow_stats"]
    latency = is_latency(stream) and not is_null(stream)
    number = None
    if stats["enabled"] and not is_null(stream):
        kind = "latency" if latency else "stats"
        key = kind, stats["stream_id"]
        if key not in marks:
            marks[key] = sum(other[0] == kind for other in marks)
        number = marks[key]
        _mark(frame, 0xFFFF if latency else IP_ID_BASE + number)
    else:
        _mark(frame, None)
    own = (stream["flags"] & 1, stream["flags"] >> 1 & 3)
    kept_source, kept_destination = own in ((1, 1), (1, 0)), own in ((1, 1), (0, 1))
    high = 0x10 + 0x10 * port
    if not kept_destination:
        frame[0:6] = bytes([high] * 6)
    if not kept_source:
        frame[6:12] = bytes([high + 8] * 6)
    return bytes(frame), number if latency else None


def _mark(frame: bytearray, ip_id: int | None) -> None:
    at = 12
    while frame[at : at + 2] in (bytearray(b"\x81\x00"), bytearray(b"\x88\xa8")):
        at += 4
    kind, ip = frame[at : at + 2], at + 2
    if kind == b"\x08\x00":
        old = int.from_bytes(frame[ip + 4 : ip + 6], "big")
        if ip_id is None and old < IP_ID_BASE:
            return
        _change(frame, ip, ip + 4, old & 0xEFFF if ip_id is None else ip_id)
        if ip_id is not None:
            _change(frame, ip, ip, int.from_bytes(frame[ip : ip + 2], "big") | 1)
    elif kind == b"\x86\xdd":
        word = int.from_bytes(frame[ip : ip + 4], "big")
        label = word & 0xFFFFF
        if ip_id is None and label < IP_ID_BASE:
            return
        word = word - label + (label & 0xEFFF if ip_id is None else ip_id)
        word |= 0 if ip_id is None else 1 << 20
        frame[ip : ip + 4] = word.to_bytes(4, "big")


def _change(frame: bytearray, ip: int, at: int, value: int) -> None:
    """Replace a word of an IPv4 header, and its checksum by the difference (RFC 1624)."""
    old = int.from_bytes(frame[at : at + 2], "big")
    total = 0xFFFF ^ int.from_bytes(frame[ip + 10 : ip + 12], "big")
    total += (0xFFFF ^ old) + value
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    frame[at : at + 2] = value.to_bytes(2, "big")
    frame[ip + 10 : ip + 12] = (0xFFFF ^ total).to_bytes(2, "big")


def packets(
    stream: Raw, made: tuple[bytes, int | None], index: int, count: int, thread: int
) -> Iterator[bytes]:
    """The packets of a stream on one core, for ever."""
    frame, hw_id = made
    vm = stream.get("vm") or {"instructions": []}
    cache = 0 if hw_id is not None else vm.get("cache") or 0
    share = max(cache // count + (index < cache % count), 1) if cache else 0
    core = oracle.Core(
        frame,
        vm,
        random_seed=stream.get("random_seed") or 0,
        core=index,
        cores=count,
        thread_id=thread,
        hardware="raw",
    )
    for packet in oracle.cached(core, share):
        if hw_id is None:
            yield packet
        else:
            header = bytes([0xAB, 1]) + hw_id.to_bytes(2, "little")
            header += (0x12345678).to_bytes(4, "little") + (0x8899AABBCCDDEEFF).to_bytes(
                8, "little"
            )
            yield packet[:-16] + header

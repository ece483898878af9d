"""Plans for layers of tests."""

from __future__ import annotations

from scapy.packet import Packet

from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.plans.layers.planned_layer import Given, PlannedLayer
from scapy_server.packet.plans.layers.watched_layer import WatchedLayer


def planned(registry: Registry, layer: Packet, behind: bytes = b"") -> PlannedLayer:
    data = bytes(layer) + behind
    made = WatchedLayer(Given(type(layer), data, 0, len(data)), registry).plan()
    assert made is not None
    return made


def stop(made: PlannedLayer, frame: bytes, start: int, end: int) -> int:
    layer = made.read(frame, start, end)
    assert layer is not None
    return layer.stop

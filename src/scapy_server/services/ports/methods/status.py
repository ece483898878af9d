"""What a port is and does."""

from __future__ import annotations

from typing import Any

from scapy_server.services.ports.control import Control
from scapy_server.services.ports.method import Method, Part
from scapy_server.services.ports.methods.configuring import ANNOUNCED_SECONDS, is_announced
from scapy_server.services.ports.plane.commands import Done, QueueLength
from scapy_server.services.ports.requests.reading import Fields
from scapy_server.services.ports.state.attributes import attribute_block
from scapy_server.services.ports.state.port import Port

ALL_PROFILES = "*"


def _get_port_status(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    profile = fields.text("profile_id", "")
    fields.boolean("block", True)
    status: dict[str, Any] = {
        "owner": "" if port.owner is None else port.owner.user,
        "state": port.state.value,
        "service": port.service.enabled,
        "service_filtered": port.service.filtered,
        "max_stream_id": port.highest_stream,
        "profile_count": len(port.profiles),
        "attr": attribute_block(port.attributes, port.layers),
        "rx_info": _receive_block(control, port),
    }
    if profile == ALL_PROFILES:
        status["state_profile"] = {name: each.state.value for name, each in port.profiles.items()}
    elif profile in port.profiles:
        status["state_profile"] = port.profiles[profile].state.value
    return status


def _receive_block(control: Control, port: Port) -> dict[str, Any]:
    queue: dict[str, Any] = {"is_active": bool(port.queue_size)}
    if port.queue_size:
        reply = control.links[port.number].ask(QueueLength(port.number))
        count = reply.count if isinstance(reply, Done) else 0  # one that is just being replaced
        queue |= {"size": port.queue_size, "count": count}
    bridge: dict[str, Any] = {"is_active": port.endpoint is not None}
    if port.endpoint is not None:
        bridge |= {
            "bpf_filter": port.endpoint.bpf,
            "endpoint": port.endpoint.address,
            "socket_open": True,
        }
    announced: dict[str, Any] = {"is_active": is_announced(control, port)}
    if announced["is_active"]:
        announced["interval_sec"] = ANNOUNCED_SECONDS
    is_latency = any(control.groups[group].is_latency for group in control.groups.ids)
    return {
        "latency": {"is_active": is_latency},
        "queue": queue,
        "stack": {"is_active": True},  # it answers as soon as it has an address
        "grat_arp": announced,
        "capture_port": bridge,
        "capwap_proxy": {"is_active": False},
    }


METHODS = (Method("get_port_status", _get_port_status, "all about a port", Part.COMMON),)

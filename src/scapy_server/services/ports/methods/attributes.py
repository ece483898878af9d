"""Settings of a port: link, addresses, service mode."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from scapy_server.services.ports.control import Control
from scapy_server.services.ports.method import Method, Part
from scapy_server.services.ports.methods.configuring import configure
from scapy_server.services.ports.requests.reading import Fields
from scapy_server.services.ports.requests.refusals import BadParameters, NotExecuted
from scapy_server.services.ports.state.events import Kind
from scapy_server.services.ports.state.port import Port, Service
from scapy_server.services.ports.state.tables import PortCommand, after_on_port

_MAC = re.compile(r"[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}")
_MOST_VLANS, _LARGEST_TAG = 2, 4095
_LARGEST_PORT = 65_535


def _set_port_attr(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    attributes = fields.inner("attr")
    try:  # what comes before the first one that cannot be set is set
        for name in sorted(attributes.members):
            _set_one(control, port, name, attributes)
    finally:
        configure(control, port)
    return {}


def _set_one(control: Control, port: Port, name: str, attributes: Fields) -> None:
    if name not in _ATTRIBUTES:
        raise NotExecuted(f"unknown attribute type: '{name}'")
    was_up = port.attributes.link_up
    _ATTRIBUTES[name](port, attributes)
    if port.attributes.link_up != was_up:
        control.publish(Kind.PORT_ATTRIBUTES, port_id=port.number, attr=port.link_block)


def _set_promiscuous(port: Port, attributes: Fields) -> None:
    enabled = attributes.inner("promiscuous").boolean("enabled")
    port.attributes = replace(port.attributes, promiscuous=enabled)


def _set_multicast(port: Port, attributes: Fields) -> None:
    enabled = attributes.inner("multicast").boolean("enabled")
    port.attributes = replace(port.attributes, multicast=enabled)


def _set_link(port: Port, attributes: Fields) -> None:
    port.set_link(attributes.inner("link_status").boolean("up"))


def _set_vxlan(port: Port, attributes: Fields) -> None:
    ports = attributes.numbers("vxlan_fs", "uint32")
    for number in ports:
        if not number:
            raise NotExecuted("VXLAN UDP port can't be zero (DPDK error)")
        if number > _LARGEST_PORT:
            raise NotExecuted(f"VXLAN UDP port must be 16bit, got: {number}")
    port.attributes = replace(port.attributes, vxlan_ports=tuple(ports))


def _unsupported(name: str) -> Callable[[Port, Fields], None]:
    def refuse(port: Port, attributes: Fields) -> None:
        raise NotExecuted(f"Error applying {name}: operation is not supported for this NIC.")

    return refuse


_ATTRIBUTES: Mapping[str, Callable[[Port, Fields], None]] = {
    "flow_ctrl_mode": _unsupported("flow_ctrl_mode"),
    "led_status": _unsupported("led_status"),
    "link_status": _set_link,
    "multicast": _set_multicast,
    "promiscuous": _set_promiscuous,
    "vxlan_fs": _set_vxlan,
}


def _set_l2(control: Control, fields: Fields) -> dict[str, Any]:
    port, mac = control.port_of(fields), _mac(fields.text("dst_mac"))
    fields.boolean("block", True)
    after_on_port(port.state, PortCommand.SET_L2)
    port.layers = replace(port.layers, destination=mac, ipv4=None, ipv6=None)
    configure(control, port)
    return {}


def _set_l3(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    source = _ipv4(fields.text("src_addr"), "source")
    destination = _ipv4(fields.text("dst_addr"), "destination")
    resolved = _mac(fields.text("resolved_mac")) if fields.has("resolved_mac") else None
    fields.boolean("block", True)
    after_on_port(port.state, PortCommand.SET_L3)
    port.layers = replace(port.layers, ipv4=(source, destination), destination=resolved)
    configure(control, port)
    return {}


def _set_vlan(control: Control, fields: Fields) -> dict[str, Any]:
    port, tags = control.port_of(fields), fields.numbers("vlan", "uint16")
    fields.boolean("block", True)
    if len(tags) > _MOST_VLANS:
        raise BadParameters(f"Maximal number of stacked VLANs is 2, got: {len(tags)}")
    for tag in tags:
        if not 1 <= tag <= _LARGEST_TAG:
            raise BadParameters(f"invalid VLAN tag: '{tag}'")
    after_on_port(port.state, PortCommand.SET_VLAN)
    port.layers = replace(port.layers, vlans=tuple(tags))
    configure(control, port)
    return {}


def _conf_ipv6(control: Control, fields: Fields) -> dict[str, Any]:
    port, enabled = control.port_of(fields), fields.boolean("enabled")
    source = fields.text("src_ipv6")
    fields.boolean("block", True)
    if source:
        try:
            ipaddress.IPv6Address(source)
        except ValueError:
            raise BadParameters(f"invalid source IPv6 address: '{source}'") from None
    after_on_port(port.state, PortCommand.SET_IPV6)
    port.layers = replace(port.layers, ipv6=source if enabled else None)
    configure(control, port)
    return {}


def _conf_ns_batch(control: Control, fields: Fields) -> dict[str, Any]:
    port = control.port_of(fields)
    fields.text("batch")
    after_on_port(port.state, PortCommand.NAMESPACES)
    raise NotExecuted("name spaces need a port with a Linux stack, and there is none here")


def _service(control: Control, fields: Fields) -> dict[str, Any]:
    port, enabled = control.port_of(fields), fields.boolean("enabled")
    filtered, mask = fields.boolean("filtered", False), fields.byte("mask", 0)
    wanted = Service(enabled, filtered, mask if filtered else 0)
    if not wanted.is_on:
        _check_may_leave(control, port)
    port.service = wanted
    port.attributes = replace(port.attributes, receives_all=enabled)
    configure(control, port)
    return {}


def _check_may_leave(control: Control, port: Port) -> None:
    reason = None
    if port.queue_size:
        reason = "please remove RX queue"
    elif control.captures.is_listening(port.number) and port.service.is_on:
        reason = f"an active capture on port {port.number} exists"
    elif port.endpoint is not None:
        reason = f"port {port.number} is configured as capture port"
    if reason:
        raise NotExecuted(f"unable to disable service mode - {reason}")


def _mac(text: str) -> bytes:
    if _MAC.fullmatch(text):
        return bytes(int(part, 16) for part in text.split(":"))
    raise BadParameters(f"'invalid MAC address: '{text}'")


def _ipv4(text: str, which: str) -> str:
    with suppress(ValueError):
        return str(ipaddress.IPv4Address(text))
    raise BadParameters(f"invalid {which} IPv4 address: '{text}'")


METHODS = (
    Method("set_port_attr", _set_port_attr, "set promiscuous mode and the like", Part.COMMON),
    Method("set_l2", _set_l2, "send to a MAC address", Part.COMMON),
    Method("set_l3", _set_l3, "have an IPv4 address, and send to one", Part.COMMON),
    Method("set_vlan", _set_vlan, "have VLAN tags", Part.COMMON),
    Method("conf_ipv6", _conf_ipv6, "have an IPv6 address", Part.COMMON),
    Method("conf_ns_batch", _conf_ns_batch, "name spaces, which no port here has", Part.COMMON),
    Method("service", _service, "turn service mode on or off", owned=True),
)

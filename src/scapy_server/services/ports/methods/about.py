"""What the server is, and what holds for all of it."""

from __future__ import annotations

from typing import Any

from scapy_server import release
from scapy_server.services.ports.control import Control
from scapy_server.services.ports.link import Link
from scapy_server.services.ports.method import Method, Part
from scapy_server.services.ports.plane.commands import Stretch
from scapy_server.services.ports.requests.reading import Fields
from scapy_server.services.ports.requests.refusals import NoResults, NotExecuted
from scapy_server.services.ports.state.attributes import mac_text
from scapy_server.services.ports.state.events import Kind
from scapy_server.services.ports.state.port import Port

#: What a port can count, as clients name it, and how many flows of plain statistics there are.
RECEIVE_CAPABILITIES = ("flow_stats", "latency", "rx_bytes")
FLOW_COUNTERS = 1023


def _ping(control: Control, fields: Fields) -> dict[str, Any]:
    return {"ts": control.now}


def _get_version(control: Control, fields: Fields) -> dict[str, Any]:
    return {
        "version": f"v{release.VERSION}",
        "build_date": "",
        "build_time": "",
        "built_by": "scapy-server",
        "mode": "STL",
    }


def _get_supported_cmds(control: Control, fields: Fields) -> list[str]:
    return sorted(control.methods)


def _get_system_info(control: Control, fields: Fields) -> dict[str, Any]:
    setup = control.setup
    return {
        "hostname": setup.hostname,
        "uptime": setup.started,
        "core_type": setup.processor,
        "dp_core_count": setup.shown_cores,
        "dp_core_count_per_port": setup.shown_cores,
        "is_multiqueue_mode": False,
        "advanced_per_stream_stats": True,
        "port_count": len(control.ports),
        "ports": [_port_info(port, setup.shown_cores) for port in control.ports.values()],
    }


def _port_info(port: Port, cores: int) -> dict[str, Any]:
    return {
        "index": port.number,
        "driver": "net_soft",
        "description": port.description,
        "pci_addr": "N/A",
        "numa": -1,
        "hw_mac": mac_text(port.hw_mac),
        "stack": "legacy",
        "rx": {"caps": list(RECEIVE_CAPABILITIES), "counters": FLOW_COUNTERS},
        "is_fc_supported": False,
        "is_led_supported": False,
        "is_link_supported": True,
        "is_prom_supported": True,
        "is_vxlan_supported": True,
        "is_ieee1588_supported": False,
        "is_virtual": True,
        "supp_speeds": [round(port.attributes.speed * 1000)],
        "cores": list(range(cores)),
    }


def _shutdown(control: Control, fields: Fields) -> dict[str, Any]:
    user, force = fields.text("user"), fields.boolean("force")
    if not control.setup.remote_shutdown:
        raise NotExecuted(
            "shutdown is not allowed here: the server was started with --no-remote-shutdown"
        )
    for port in control.ports.values():
        if not force and port.owner is not None and port.owner.user != user:
            raise NotExecuted(
                f"port {port.number} is owned by '{port.owner.user}' - specify 'force' for override"
            )
    control.publish(Kind.SERVER_STOPPED, cause="server received RPC 'shutdown' request")
    control.shut_down = True
    return {}


def _get_global_cfg(control: Control, fields: Fields) -> dict[str, Any]:
    return dict(control.configuration)


def _set_global_cfg(control: Control, fields: Fields) -> None:
    if fields.has("sched_max_stretch"):
        control.configuration["sched_max_stretch"] = fields.double("sched_max_stretch")
        for link in {id(link): link for link in control.links.values()}.values():
            set_stretch(control, link)
    for name in ("process_at_cp", "do_mbuf_cache"):
        if fields.has(name):
            control.configuration[name] = fields.boolean(name)


def set_stretch(control: Control, link: Link) -> None:
    """Tell a data plane how late packets may become; 0 is as late as usual."""
    link.ask(Stretch(control.configuration["sched_max_stretch"] or None))


def _get_async_results(control: Control, fields: Fields) -> object:
    ticket = fields.uint64("ticket_id")
    raise NoResults(f"there is no task {ticket}: every command is done when it is answered")


def _cancel_async_task(control: Control, fields: Fields) -> None:
    fields.uint64("ticket_id")


METHODS = (
    Method("ping", _ping, "the server's time, in seconds", None),
    Method("get_version", _get_version, "what the server is", None),
    Method("get_supported_cmds", _get_supported_cmds, "the names of all methods", Part.COMMON),
    Method("get_system_info", _get_system_info, "the host and its ports", Part.COMMON),
    Method("shutdown", _shutdown, "end the server", Part.COMMON),
    Method("get_global_cfg", _get_global_cfg, "settings of the data planes", Part.COMMON),
    Method("set_global_cfg", _set_global_cfg, "change those settings", Part.COMMON),
    Method("get_async_results", _get_async_results, "the result of a task", Part.COMMON),
    Method("cancel_async_task", _cancel_async_task, "give a task up", Part.COMMON),
)

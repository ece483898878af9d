"""A session with ports in which every method is called, for their page.

Its time is simulated, and its programs and files are none, so that it is always the same.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scapy_server.captures.writing import write_capture
from scapy_server.services.ports.methods.table import METHODS
from tests.services.ports.rig import Rig, continuous, counted, frame, stream

_PORT = {"port_id": 0}
_PROFILE = {"port_id": 0, "profile_id": "_"}
_RAW = {"type": "raw", "op": "abs", "value": 1.0}
_PPS = {"type": "pps", "op": "abs", "value": 500.0}
_FRAME = stream(continuous(100))["packet"]["binary"]
_PUSHED = {"binary": _FRAME, "use_port_dst_mac": False, "use_port_src_mac": False}
_CAPTURE = {"limit": 100, "mode": "fixed", "tx": [], "rx": [1], "filter": "udp"}
_GROUPS = {"port_id": 0, "tpgid": 0}
_TAGS = [{"type": "Dot1Q", "value": {"vlan": 7}}]
_STREAM = {**stream(continuous(100)), "flow_stats": counted(7)}
#: Requests in their order; a number lets so many seconds go by.
_SESSION: list[tuple[str, dict[str, Any]] | float] = [
    ("api_sync_v2", {"name": "STL", "major": 5, "minor": 1}),
    ("api_sync", {"api_vers": [{"type": "core", "major": 5, "minor": 1}]}),
    ("get_async_events", {"session_id": 7}),
    ("publish_now", {"key": 1, "baseline": False}),
    ("get_version", {}),
    ("ping", {}),
    ("get_supported_cmds", {}),
    ("get_system_info", {}),
    ("get_global_cfg", {}),
    ("set_global_cfg", {"sched_max_stretch": 0.2}),
    ("get_tpg_status", _PORT),
    ("acquire", {"port_id": 0, "user": "me", "session_id": 7, "force": False}),
    ("get_owner", _PORT),
    ("get_port_status", {"port_id": 0, "profile_id": "*", "block": False}),
    ("set_port_attr", {"port_id": 0, "attr": {"promiscuous": {"enabled": True}}}),
    ("add_stream", {**_PROFILE, "stream_id": 1, "stream": _STREAM}),
    ("get_profile_list", _PORT),
    ("get_stream_list", {"port_id": 0, "profile_id": "*"}),
    ("get_stream", {**_PROFILE, "stream_id": 1, "get_pkt": False}),
    ("get_all_streams", _PROFILE),
    ("validate", _PROFILE),
    ("capture", {"command": "start", **_CAPTURE}),
    ("start_traffic", {**_PROFILE, "mul": _RAW, "duration": -1, "force": False}),
    1.0,
    ("pause_streams", {**_PROFILE, "stream_ids": [1]}),
    ("resume_streams", {**_PROFILE, "stream_ids": [1]}),
    ("pause_traffic", _PROFILE),
    ("resume_traffic", _PROFILE),
    ("update_streams", {**_PROFILE, "mul": _PPS, "stream_ids": [1], "force": False}),
    ("update_traffic", {**_PROFILE, "mul": _PPS, "force": False}),
    1.0,
    ("get_port_stats", _PORT),
    ("get_global_stats", {}),
    ("get_utilization", {}),
    ("get_port_xstats_names", _PORT),
    ("get_port_xstats_values", _PORT),
    ("get_active_pgids", {}),
    ("get_pgid_stats", {"pgids": [7]}),
    ("stop_traffic", _PROFILE),
    ("remove_rx_filters", _PROFILE),
    ("get_async_events", {"session_id": 7}),
    ("capture", {"command": "status"}),
    ("capture", {"command": "stop", "capture_id": 1}),
    ("capture", {"command": "fetch", "capture_id": 1, "pkt_limit": 1}),
    ("capture", {"command": "remove", "capture_id": 1}),
    ("push_pkts", {"port_id": 0, "pkts": [_PUSHED], "ipg_usec": 0}),
    (
        "push_remote",
        {
            "port_id": 0, "pcap_filename": "one.pcap", "ipg_usec": -1.0, "speedup": 1.0,
            "count": 1, "duration": -1,
        },
    ),
    1.0,
    ("remove_stream", {**_PROFILE, "stream_id": 1}),
    ("remove_all_streams", _PROFILE),
    ("service", {"port_id": 0, "enabled": True}),
    ("set_l2", {"port_id": 0, "dst_mac": "02:00:00:00:00:11", "block": False}),
    (
        "set_l3",
        {
            "port_id": 0, "src_addr": "192.0.2.1", "dst_addr": "192.0.2.2",
            "resolved_mac": "02:00:00:00:00:11", "block": False,
        },
    ),
    ("set_vlan", {"port_id": 0, "vlan": [7], "block": False}),
    ("conf_ipv6", {"port_id": 0, "enabled": True, "src_ipv6": "2001:db8::1", "block": False}),
    ("conf_ns_batch", {"port_id": 0, "batch": "[]"}),
    ("get_async_results", {"ticket_id": 1}),
    ("cancel_async_task", {"ticket_id": 1}),
    ("set_rx_feature", {"port_id": 0, "type": "queue", "enabled": True, "size": 10}),
    ("get_rx_queue_pkts", _PORT),
    ("set_rx_feature", {"port_id": 0, "type": "queue", "enabled": False}),
    (
        "start_capture_port",
        {"port_id": 0, "endpoint": "ipc:///run/ports/program", "bpf_filter": "arp"},
    ),
    ("set_capture_port_bpf", {"port_id": 0, "bpf_filter": "udp"}),
    ("stop_capture_port", _PORT),
    ("get_tpg_state", {"username": "me"}),
    ("enable_tpg", {"username": "me", "ports": [0], "num_tpgids": 1, "tags": _TAGS}),
    ("disable_tpg", {"username": "me"}),
    ("update_tpg_tags", {"username": "me", "tags": [{**_TAGS[0], "tag_id": 0}]}),
    ("get_tpg_tags", {"username": "me", "min_tag": 0, "max_tag": 1}),
    ("clear_updated", {"username": "me"}),
    ("get_tpg_stats", {**_GROUPS, "min_tag": 0, "max_tag": 1}),
    ("clear_tpg_stats", {**_GROUPS, "min_tag": 0, "max_tag": 1}),
    ("get_tpg_tx_stats", _GROUPS),
    ("clear_tpg_tx_stats", _GROUPS),
    ("get_tpg_unknown_tags", _PORT),
    ("clear_tpg_unknown_tags", _PORT),
    ("release", _PORT),
    ("shutdown", {"user": "me", "force": False}),
]  # fmt: skip


class Everywhere:
    """Lets ports exchange frames with programs anywhere, of which there are none."""

    def allows(self, endpoint: str) -> bool:
        return True

    def open(self, port: int, endpoint: str) -> None:
        pass

    def close(self, port: int) -> None:
        pass

    def hand(self, port: int, frame: bytes) -> None:
        pass


@dataclass(frozen=True)
class Exchange:
    """A request, and what was answered."""

    method: str
    request: dict[str, Any]
    reply: dict[str, Any]


def exchanges() -> list[Exchange]:
    """All of the session."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "one.pcap").write_bytes(write_capture([frame()]))
        return list(_exchanges(Rig(directory=directory, hostname="lab", processor="processor")))


def _exchanges(rig: Rig) -> Iterator[Exchange]:
    rig.control.bridges = Everywhere()
    methods = {method.name: method for method in METHODS}
    for number, step in enumerate(_SESSION, 1):
        if isinstance(step, float):
            rig.run_to(rig.now + step)
            continue
        name, params = step
        if methods[name].part is not None:
            params = {**params, "api_h": rig.control.api_handler}
        if methods[name].owned:
            params = {**params, "handler": rig.handlers[0]}
        request = {"jsonrpc": "2.0", "id": number, "method": name, "params": params}
        reply = rig.raw(request)
        if name == "acquire":
            rig.handlers[0] = reply["result"]
        yield Exchange(name, request, reply)

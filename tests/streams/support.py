"""Streams for tests, short to write."""

from __future__ import annotations

import base64
from typing import Any

from scapy_server.streams.reading import read_stream
from scapy_server.streams.stream import Stream

#: Ethernet, IPv4 (identification 1), UDP, 26 bytes.
FRAME = (
    bytes.fromhex(
        "0000000100000000000200000800450000340001000040113ab510000002300000020402000c00200000"
    )
    + b"B" * 24
)


def raw_stream(**changes: Any) -> dict[str, Any]:
    """The JSON of a stream of 100 packets a second, with changes at its top level."""
    stream: dict[str, Any] = {
        "flags": 3,
        "action_count": 0,
        "enabled": True,
        "self_start": True,
        "isg": 0.0,
        "mode": continuous(100),
        "packet": {"binary": base64.b64encode(FRAME).decode(), "meta": ""},
        "vm": {"instructions": []},
        "flow_stats": {"enabled": False},
        "next_stream_id": -1,
    }
    return stream | changes


def packet(frame: bytes) -> dict[str, Any]:
    return {"binary": base64.b64encode(frame).decode(), "meta": ""}


def continuous(value: float, unit: str = "pps") -> dict[str, Any]:
    return {"type": "continuous", "rate": {"type": unit, "value": value}}


def burst(packets: int, value: float = 100, unit: str = "pps") -> dict[str, Any]:
    rate = {"type": unit, "value": value}
    return {"type": "single_burst", "total_pkts": packets, "rate": rate}


def bursts(packets: int, count: int, ibg: float, value: float = 100) -> dict[str, Any]:
    rate = {"type": "pps", "value": value}
    mode = {"type": "multi_burst", "pkts_per_burst": packets, "count": count, "ibg": ibg}
    return mode | {"rate": rate}


def counted(pg_id: int, rule: str = "stats", **more: Any) -> dict[str, Any]:
    return {"enabled": True, "stream_id": pg_id, "rule_type": rule} | more


def stream(stream_id: int = 1, **changes: Any) -> Stream:
    return read_stream(stream_id, raw_stream(**changes))

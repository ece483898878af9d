"""The requests of the benchmark. No two in a row are equal."""

from __future__ import annotations

from typing import Any

from peers import request

FRAME = "AAAAAQAAAAAAAgAACABFAAAoAAEAAEAGOs4QAAABMAAAAQAUAFAAAAAAAAAAAFACIABPfQAA"


def tcp_model(number: int) -> list[dict[str, Any]]:
    """Ether/IP/TCP with six given fields."""
    return [
        {"id": "Ether"},
        {
            "id": "IP",
            "fields": [
                {"id": "src", "value": f"10.0.{number >> 8 & 255}.{number & 255}"},
                {"id": "dst", "value": f"48.0.{number & 255}.1"},
                {"id": "ttl", "value": str(1 + number % 200)},
            ],
        },
        {
            "id": "TCP",
            "fields": [
                {"id": "sport", "value": str(1024 + number % 60000)},
                {"id": "dport", "value": str(10000 + number % 50000)},
                {"id": "seq", "value": number},
            ],
        },
    ]


def tcp_packet(number: int) -> bytes:
    """build_pkt of `tcp_model`."""
    return request("build_pkt", tcp_model(number))


def tcp_packets(number: int) -> bytes:
    """build_pkts of a thousand models."""
    return request("build_pkts", [tcp_model(1000 * number + i) for i in range(1000)])


def changed_packet(number: int) -> bytes:
    """reconstruct_pkt of a TCP packet with two changed fields."""
    changes = [
        {"id": "Ether"},
        {"id": "IP", "fields": [{"id": "ttl", "value": str(1 + number % 200)}]},
        {"id": "TCP", "fields": [{"id": "sport", "value": str(1024 + number % 60000)}]},
    ]
    return request("reconstruct_pkt", FRAME, changes)


def dns_packet(number: int) -> bytes:
    """build_pkt with a DNS question as an expression."""
    question = {"vtype": "EXPRESSION", "expr": f"DNSQR(qname='host{number}.example.org')"}
    return request(
        "build_pkt",
        [
            {"id": "Ether"},
            {"id": "IP"},
            {"id": "UDP"},
            {"id": "DNS", "fields": [{"id": "qd", "value": question}]},
        ],
    )


METADATA = {
    "get_definitions": request("get_definitions", None),
    "get_all": request("get_all"),
    "get_payload_classes": request("get_payload_classes", [{"id": "Ether"}, {"id": "IPv6"}]),
    "get_templates": request("get_templates"),
}

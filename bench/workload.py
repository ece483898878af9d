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


def _layer(layer_id: str, **fields: Any) -> dict[str, Any]:
    return {"id": layer_id, "fields": [{"id": name, "value": fields[name]} for name in fields]}


def _expression(text: str) -> dict[str, str]:
    return {"vtype": "EXPRESSION", "expr": text}


_TCP_OPTIONS = _expression("[('MSS', 1460), ('NOP', None), ('WScale', 7)]")
_QUESTIONS = _expression("[DNSQR(qname='host.example.org')]")
_ANSWERS = _expression("[DNSRR(rrname='host.example.org', rdata='192.0.2.1')]")
_DHCP_OPTIONS = _expression("[('message-type', 'discover'), ('hostname', b'host'), 'end']")
_MAGIC = {"vtype": "BYTES", "base64": "Y4JTYw=="}
#: A message of DNS with a question and an answer, as a frame.
_DNS_FRAME = (
    "AAAAAQAAAAAAAgAACABFAABeAAEAAEARZowKAAABCgAAAgA1ADUASvKFAAWBAAABAAEAAAAABGhvc3QHZXhhbXBsZQNv"
    "cmcAAAEAAQRob3N0B2V4YW1wbGUDb3JnAAABAAEAAAAAAATAAAIB"
)


def tcp_edit(number: int) -> bytes:
    """build_pkt of TCP with options, as an editor sends it: one field is changed."""
    tcp = _layer("TCP", options=_TCP_OPTIONS, seq=number)
    return request("build_pkt", [_layer("Ether"), _layer("IP"), tcp])


def dns_edit(number: int) -> bytes:
    """As `tcp_edit`, of a message of DNS with records."""
    dns = _layer("DNS", id=number % 65536, qr=1, qd=_QUESTIONS, an=_ANSWERS)
    return request("build_pkt", [_layer("Ether"), _layer("IP"), _layer("UDP"), dns])


def dhcp_edit(number: int) -> bytes:
    """As `tcp_edit`, of DHCP."""
    bootp = _layer("BOOTP", xid=number, options=_MAGIC)
    udp = _layer("UDP", sport=68, dport=67)
    dhcp = _layer("DHCP", options=_DHCP_OPTIONS)
    return request("build_pkt", [_layer("Ether"), _layer("IP"), udp, bootp, dhcp])


def tcp_option_edit(number: int) -> bytes:
    """As `tcp_edit`, with a number within the expression changed."""
    options = _expression(f"[('MSS', {number}), ('NOP', None), ('WScale', 7)]")
    return request("build_pkt", [_layer("Ether"), _layer("IP"), _layer("TCP", options=options)])


def dhcp_option_edit(number: int) -> bytes:
    """As `dhcp_edit`, with a name within the expression changed."""
    name = f"host{number % 1000:03}"
    options = _expression(f"[('message-type', 'discover'), ('hostname', b'{name}'), 'end']")
    bootp, udp = _layer("BOOTP", options=_MAGIC), _layer("UDP", sport=68, dport=67)
    layers = [_layer("Ether"), _layer("IP"), udp, bootp, _layer("DHCP", options=options)]
    return request("build_pkt", layers)


def changed_address(number: int) -> bytes:
    """reconstruct_pkt of a message of DNS with the address of its answer changed."""
    part = {"id": "an[0].rdata", "value": f"10.0.0.{number % 256}"}
    changes = [_layer("Ether"), _layer("IP"), _layer("UDP"), {"id": "DNS", "fields": [part]}]
    return request("reconstruct_pkt", _DNS_FRAME, changes)


def changed_dns(number: int) -> bytes:
    """reconstruct_pkt of a message of DNS with a name, a part of it, and its id changed."""
    name = {"id": "qd[0].qname", "value": "more.example.org"}
    dns = {"id": "DNS", "fields": [name, {"id": "id", "value": number % 65536}]}
    changes = [_layer("Ether"), _layer("IP"), _layer("UDP"), dns]
    return request("reconstruct_pkt", _DNS_FRAME, changes)


#: Edits after the first of the same packet.
EDITS = {
    "build_pkt, TCP with options": tcp_edit,
    "build_pkt, DNS with records": dns_edit,
    "build_pkt, DHCP": dhcp_edit,
    "build_pkt, an option of TCP": tcp_option_edit,
    "build_pkt, an option of DHCP": dhcp_option_edit,
    "reconstruct_pkt, a part and a field": changed_dns,
    "reconstruct_pkt, a part": changed_address,
}

METADATA = {
    "get_definitions": request("get_definitions", None),
    "get_all": request("get_all"),
    "get_payload_classes": request("get_payload_classes", [{"id": "Ether"}, {"id": "IPv6"}]),
    "get_templates": request("get_templates"),
}

"""Display filters of Wireshark for a field with the value that it has.

Fields of the common protocols go by their names there; of all others the bytes of the frame are
compared, which means the same for fields that fill whole bytes.

The names of each layer stand on its page of the reference.

Source: Wireshark Display Filter Reference, "Internet Protocol Version 4"; wireshark-filter(4),
"The slice operator".
"""

from __future__ import annotations

from collections.abc import Mapping

from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import FieldRow
from scapy_server.desk.packet import Packet

_MOST_BYTES = 256

#: What a layer's fields are called, by layer: only those with the same value there as here.
_NAMES: Mapping[str, Mapping[str, str]] = {
    "Ether": {"dst": "eth.dst", "src": "eth.src", "type": "eth.type"},
    "Dot1Q": {"prio": "vlan.priority", "vlan": "vlan.id", "type": "vlan.etype"},
    "ARP": {
        "hwtype": "arp.hw.type",
        "ptype": "arp.proto.type",
        "hwlen": "arp.hw.size",
        "plen": "arp.proto.size",
        "op": "arp.opcode",
        "hwsrc": "arp.src.hw_mac",
        "psrc": "arp.src.proto_ipv4",
        "hwdst": "arp.dst.hw_mac",
        "pdst": "arp.dst.proto_ipv4",
    },
    "IP": {
        "version": "ip.version",
        "tos": "ip.dsfield",
        "len": "ip.len",
        "id": "ip.id",
        "ttl": "ip.ttl",
        "proto": "ip.proto",
        "chksum": "ip.checksum",
        "src": "ip.src",
        "dst": "ip.dst",
    },
    "IPv6": {
        "version": "ipv6.version",
        "tc": "ipv6.tclass",
        "fl": "ipv6.flow",
        "plen": "ipv6.plen",
        "nh": "ipv6.nxt",
        "hlim": "ipv6.hlim",
        "src": "ipv6.src",
        "dst": "ipv6.dst",
    },
    "TCP": {
        "sport": "tcp.srcport",
        "dport": "tcp.dstport",
        "seq": "tcp.seq_raw",
        "ack": "tcp.ack_raw",
        "flags": "tcp.flags",
        "window": "tcp.window_size_value",
        "chksum": "tcp.checksum",
        "urgptr": "tcp.urgent_pointer",
    },
    "UDP": {
        "sport": "udp.srcport",
        "dport": "udp.dstport",
        "len": "udp.length",
        "chksum": "udp.checksum",
    },
    "ICMP": {
        "type": "icmp.type",
        "code": "icmp.code",
        "chksum": "icmp.checksum",
        "id": "icmp.ident",
        "seq": "icmp.seq",
    },
    "DNS": {
        "id": "dns.id",
        "qdcount": "dns.count.queries",
        "ancount": "dns.count.answers",
        "nscount": "dns.count.auth_rr",
        "arcount": "dns.count.add_rr",
    },
    "VXLAN": {"vni": "vxlan.vni"},
}


def tshark_filter(packet: Packet, row: FieldRow) -> str:
    """The filter that lets through what has this value in this field.

    Raises DeskError for a field of bits that has no name there, and for one without a place.
    """
    name = _NAMES.get(str(packet.layers[row.layer]["id"]), {}).get(row.field_id)
    value = row.field.get("value")
    if name is not None and isinstance(value, int | str):
        return f"{name} == {value}"
    if row.bit_offset is None or not row.bit_length:
        raise DeskError(f"{row.path} has no place in the bytes that a filter could compare")
    if row.bit_offset % 8 or row.bit_length % 8:
        raise DeskError(f"{row.path} does not fill whole bytes, which a filter compares")
    start, length = row.bit_offset // 8, row.bit_length // 8
    if length > _MOST_BYTES:
        raise DeskError(f"{row.path} has {length} bytes, a filter compares {_MOST_BYTES} at most")
    return f"frame[{start}:{length}] == {packet.frame[start : start + length].hex(':')}"

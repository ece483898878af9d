"""The names of EtherTypes and IP protocols, the same on every host.

Scapy fills its tables from files under /etc where they exist, and its layers copy them
into their fields. `install` puts ours in their place. Ports have no names: which ones
/etc/services knows differs from host to host.

Sources: IANA "IEEE 802 Numbers" and "Protocol Numbers"; the spelling of the names is that
of the files which Linux hosts carry, because the editor's users know it (`n_802_1Q` is
how Scapy spells a name that begins with a digit).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import scapy.data
from scapy.packet import Packet

ETHER_TYPES: Mapping[int, str] = {
    0x0800: "IPv4",
    0x0805: "X25",
    0x0806: "ARP",
    0x0842: "WOL",
    0x22EA: "SRP",
    0x22F0: "AVTP",
    0x22F3: "TRILL",
    0x6002: "MOP_RC",
    0x6003: "DECnet",
    0x6004: "LAT",
    0x6558: "TEB",
    0x8035: "RARP",
    0x809B: "ATALK",
    0x80F3: "AARP",
    0x8100: "n_802_1Q",
    0x8102: "SLPP",
    0x8103: "VLACP",
    0x8137: "IPX",
    0x86DD: "IPv6",
    0x8808: "FLOW_CTRL",
    0x8809: "SlowProtocols",
    0x880B: "PPP",
    0x8847: "MPLS",
    0x8848: "MPLS_MULTI",
    0x8863: "PPP_DISC",
    0x8864: "PPP_SES",
    0x887B: "HomePlug_1_0",
    0x888E: "EAPOL",
    0x8892: "PROFINET",
    0x889A: "HyperSCSI",
    0x88A2: "AOE",
    0x88A4: "EtherCAT",
    0x88A8: "n_802_1AD",
    0x88AB: "POWERLINK",
    0x88B8: "GOOSE",
    0x88B9: "GSE_MGMT",
    0x88BA: "SV",
    0x88BE: "ERSPAN",
    0x88C7: "PREAUTH",
    0x88CA: "TIPC",
    0x88CC: "LLDP",
    0x88CD: "SERCOS",
    0x88E1: "HomePlug_AV",
    0x88E3: "MRP",
    0x88E5: "MACSEC",
    0x88E7: "PBB",
    0x88F5: "MVRP",
    0x88F6: "MMRP",
    0x88F7: "PTP",
    0x88FB: "PRP",
    0x8902: "CFM",
    0x8906: "FCoE",
    0x8914: "FIP",
    0x8915: "RoCE",
    0x891D: "TTE",
    0x892F: "HSR",
    0x893A: "n_1905_1",
    0x894F: "NSH",
    0x9000: "LOOP",
    0x9100: "QinQ",
    0xF1C1: "FRER",
}

IP_PROTOCOLS: Mapping[int, str] = {
    0: "ip",
    1: "icmp",
    2: "igmp",
    3: "ggp",
    4: "ipencap",
    5: "st",
    6: "tcp",
    8: "egp",
    9: "igp",
    12: "pup",
    17: "udp",
    20: "hmp",
    22: "xns_idp",
    27: "rdp",
    29: "iso_tp4",
    33: "dccp",
    36: "xtp",
    37: "ddp",
    38: "idpr_cmtp",
    41: "ipv6",
    43: "ipv6_route",
    44: "ipv6_frag",
    45: "idrp",
    46: "rsvp",
    47: "gre",
    50: "esp",
    51: "ah",
    57: "skip",
    58: "ipv6_icmp",
    59: "ipv6_nonxt",
    60: "ipv6_opts",
    73: "rspf",
    81: "vmtp",
    88: "eigrp",
    89: "ospf",
    93: "ax_25",
    94: "ipip",
    97: "etherip",
    98: "encap",
    103: "pim",
    108: "ipcomp",
    112: "vrrp",
    115: "l2tp",
    124: "isis",
    132: "sctp",
    133: "fc",
    135: "mobility_header",
    136: "udplite",
    137: "mpls_in_ip",
    138: "manet",
    139: "hip",
    140: "shim6",
    141: "wesp",
    142: "rohc",
    143: "ethernet",
}

#: Scapy's tables by their name in scapy.data, and what they hold from now on.
_TABLES: Mapping[str, Mapping[Any, Any]] = {
    "ETHER_TYPES": ETHER_TYPES,
    "IP_PROTOS": IP_PROTOCOLS,
    "TCP_SERVICES": {},
    "UDP_SERVICES": {},
    "SCTP_SERVICES": {},
    "MANUFDB": {},
}


#: What fields are called that hold an IP protocol by Scapy's IP_PROTOS.
_PROTOCOL_FIELDS = frozenset({"proto", "prot", "nh"})


def install() -> tuple[tuple[dict[Any, Any], Mapping[Any, Any]], ...]:
    """Fill Scapy's tables; to be called before any layer module is imported.

    Returns what each table held before and holds now, for `refresh`.
    """
    replaced = []
    for name, ours in _TABLES.items():
        table = getattr(scapy.data, name).d
        replaced.append((dict(table), ours))
        table.clear()
        table.update(ours)
    return tuple(replaced)


def refresh(
    classes: Iterable[type[Packet]],
    replaced: Iterable[tuple[dict[Any, Any], Mapping[Any, Any]]],
) -> None:
    """Do the same for fields that copied a table before `install` was called.

    That is so when a program has used Scapy before it starts the server.
    """
    fields: list[Any] = [
        field for cls in classes for field in cls.fields_desc if hasattr(field, "i2s")
    ]
    for before, ours in replaced:
        if before == dict(ours):
            continue
        for field in fields:
            if isinstance(field.i2s, dict) and _copied(field, before, ours):
                _rename(field, ours)


def _copied(field: Any, before: dict[Any, Any], ours: Mapping[Any, Any]) -> bool:
    """Whether the field's names came from a table.

    A table was empty where the host lacks the file, so that nothing but the name of a
    field tells that it copied IP_PROTOS.
    """
    if before:
        return bool(before.items() <= field.i2s.items())
    return ours is IP_PROTOCOLS and not field.i2s and field.name in _PROTOCOL_FIELDS


def _rename(field: Any, names: Mapping[Any, Any]) -> None:
    field.i2s.clear()
    field.s2i.clear()
    field.i2s.update(names)
    field.s2i.update({name: number for number, name in names.items()})

"""The names of EtherTypes and IP protocols, the same on every host.

Scapy fills its tables from files under /etc where they exist, and its layers copy them
into their fields. `install` puts ours in their place. Ports have no names: which ones
/etc/services knows differs from host to host.

Other names of the same numbers are accepted too, since stored documents hold them: earlier
servers showed what they found on their hosts, or Scapy's own table where they found none.

Sources: the RPC document, "get_definitions" (27 EtherTypes); IANA "IEEE 802 Numbers" and
"Protocol Numbers"; the spelling of the other names is that of the files which Linux hosts
carry, because the editor's users know it (`n_802_1Q` is how Scapy spells a name that begins
with a digit). Former names: netbase's /etc/ethertypes and the table of Scapy 2.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import scapy.data
from scapy.packet import Packet

ETHER_TYPES: Mapping[int, str] = {
    0x0800: "IPv4",
    0x0805: "X25",
    0x0806: "ARP",
    0x0808: "FR_ARP",
    0x0842: "WOL",
    0x08FF: "BPQ",
    0x22EA: "SRP",
    0x22F0: "AVTP",
    0x22F3: "TRILL",
    0x6000: "DEC",
    0x6001: "DNA_DL",
    0x6002: "DNA_RC",
    0x6003: "DNA_RT",
    0x6004: "LAT",
    0x6005: "DIAG",
    0x6006: "CUST",
    0x6007: "SCA",
    0x6558: "TEB",
    0x6559: "RAW_FR",
    0x8035: "RARP",
    0x809B: "ATALK",
    0x80F3: "AARP",
    0x8100: "n_802_1Q",
    0x8102: "SLPP",
    0x8103: "VLACP",
    0x8137: "IPX",
    0x8191: "NetBEUI",
    0x86DD: "IPv6",
    0x8808: "FLOW_CTRL",
    0x8809: "SlowProtocols",
    0x880B: "PPP",
    0x8847: "MPLS",
    0x8848: "MPLS_MULTI",
    0x884C: "ATMMPOA",
    0x8863: "PPP_DISC",
    0x8864: "PPP_SES",
    0x887B: "HomePlug_1_0",
    0x8884: "ATMFATE",
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

#: Names that are accepted besides, and not shown.
FORMER_ETHER_TYPES: Mapping[str, int] = {
    "n_8023": 0x0004,
    "PUP": 0x0200,
    "PUPAT": 0x0200,
    "NS": 0x0600,
    "NSAT": 0x0601,
    "DLOG1": 0x0660,
    "DLOG2": 0x0661,
    "X75": 0x0801,
    "NBS": 0x0802,
    "ECMA": 0x0803,
    "CHAOS": 0x0804,
    "FRARP": 0x0808,
    "VINES": 0x0BAD,
    "TRAIL": 0x1000,
    "DCA": 0x1234,
    "VALID": 0x1600,
    "RCL": 0x1995,
    "L2_IS_IS": 0x22F4,
    "NBPCC": 0x3C04,
    "NBPDG": 0x3C07,
    "PCS": 0x4242,
    "IMLBL": 0x4C42,
    "MOPDL": 0x6001,
    "MOPRC": 0x6002,
    "MOP_RC": 0x6002,
    "DECnet": 0x6003,
    "AMBER": 0x6008,
    "RAWFR": 0x6559,
    "UBDL": 0x7000,
    "UBNIU": 0x7001,
    "UBNMC": 0x7003,
    "UBBST": 0x7005,
    "OS9": 0x7007,
    "RACAL": 0x7030,
    "HP": 0x8005,
    "TIGAN": 0x802F,
    "DECAM": 0x8048,
    "VEXP": 0x805B,
    "VPROD": 0x805C,
    "ES": 0x805D,
    "VEECO": 0x8067,
    "ATT": 0x8069,
    "MATRA": 0x807A,
    "DDE": 0x807B,
    "MERIT": 0x807C,
    "PACER": 0x80C6,
    "SNA": 0x80D5,
    "RETIX": 0x80F2,
    "VLAN": 0x8100,
    "BOFL": 0x8102,
    "HAYES": 0x8130,
    "VGLAB": 0x8131,
    "MUMPS": 0x813F,
    "FLIP": 0x8146,
    "NCD": 0x8149,
    "ALPHA": 0x814A,
    "SNMP": 0x814C,
    "XTP": 0x817D,
    "SGITW": 0x817E,
    "STP": 0x8181,
    "RDP": 0x8739,
    "MICP": 0x873A,
    "IPAS": 0x876C,
    "SLOW": 0x8809,
    "AXIS": 0x8856,
    "PPPOE": 0x8864,
    "PAE": 0x888E,
    "QINQ": 0x88A8,
    "S_TAG": 0x88A8,
    "n_802_AD": 0x88A8,
    "EAP_PREAUTH": 0x88C7,
    "n_802_1AE": 0x88E5,
    "FCOE": 0x8906,
    "ROCE": 0x8915,
    "XNSSM": 0x9001,
    "TCPSM": 0x9002,
    "LoWPAN": 0xA0ED,
    "DEBNI": 0xAAAA,
    "SONIX": 0xFAF5,
    "VITAL": 0xFF00,
    "MAX": 0xFFFF,
}
FORMER_IP_PROTOCOLS: Mapping[str, int] = {"hopopt": 0}

#: Scapy's tables by their name in scapy.data, and what they hold from now on.
_TABLES: Mapping[str, Mapping[Any, Any]] = {
    "ETHER_TYPES": ETHER_TYPES,
    "IP_PROTOS": IP_PROTOCOLS,
    "TCP_SERVICES": {},
    "UDP_SERVICES": {},
    "SCTP_SERVICES": {},
    "MANUFDB": {},
}


#: The tables that are filled already in this process, whose layers are loaded only once.
_installed: set[str] = set()

#: What fields are called that hold an IP protocol by Scapy's IP_PROTOS.
_PROTOCOL_FIELDS = frozenset({"proto", "prot", "nh"})


def install() -> tuple[tuple[dict[Any, Any], Mapping[Any, Any]], ...]:
    """Fill Scapy's tables; to be called before any layer module is imported.

    Returns what each table held before and holds now, for `refresh`.
    """
    replaced = []
    for name, ours in _TABLES.items():
        table = getattr(scapy.data, name).d
        if name in _installed:
            continue  # it is ours, with what layers have changed in it since
        _installed.add(name)
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


def accept_former(classes: Iterable[type[Packet]]) -> None:
    """Let fields with names from our tables read the former names as well."""
    tables = ((ETHER_TYPES, FORMER_ETHER_TYPES), (IP_PROTOCOLS, FORMER_IP_PROTOCOLS))
    declared: Iterator[Any] = (field for cls in classes for field in cls.fields_desc)
    fields = [field for field in declared if isinstance(getattr(field, "i2s", None), dict)]
    for names, former in tables:
        for field in fields:
            if names.items() <= field.i2s.items():
                field.s2i.update({n: v for n, v in former.items() if n not in field.s2i})


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

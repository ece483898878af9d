"""The documents' defaults, put into Scapy's fields once at start.

Three kinds of default are replaced: those that the documents define (addresses), those
that Scapy would ask the host for (interface, route, neighbour), and those that Scapy
draws by chance or takes from the clock. After `apply`, a default never differs from one
host or moment to another, and None for a field that Scapy would resolve means the
documented default too.

docs/protocols.md lists `DEFAULTS` (checked by a test).

Source: docs/wire.md, "Defaults on the wire".
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from scapy import fields as sf
from scapy import volatile
from scapy.asn1.asn1 import ASN1_GENERALIZED_TIME, ASN1_UTC_TIME, ASN1_Object
from scapy.layers.inet import DestIPField
from scapy.layers.l2 import DestMACField, SourceMACField
from scapy.packet import Packet

from scapy_server import addresses
from scapy_server.errors import RefusedError
from scapy_server.packet.loading import (
    arp_addresses,
    domain_names,
    field_containers,
    object_names,
    tls_sessions,
)

#: `module.Class` of Scapy, then field, then its default. Subclasses share it.
DEFAULTS: Mapping[str, Mapping[str, object]] = {
    "l2.Ether": {"dst": "00:00:00:01:00:00", "src": "00:00:00:02:00:00"},
    "l2.Dot3": {"dst": "00:00:00:01:00:00", "src": "00:00:00:02:00:00"},
    "l2.ARP": {"psrc": "16.0.0.1", "hwsrc": "00:00:00:00:00:00"},
    "inet.IP": {"src": "16.0.0.1", "dst": "48.0.0.1"},
    "inet.ICMP": {"ts_ori": 0, "ts_rx": 0, "ts_tx": 0},
    "inet6.IPv6": {"src": "::2", "dst": "::1"},
    # Scapy's own question, for www.example.com, is one that nobody asked.
    "dns.DNS": {"qd": []},
    "ntp.NTPHeader": {"orig": 0, "sent": 0},
    "keyexchange_tls13.KeyShareEntry": {"key_exchange": b"\x04" + bytes(64)},
    "gtp.IE_IMSI": {"imsi": "001010000000001"},
    # Without these Scapy cannot build the layer on its own.
    "bluetooth.HCI_Cmd_PIN_Code_Request_Reply": {"pin_code": 0},
    "bluetooth.HCI_Cmd_Remote_OOB_Data_Request_Reply": {"C": 0, "R": 0},
    "dhcp6.DHCP6OptGeoConf": {"optlen": 3},
    "dot11.Dot11EltHEOperation": {"basic_he_mcs_and_nss_set": [0] * 8},
    "dot11.Dot11EltVHTOperation": {"mcs_set": [0] * 8},
    "gtp.IE_IMEI": {"length": 8, "IMEI": "0000000000000000"},
    "gtp.IE_MSInternationalNumber": {"length": 7},
    "hicp.HICPModuleScan": {"padding": 0},
    "gtp_v2.IE_Indication": {"length": 0},
    "gtp_v2.IE_MMContext_EPS": {"length": 0},
    "gtp_v2.PCO_S_Nssai": {"length": 0},
    "isis.ISIS_LinkLocalRemoteIdentifiersSubTlv": {"localid": 0, "remoteid": 0},
    "isis.ISIS_P2PAdjacencyStateTlv": {"len": 1},
    "ldp.LDPInit": {"params": [0, 0, 0, 0, 0, "0.0.0.0", 0]},
    "modbus.ModbusPDU11ReportSlaveIdResponse": {"byteCount": 0},
    "nrf_sniffer.NRF2_Packet_Event": {"rssi": 0},
    "ntp.NTPInfoMemStats": {"hashcount": [0] * 128},
    "ntp.NTPInfoPeerSummary": {"hmode": 0},
    "pnio_dcp.DCPMACBlock": {"dcp_block_length": 8},
    "ppp.PPP_PAP_Request": {"username": b"", "password": b""},
    "radius.RadiusAttr_Vendor_Specific": {"value": b""},
    "ssh.Mpint": {"length": 0},
    "ssh.SSHString": {"value": b""},
}

#: Fields that ask the host when they have no value, the plain field below them, and what
#: they answer instead.
_HOST_FIELDS: tuple[tuple[type[Any], type[Any], str], ...] = (
    (DestMACField, sf.MACField, "00:00:00:01:00:00"),
    (SourceMACField, sf.MACField, "00:00:00:02:00:00"),
    (sf.SourceIPField, sf.IPField, "16.0.0.1"),
    (DestIPField, sf.IPField, "48.0.0.1"),
    (sf.SourceIP6Field, sf.IP6Field, "::2"),
    (sf.DestIP6Field, sf.IP6Field, "::1"),
)


def apply(classes: Iterable[type[Packet]]) -> None:
    """Replace the defaults of the classes and forget what Scapy remembers of the old ones."""
    for host_field, plain, answer in _HOST_FIELDS:
        _answer_without_asking(host_field, plain, answer)
    arp_addresses.install()
    domain_names.install()
    field_containers.install()
    object_names.install()
    tls_sessions.install()
    for cls in classes:
        _own_first_fields(cls)
        ours = DEFAULTS.get(short_name(cls), {})
        for declared in cls.fields_desc:
            for field in _plain_fields(declared):
                if declared.name in ours and _takes(field, declared, ours[declared.name]):
                    field.default = ours[declared.name]
                else:
                    field.default = _as_address(field, _fixed(field.default))
    for cache in (
        Packet.class_default_fields,
        Packet.class_default_fields_ref,
        Packet.class_fieldtype,
        Packet.class_packetfields,
        Packet.class_dont_cache,
    ):
        cache.clear()


def short_name(cls: type[Packet]) -> str:
    """The class as `DEFAULTS` names it: inet.IP for scapy.layers.inet.IP."""
    return f"{cls.__module__.rpartition('.')[2]}.{cls.__name__}"


def _own_first_fields(cls: Any) -> None:
    """PFCP's constructors write their type and length into fields that all of them share.

    With fields of its own a class always writes the same.
    """
    if cls.__module__ == "scapy.contrib.pfcp" and "ie_type" in vars(cls):
        for index, default in enumerate((cls.ie_type, cls.default_length)):
            cls.fields_desc[index] = cls.fields_desc[index].copy()
            cls.fields_desc[index].default = default


def _answer_without_asking(host_field: type[Any], plain: type[Any], answer: str) -> None:
    def given(field: Any, value: object) -> object:
        if value is not None:
            return value
        return answer if field.default is None else field.default

    def i2m(self: Any, pkt: Packet | None, x: object) -> object:
        return plain.i2m(self, pkt, given(self, x))

    def i2h(self: Any, pkt: Packet | None, x: object) -> object:
        return plain.i2h(self, pkt, given(self, x))

    host_field.i2m = i2m
    host_field.i2h = i2h


def _plain_fields(declared: Any) -> Iterator[Any]:
    """The fields inside a declaration that have a default of their own."""
    if isinstance(declared, sf.MultipleTypeField):
        yield declared
        for choice in declared.flds:
            yield from _plain_fields(choice[0])
        yield from _plain_fields(declared.dflt)
    elif isinstance(declared, sf._FieldContainer):
        yield from _plain_fields(declared.fld)
    else:
        yield declared


#: What the number 0 means as the default of an address.
_NO_ADDRESS: tuple[tuple[type[Any], str], ...] = (
    (sf.IP6Field, "::"),
    (sf.IPField, "0.0.0.0"),
    (sf.MACField, "00:00:00:00:00:00"),
)


def _as_address(field: Any, default: Any) -> Any:
    """The default; a few classes give an address as the number 0, which is no text of one."""
    if type(default) is not int:
        return default
    return next((text for cls, text in _NO_ADDRESS if isinstance(field, cls)), default)


#: Which types of field hold an address that is written so.
_HOLDERS: tuple[tuple[Callable[[str], object], type[Any]], ...] = (
    (addresses.ipv4, sf.IPField),
    (addresses.mac, sf.MACField),
    (addresses.ipv6, sf.IP6Field),
)


def _takes(field: Any, declared: Any, default: object) -> bool:
    """Whether our default is for this one of the types that a field may take.

    An address is for fields of such addresses: the others, which a packet chooses by its
    lengths, say, keep a default of their own.
    """
    if not isinstance(declared, sf.MultipleTypeField) or not isinstance(default, str):
        return True
    return any(isinstance(field, cls) and _reads(parse, default) for parse, cls in _HOLDERS)


def _reads(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except RefusedError:
        return False
    return True


class _OwnItems(list[Any]):
    """A default list whose copies own their packets, so that no two packets share one."""

    def copy(self) -> list[Any]:
        return [item.copy() if isinstance(item, Packet) else item for item in self]


def _fixed(value: Any) -> Any:
    """The default without chance in it, also deep inside."""
    if isinstance(value, volatile.VolatileValue):
        return _constant(value)
    if isinstance(value, Packet):
        _fix_packet(value)
    elif isinstance(value, ASN1_UTC_TIME) and value.val:
        value.val = "700101000000Z"
    elif isinstance(value, ASN1_GENERALIZED_TIME) and value.val:
        value.val = "19700101000000Z"
    elif isinstance(value, ASN1_Object):
        value.val = _fixed(value.val)
    elif isinstance(value, list):
        fixed = [_fixed(item) for item in value]
        return _OwnItems(fixed) if any(isinstance(item, Packet) for item in fixed) else fixed
    elif isinstance(value, tuple):
        return tuple(_fixed(item) for item in value)
    return value


def _fix_packet(packet: Packet) -> None:
    for name, value in DEFAULTS.get(short_name(type(packet)), {}).items():
        if name in packet.default_fields:
            packet.default_fields[name] = value
    for values in (packet.fields, packet.default_fields):
        for name, value in values.items():
            values[name] = _fixed(value)
    if isinstance(packet.payload, Packet) and packet.payload:
        _fix_packet(packet.payload)


def _constant(value: Any) -> Any:
    """What stands for a random value: the lowest of its kind."""
    constant: Any = None
    if isinstance(value, volatile.RandNum):
        constant = max(0, int(value.min))
    elif isinstance(value, volatile.RandIP6):
        constant = "::"
    elif isinstance(value, volatile.RandIP):
        constant = "0.0.0.0"
    elif isinstance(value, volatile.RandMAC):
        constant = "00:00:00:00:00:00"
    elif isinstance(value, volatile.RandUUID):
        constant = uuid.UUID(int=0)
    elif isinstance(value, volatile.GeneralizedTime):
        constant = "19700101000000Z"
    elif isinstance(value, volatile.ZuluTime):
        constant = "700101000000Z"
    elif isinstance(value, volatile.RandOID):
        constant = "1.3"
    elif isinstance(value, volatile.AutoTime | volatile.IntAutoTime):
        constant = 0
    elif isinstance(value, volatile.RandString | volatile.RandBin):
        constant = bytes(_size(value.size))
    return constant


def _size(size: Any) -> int:
    return int(size.min) if isinstance(size, volatile.RandNum) else int(size)

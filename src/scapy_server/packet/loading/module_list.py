"""Which Scapy modules are loaded, and which are not, each with its reason.

The order is the order of import: on equal names and on equal bindings the earlier
module wins. docs/protocols.md shows these lists (a test compares them).
"""

from __future__ import annotations

from dataclasses import dataclass

Version = tuple[int, ...]


@dataclass(frozen=True)
class LoadedModule:
    """A module that is imported at start.

    Scapy has it from version `since` on (None: all supported ones) and up to, but not
    including, `until`. `tamed` says why its import must not displace what was bound
    before; None for a module that displaces nothing.
    """

    name: str
    since: Version | None = None
    until: Version | None = None
    tamed: str | None = None

    def exists_in(self, version: Version) -> bool:
        """Whether that version of Scapy is supposed to have the module."""
        return (self.since is None or version >= self.since) and (
            self.until is None or version < self.until
        )


@dataclass(frozen=True)
class LeftOut:
    """Modules that are not loaded: one name, or all names that begin with `prefix*`."""

    pattern: str
    reason: str

    def covers(self, name: str) -> bool:
        """Whether `name` is one of the modules."""
        if self.pattern.endswith("*"):
            return name.startswith(self.pattern[:-1])
        return name == self.pattern


def _layers(names: str, since: Version | None = None) -> tuple[LoadedModule, ...]:
    return tuple(LoadedModule(f"scapy.layers.{name}", since) for name in names.split())


def _contrib(names: str, since: Version | None = None) -> tuple[LoadedModule, ...]:
    return tuple(LoadedModule(f"scapy.contrib.{name}", since) for name in names.split())


_IGMP_MOVED = (2, 8)

MODULES: tuple[LoadedModule, ...] = (
    LoadedModule("scapy.packet"),
    # Ethernet, IP and what stands directly on them: first, so that nothing takes their names.
    *_layers("l2 inet inet6"),
    *_layers("igmp", since=_IGMP_MOVED),
    LoadedModule("scapy.contrib.igmp", until=_IGMP_MOVED),
    LoadedModule("scapy.contrib.igmpv3", until=_IGMP_MOVED),
    *_layers("dns dhcp dhcp6 vxlan sctp ntp"),
    # The rest of scapy.layers.
    *_layers(
        "clns eap gprs hsrp ipsec ir isakmp l2tp llmnr lltd mgcp mobileip netbios netflow "
        "pflog ppi ppp pptp radius rip rtp skinny snmp tftp tuntap usb vrrp"
    ),
    *_layers("bluetooth bluetooth4LE can dot11 dot15d4 sixlowpan zigbee"),
    *_layers("x509 gssapi kerberos spnego ntlm ldap smb smb2 dcerpc"),
    *_layers(
        "tls.session tls.keyexchange tls.keyexchange_tls13 tls.extensions tls.handshake "
        "tls.handshake_sslv2 tls.record tls.record_sslv2 tls.record_tls13"
    ),
    *_layers("tls.quic quic", since=(2, 7)),
    *_layers("http ssh"),
    # Provider, data centre and campus networks.
    *_contrib(
        "mpls bier bfd bgp cdp chdlc dtp eigrp erspan esmc etherip geneve gxrp http2 ife "
        "ikev2 isis lacp ldp lldp mac_control macsec nsh oam ospf pim ripng roce rpl "
        "rpl_metrics rsvp rtr send slowprot stamp tacacs tcpao tzsp vqp vtp"
    ),
    *_contrib("ptp_v2", since=(2, 8)),
    *_contrib("psp", since=(2, 7)),
    LoadedModule(
        "scapy.contrib.carp", tamed="takes IP protocol 112 away from VRRP, and warns that it does"
    ),
    # Mobile networks, voice and media.
    *_contrib("diameter gtp gtp_v2 pfcp rtcp rtsp stun"),
    # Applications, storage and remote procedures.
    *_contrib("aoe coap mqtt mqttsn oncrpc mount nfs nlm portmap postgres socks wireguard"),
    *_contrib("dicom mysql", since=(2, 8)),
    *_contrib("openflow openflow3"),
    # Industry and home.
    *_contrib(
        "enipTCP ethercat hicp homeplugav homepluggp homeplugsg knx modbus opc_da pnio pnio_dcp "
        "pnio_rpc scada.iec104.iec104_fields scada.iec104.iec104_information_elements "
        "scada.iec104.iec104_information_objects scada.iec104 scada.pcom"
    ),
    # Radio, space and the link types of captures.
    *_contrib(
        "altbeacon avs bp eddystone exposure_notification ibeacon ltp nrf_sniffer "
        "ppi_cace ppi_geotag sdnv sebek"
    ),
)

LEFT_OUT: tuple[LeftOut, ...] = (
    LeftOut("scapy.layers.all", "only imports the others"),
    LeftOut("scapy.layers.tls.all", "imports the others and the automata"),
    LeftOut("scapy.layers.tls.automaton*", "TLS clients and servers, no packets"),
    LeftOut("scapy.layers.tls.basefields", "fields of the TLS modules, no packets"),
    LeftOut("scapy.layers.tls.cert", "certificate files, no packets"),
    LeftOut("scapy.layers.tls.crypto.*", "cryptography, no packets of its own"),
    LeftOut("scapy.layers.tls.tools", "cryptography; its classes describe inner values of TLS"),
    LeftOut("scapy.layers.smbclient", "an SMB client, no packets"),
    LeftOut("scapy.layers.smbserver", "an SMB server, no packets"),
    LeftOut("scapy.layers.msrpce.*", "NDR stubs generated from Microsoft's IDL files"),
    LeftOut("scapy.layers.ms_nrtp", ".NET objects serialised in a stream, no packets of a network"),
    LeftOut("scapy.layers.tpm", "structures of a security chip, not of a network"),
    LeftOut("scapy.layers.windows.*", "registry client and error numbers, with the NDR stubs"),
    LeftOut("scapy.contrib.automotive*", "vehicle diagnostics and car makers' definitions"),
    LeftOut("scapy.contrib.j1939", "vehicle bus with its own sockets"),
    LeftOut("scapy.contrib.isotp*", "sockets of the CAN bus"),
    LeftOut("scapy.contrib.cansocket*", "sockets of the CAN bus"),
    LeftOut("scapy.contrib.coap_socket", "a CoAP client and server, no packets"),
    LeftOut("scapy.contrib.bluetooth_vsc_*", "commands of chip makers, which claim the same codes"),
    LeftOut("scapy.contrib.concox", "one maker's vehicle tracker"),
    LeftOut("scapy.contrib.loraphy2wan", "its classes remember the last packet that they read"),
    LeftOut("scapy.contrib.rtps*", "its classes remember the byte order of the last packet"),
    LeftOut("scapy.contrib.metawatch", "one maker's wrist watch"),
    LeftOut("scapy.contrib.icmp_extensions", "deprecated: a second copy of scapy.layers.inet"),
    LeftOut("scapy.contrib.igmp", "deprecated where scapy.layers.igmp exists"),
    LeftOut("scapy.contrib.igmpv3", "deprecated where scapy.layers.igmp exists"),
    LeftOut("scapy.contrib.skinny", "takes the port and name of scapy.layers.skinny"),
    LeftOut("scapy.contrib.tcpros", "prints while it dissects, and reads floats from any bytes"),
)

#: Classes of loaded modules that are no layers: only their subclasses can be built.
ABSTRACT = frozenset(
    {
        "scapy.packet.Packet",
        "scapy.packet.NoPayload",
        "scapy.contrib.gtp.IE_Base",
        "scapy.contrib.pfcp.IE_Base",
        "scapy.contrib.pfcp.IE_Compound",
        "scapy.contrib.opc_da.OPCHandle",
        "scapy.contrib.ospf.OSPF_BaseLSA",
        "scapy.contrib.pnio.PROFIsafeControl",
        "scapy.contrib.pnio.PROFIsafeControlCRCSeed",
        "scapy.contrib.pnio.PROFIsafeStatus",
        "scapy.contrib.pnio.PROFIsafeStatusCRCSeed",
        "scapy.contrib.pnio_rpc.BlockHeader",
        "scapy.contrib.pnio_rpc.NDRData",
        "scapy.contrib.pnio_rpc.PNIORealTimeAcyclicPDUHeader",
    }
)

"""Link types: their numbers, names, and which layer a captured frame begins with.

Not all of the registry: those that captures are likely to have.

Source: tcpdump.org, "Link-Layer Header Types".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scapy_server.errors import RefusedError, shown

#: The link type of frames that come without a capture.
ETHERNET = 1
#: pcapng and pcap have 16 bits for it.
_HIGHEST = 0xFFFF
_PREFIXES = ("LINKTYPE_", "DLT_")

UNKNOWN = "Raw"


@dataclass(frozen=True, slots=True)
class LinkType:
    """A link type of the registry, and the layer that its frames begin with, if they do.

    `other` is the one that is read instead where the bytes say so.
    """

    name: str
    root: str | None = None
    other: str | None = None


#: By LINKTYPE number.
LINK_TYPES: Mapping[int, LinkType] = {
    0: LinkType("NULL", "Loopback"),
    1: LinkType("ETHERNET", "Ether", "Dot3"),
    3: LinkType("AX25"),
    6: LinkType("IEEE802_5"),
    7: LinkType("ARCNET_BSD"),
    8: LinkType("SLIP"),
    9: LinkType("PPP", "PPP"),
    10: LinkType("FDDI"),
    50: LinkType("PPP_HDLC", "HDLC"),
    51: LinkType("PPP_ETHER", "PPPoE"),
    100: LinkType("ATM_RFC1483", "LLC"),
    104: LinkType("C_HDLC", "CHDLC"),
    105: LinkType("IEEE802_11", "Dot11"),
    107: LinkType("FRELAY"),
    108: LinkType("LOOP", "LoopbackOpenBSD"),
    113: LinkType("LINUX_SLL", "CookedLinux"),
    114: LinkType("LTALK"),
    117: LinkType("PFLOG", "PFLog"),
    119: LinkType("IEEE802_11_PRISM", "PrismHeader"),
    122: LinkType("IP_OVER_FC"),
    127: LinkType("IEEE802_11_RADIOTAP", "RadioTap"),
    129: LinkType("ARCNET_LINUX"),
    138: LinkType("APPLE_IP_OVER_IEEE1394"),
    139: LinkType("MTP2_WITH_PHDR"),
    140: LinkType("MTP2"),
    141: LinkType("MTP3"),
    142: LinkType("SCCP"),
    143: LinkType("DOCSIS"),
    144: LinkType("LINUX_IRDA", "CookedLinux"),
    163: LinkType("IEEE802_11_AVS", "AVSWLANHeader"),
    165: LinkType("BACNET_MS_TP"),
    166: LinkType("PPP_PPPD"),
    169: LinkType("GPRS_LLC"),
    177: LinkType("LINUX_LAPD"),
    187: LinkType("BLUETOOTH_HCI_H4", "HCI_Hdr"),
    189: LinkType("USB_LINUX"),
    192: LinkType("PPI", "PPI"),
    195: LinkType("IEEE802_15_4_WITHFCS", "Dot15d4FCS"),
    197: LinkType("ERF"),
    201: LinkType("BLUETOOTH_HCI_H4_WITH_PHDR", "HCI_PHDR_Hdr"),
    202: LinkType("AX25_KISS"),
    203: LinkType("LAPD"),
    204: LinkType("PPP_WITH_DIR", "DIR_PPP"),
    205: LinkType("C_HDLC_WITH_DIR"),
    206: LinkType("FRELAY_WITH_DIR"),
    219: LinkType("MPLS", "MPLS"),
    220: LinkType("USB_LINUX_MMAPPED"),
    224: LinkType("FC_2"),
    226: LinkType("IPNET"),
    227: LinkType("CAN_SOCKETCAN", "CAN", "CANFD"),
    228: LinkType("IPV4", "IP"),
    229: LinkType("IPV6", "IPv6"),
    230: LinkType("IEEE802_15_4_NOFCS", "Dot15d4"),
    231: LinkType("DBUS"),
    239: LinkType("NFLOG"),
    240: LinkType("NETANALYZER"),
    242: LinkType("IPOIB"),
    243: LinkType("MPEG_2_TS"),
    245: LinkType("NFC_LLCP"),
    247: LinkType("INFINIBAND"),
    248: LinkType("SCTP", "SCTP"),
    249: LinkType("USBPCAP", "USBpcap"),
    251: LinkType("BLUETOOTH_LE_LL", "BTLE"),
    253: LinkType("NETLINK"),
    254: LinkType("BLUETOOTH_LINUX_MONITOR", "HCI_Mon_Pcap_Hdr"),
    255: LinkType("BLUETOOTH_BREDR_BB"),
    256: LinkType("BLUETOOTH_LE_LL_WITH_PHDR", "BTLE_RF"),
    257: LinkType("PROFIBUS_DL"),
    258: LinkType("PKTAP"),
    266: LinkType("USB_DARWIN"),
    270: LinkType("LORATAP"),
    271: LinkType("VSOCK"),
    272: LinkType("NORDIC_BLE", "NRFS2_PCAP"),
    273: LinkType("DOCSIS31_XRA31"),
    274: LinkType("ETHERNET_MPACKET", "MPacketPreamble"),
    276: LinkType("LINUX_SLL2", "CookedLinuxV2"),
    281: LinkType("DSA_TAG_BRCM"),
    282: LinkType("DSA_TAG_BRCM_PREPEND"),
    283: LinkType("IEEE802_15_4_TAP"),
    284: LinkType("DSA_TAG_DSA"),
    285: LinkType("DSA_TAG_EDSA"),
    288: LinkType("USB_2_0"),
}

#: Raw IP: LINKTYPE_RAW, and the numbers that some systems wrote for it.
RAW_IP = frozenset((12, 14, 101))
_PPP = frozenset((9, 50))
_CISCO_ADDRESSES = (b"\x0f", b"\x8f")
_BY_IP_VERSION = {4: "IP", 6: "IPv6"}
_NUMBERS = {known.name: number for number, known in LINK_TYPES.items()} | {"RAW": 101}


def root_layer_id(link_type: int, frame: bytes) -> str:
    """The id of the layer that `frame` begins with; "Raw" if the link type is not known.

    A raw IP frame says by its version which it is; one that is neither is "Raw". Cisco's HDLC
    is captured as PPP, too, and begins with an address that PPP does not have.
    """
    if link_type in RAW_IP:
        return _BY_IP_VERSION.get(frame[0] >> 4, UNKNOWN) if frame else UNKNOWN
    if link_type in _PPP and frame[:1] in _CISCO_ADDRESSES:
        return "CHDLC"
    known = LINK_TYPES.get(link_type)
    return (known and known.root) or UNKNOWN


def first_layer_ids(link_type: int, frame: bytes) -> tuple[str, ...]:
    """The ids of the layers that frames of a link type may begin with, as `frame` may."""
    known = LINK_TYPES.get(link_type)
    root = root_layer_id(link_type, frame)
    return (root,) if known is None or known.other is None else (root, known.other)


def link_type_of(given: object) -> int:
    """The number of a link type given by number or name ("RAW", "LINKTYPE_LINUX_SLL").

    None stands for Ethernet. Raises RefusedError for anything else.
    """
    if given is None:
        return ETHERNET
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= _HIGHEST:
        return given
    number = _named(given) if isinstance(given, str) else None
    if number is None:
        raise RefusedError(
            f"a link type is a number from 0 to {_HIGHEST} or a name such as ETHERNET, RAW or "
            f"LINUX_SLL, not {shown(given)}"
        )
    return number


def _named(text: str) -> int | None:
    name = text.strip().upper().replace("-", "_")
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    if name.isdecimal() and len(name) <= len(str(_HIGHEST)) and int(name) <= _HIGHEST:
        return int(name)
    return _NUMBERS.get(name)

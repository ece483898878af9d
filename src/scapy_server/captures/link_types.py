"""Which layer a captured frame begins with, by the link type of its capture.

Only those of which Scapy has a class.

Source: tcpdump.org, "Link-Layer Header Types".
"""

from __future__ import annotations

from collections.abc import Mapping

#: The link type of frames that come without a capture.
ETHERNET = 1

#: The first layer of link types whose frames all begin alike, by LINKTYPE number.
ROOT_LAYERS: Mapping[int, str] = {
    0: "Loopback",
    1: "Ether",
    9: "PPP",
    50: "HDLC",
    51: "PPPoE",
    104: "CHDLC",
    105: "Dot11",
    108: "LoopbackOpenBSD",
    113: "CookedLinux",
    117: "PFLog",
    119: "PrismHeader",
    127: "RadioTap",
    144: "CookedLinux",
    163: "AVSWLANHeader",
    187: "HCI_Hdr",
    192: "PPI",
    195: "Dot15d4FCS",
    201: "HCI_PHDR_Hdr",
    204: "DIR_PPP",
    219: "MPLS",
    227: "CAN",
    228: "IP",
    229: "IPv6",
    230: "Dot15d4",
    248: "SCTP",
    249: "USBpcap",
    251: "BTLE",
    254: "HCI_Mon_Pcap_Hdr",
    256: "BTLE_RF",
    272: "NRFS2_PCAP",
    274: "MPacketPreamble",
    276: "CookedLinuxV2",
}

#: Raw IP: LINKTYPE_RAW, and the numbers that some systems wrote for it.
RAW_IP = frozenset((12, 14, 101))
_BY_IP_VERSION = {4: "IP", 6: "IPv6"}

UNKNOWN = "Raw"


def root_layer_id(link_type: int, frame: bytes) -> str:
    """The id of the layer that `frame` begins with; "Raw" if the link type is not known.

    A raw IP frame says by its version which it is; one that is neither is "Raw".
    """
    if link_type in RAW_IP:
        return _BY_IP_VERSION.get(frame[0] >> 4, UNKNOWN) if frame else UNKNOWN
    return ROOT_LAYERS.get(link_type, UNKNOWN)

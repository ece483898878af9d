"""How capture files are laid out: magic numbers, headers and blocks, each in one place.

Source: pcap specification, "General File Structure" and "Packet Record"; pcapng specification,
sections 3 and 4; RFC 1952, section 2.3.1.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

GZIP_MAGIC = b"\x1f\x8b"

#: What a pcap file says its longest packet may be, unless one is longer.
SNAPLEN = 65535

# --- classic pcap

MICROSECOND_MAGIC = 0xA1B2C3D4
NANOSECOND_MAGIC = 0xA1B23C4D
KUZNETZOV_MAGIC = 0xA1B2CD34
IXIA_HARDWARE_MAGIC = 0x1C0001AC
IXIA_SOFTWARE_MAGIC = 0x1C0001AB

#: Magic, major and minor version, zone, accuracy, snap length, link type.
FILE_HEADER = "IHHiIII"
#: Seconds, fraction, captured length, original length.
RECORD_HEADER = "IIII"
PCAP_VERSION = 2, 4
#: The bits of a file header's last word that are the link type; those above it say how long
#: a frame check sequence is.
LINK_TYPE_MASK = 0xFFFF


@dataclass(frozen=True, slots=True)
class PcapForm:
    """One of the formats that share pcap's layout: byte order, header sizes, time unit in ns.

    Of several sizes of a record's header the first is the usual one.
    """

    order: str
    file_header: int
    record_headers: tuple[int, ...]
    unit: int


PCAP_FORMS: Mapping[bytes, PcapForm] = {
    struct.pack(order + "I", magic): PcapForm(order, file_header, record_headers, unit)
    for magic, file_header, record_headers, unit in (
        # Nokia's tcpdump adds four bytes to each record's header, that of Red Hat 6.1 eight.
        (MICROSECOND_MAGIC, 24, (16, 24, 20), 1000),
        (NANOSECOND_MAGIC, 24, (16,), 1),
        # Interface, protocol and direction follow each record's header, in SuSE 6.3 four more.
        (KUZNETZOV_MAGIC, 24, (24, 28), 1000),
        # The file's length follows its header.
        (IXIA_HARDWARE_MAGIC, 28, (16,), 1),
        (IXIA_SOFTWARE_MAGIC, 28, (16,), 1),
    )
    for order in "<>"
}


def pcap_file_header(nano: bool, snaplen: int, link_type: int) -> bytes:
    """The header of a little-endian pcap file."""
    magic = NANOSECOND_MAGIC if nano else MICROSECOND_MAGIC
    return struct.pack("<" + FILE_HEADER, magic, *PCAP_VERSION, 0, 0, snaplen, link_type)


# --- pcapng

SECTION_MAGIC = b"\n\r\r\n"
ORDER_MAGIC = 0x1A2B3C4D
BYTE_ORDERS = {struct.pack(order + "I", ORDER_MAGIC): order for order in "<>"}
SECTION_BLOCK = 0x0A0D0D0A
INTERFACE_BLOCK = 1
OBSOLETE_PACKET_BLOCK = 2
SIMPLE_PACKET_BLOCK = 3
ENHANCED_PACKET_BLOCK = 6
#: The bytes of a block around its body: type and length before, the length again after it.
BLOCK_FRAME = 12

#: What stands before the options or the packet in the body of a block.
SECTION_BODY = "IHHq"  # byte-order magic, major and minor version, length
INTERFACE_BODY = "HHI"  # link type, reserved, snap length
ENHANCED_BODY = "IIIII"  # interface, high and low half of the time, captured, original length
OBSOLETE_BODY = "HHIIII"  # as above, with a count of drops after the interface
SIMPLE_BODY = "I"  # original length

END_OF_OPTIONS = 0
COMMENT_OPTION = 1
INTERFACE_NAME = 2
INTERFACE_DESCRIPTION = 3
INTERFACE_TIME_UNIT = 9
INTERFACE_TIME_OFFSET = 14


def padded(length: int) -> int:
    """The length with the zeros behind it that pcapng wants."""
    return (length + 3) // 4 * 4


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """A block around a body, which is filled up with zeros."""
    size = padded(len(body)) + BLOCK_FRAME
    head, tail = struct.pack(order + "II", kind, size), struct.pack(order + "I", size)
    return head + body + bytes(-len(body) % 4) + tail


def option(code: int, value: bytes, order: str = "<") -> bytes:
    """An option of a block."""
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def section_block() -> bytes:
    """The start of a little-endian file of unknown length."""
    return block(SECTION_BLOCK, struct.pack("<" + SECTION_BODY, ORDER_MAGIC, 1, 0, -1))


def interface_block(link_type: int, snaplen: int, nano: bool, name: str | None = None) -> bytes:
    """The description of an interface whose times are in nanoseconds or microseconds."""
    options = option(INTERFACE_NAME, name.encode()) if name else b""
    options += option(INTERFACE_TIME_UNIT, b"\x09" if nano else b"\x06")
    options += option(END_OF_OPTIONS, b"")
    body = struct.pack("<" + INTERFACE_BODY, link_type, 0, snaplen)
    return block(INTERFACE_BLOCK, body + options)

"""Classic pcap: either byte order, micro- or nanoseconds, and the variants of Kuznetzov's
patched libpcap and of IXIA.

Source: pcap specification, "General File Structure" and "Packet Record".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import msgspec

from scapy_server import limits
from scapy_server.captures import layouts
from scapy_server.captures.records import OtherPiece, PacketRecord, Piece, length_problem
from scapy_server.captures.source import DamagedCapture, Source
from scapy_server.errors import RefusedError

_NS = 1_000_000_000
_LAST_SECOND = 0xFFFFFFFF
#: Versions before 2.3 wrote the original length first, and 2.3 did so now and then.
_SWAPPED_BELOW = 3
_USUAL_HEADER = 16
#: So many records are looked at to tell how long their headers are.
_TELLING = 3


class PcapPiece(msgspec.Struct, frozen=True, gc=False):
    """A record of a pcap file."""

    raw: bytes
    record: PacketRecord
    form: layouts.PcapForm
    header: int
    swapped: bool

    def rewritten(self, changed: PacketRecord) -> bytes:
        """The record with another packet, time or length; as many bytes are lacking as before."""
        form, old = self.form, self.record
        order = form.order + "II"
        stamp = self.raw[:8]
        if changed.time_ns != old.time_ns:
            stamp = struct.pack(order, *pcap_stamp(changed.time_ns or 0, form.unit))
        lengths = len(changed.data) + old.lacking, changed.original_length
        if self.swapped:
            lengths = lengths[::-1]
        after = self.raw[_USUAL_HEADER : self.header]
        return stamp + struct.pack(order, *lengths) + after + changed.data


def pcap_stamp(time_ns: int, unit: int) -> tuple[int, int]:
    """Seconds and fraction of a time; RefusedError for one that pcap cannot hold."""
    seconds, fraction = divmod(time_ns, _NS)
    if not 0 <= seconds <= _LAST_SECOND:
        raise RefusedError(f"pcap holds times of 2**32 seconds from 1970 on, not {time_ns} ns")
    return seconds, fraction // unit


def read_pcap(source: Source) -> Iterator[Piece]:
    """The pieces of a pcap file; raises RefusedError and DamagedCapture."""
    form = layouts.PCAP_FORMS[source.peek(4)]
    header = source.take(form.file_header)
    if len(header) < form.file_header:
        raise RefusedError(
            f"the capture's header is cut short: {len(header)} of {form.file_header} bytes "
            "are there"
        )
    _, major, minor, _, _, _, link = struct.unpack_from(form.order + layouts.FILE_HEADER, header)
    if major != layouts.PCAP_VERSION[0]:
        raise RefusedError(f"pcap version {major}.{minor} is not known, only 2.x")
    yield OtherPiece(header)
    yield from _records(source, form, link & layouts.LINK_TYPE_MASK, minor)


def _record_header(source: Source, form: layouts.PcapForm) -> int:
    """How long the headers of the records are that come now.

    Formats that differ in this alone have the same magic number: the size counts with which
    most of the first records follow each other, of equal ones the usual.
    """
    sizes = form.record_headers
    return sizes[0] if len(sizes) == 1 else max(sizes, key=lambda s: _chained(source, form, s))


def _chained(source: Source, form: layouts.PcapForm, size: int) -> int:
    """How many of the first records follow each other if their headers are of this size."""
    place = 0
    for found in range(_TELLING):
        ahead = source.peek(place + size)
        if len(ahead) < place + size:
            # What the usual size says is believed of a damaged file's end too.
            ends_here = len(ahead) == place or size == form.record_headers[0]
            return _TELLING if found and ends_here else found
        head = ahead[place:]
        _, fraction, captured, original = struct.unpack_from(
            form.order + layouts.RECORD_HEADER, head
        )
        if fraction * form.unit >= _NS or captured > min(original, limits.FRAME_BYTES):
            return found
        place += size + captured
    return _TELLING


def _records(source: Source, form: layouts.PcapForm, link: int, minor: int) -> Iterator[Piece]:
    unpack = struct.Struct(form.order + layouts.RECORD_HEADER).unpack_from
    size, unit = _record_header(source, form), form.unit
    number = 0
    while True:
        at = source.position
        head = source.take(size)
        if not head:
            return
        number += 1
        where = f"packet {number}, at byte {at}"
        if len(head) < size:
            raise DamagedCapture(
                f"{where}: the capture ends within the packet's header, "
                f"after {len(head)} of {size} bytes",
                head,
            )
        seconds, fraction, captured, original = unpack(head)
        swapped = minor < _SWAPPED_BELOW or (minor == _SWAPPED_BELOW and captured > original)
        if swapped:
            captured, original = original, captured
        if captured > limits.FRAME_BYTES:
            raise DamagedCapture(
                f"{where}: it claims {captured} bytes, "
                f"and a packet may be at most {int(limits.FRAME_BYTES)}",
                head,
            )
        data = source.take(captured)
        problem = None
        if len(data) < captured:
            problem = f"the capture ends within the packet, after {len(data)} of {captured} bytes"
        elif captured != original or not captured:
            problem = length_problem(captured, original)
        time_ns = seconds * _NS + fraction * unit
        lacking = captured - len(data)
        record = PacketRecord(
            number, data, link, time_ns, original, problem=problem, lacking=lacking
        )
        yield PcapPiece(head + data, record, form, size, swapped)

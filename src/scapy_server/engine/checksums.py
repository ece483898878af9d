"""Checksums of whole blocks of packets.

The ones'-complement sum does not mind the byte order (RFC 1071, section 2 (B)), so words
are read and stored little-endian, as most hosts have them. Words that no instruction of
the program touches are summed once.

Source: docs/engine.md, "Checksums".
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from scapy_server.engine.headers import (
    CHECKSUM_OFFSETS,
    IPV4_CHECKSUM,
    IPV6_BYTES,
    TCP_PROTOCOL,
    UDP_PROTOCOL,
    IpHeader,
    hardware_header,
)
from scapy_server.engine.vm import Fix, FixHardware, FixICMPv6, FixIPv4
from scapy_server.engine.writes import Rows, field
from scapy_server.errors import RefusedError

#: uint32.
Sums: TypeAlias = NDArray[Any]
Ends: TypeAlias = NDArray[np.int64]


class WordSum:
    """The sum of the words of template[start:stop], as it stands in each packet.

    `cleared` is the offset of a word that counts as 0.
    """

    def __init__(
        self,
        template: bytes,
        start: int,
        stop: int,
        touched: Collection[int],
        cleared: int | None = None,
    ) -> None:
        self._start, self._stop = start, stop
        self._data = template[start:stop]
        live = {(byte - start) // 2 for byte in touched if start <= byte < stop}
        self._silent = set(live)
        if cleared is not None and start <= cleared < stop:
            self._silent.add((cleared - start) // 2)
            live.discard((cleared - start) // 2)
        self._live = sorted(live)

    @cached_property
    def _until(self) -> Sums:
        """The sums of what stays, by how many bytes are summed; an odd last one counts as the
        first of a word. Computed when a packet is, for an explanation needs none."""
        size = len(self._data)
        words = np.frombuffer(self._data + b"\0" * (size % 2), "<u2").astype(np.uint32)
        words[sorted(self._silent)] = 0
        whole = np.concatenate([[0], np.cumsum(words)]).astype(np.uint32)
        until = np.empty(size + 1, np.uint32)
        until[::2] = whole[: size // 2 + 1]
        until[1::2] = whole[: (size + 1) // 2] + (words[: (size + 1) // 2] & 0xFF)
        return until

    def _word(self, rows: Rows, index: int) -> NDArray[np.unsignedinteger]:
        offset = self._start + 2 * index
        return field(rows, offset, 2 if offset + 2 <= self._stop else 1, "<")

    def total(self, rows: Rows) -> Sums:
        """The sums over the whole region, not folded."""
        sums = np.full(len(rows), self._until[-1], np.uint32)
        for index in self._live:
            sums += self._word(rows, index)
        return sums

    def total_until(self, rows: Rows, ends: Ends) -> Sums:
        """The sums up to an offset of its own for each packet, within the region."""
        sizes = np.clip(ends - self._start, 0, self._stop - self._start)
        sums = self._until[sizes]
        for index in self._live:
            word = self._word(rows, index).astype(np.uint32)
            rest = sizes - 2 * index
            sums += np.where(rest >= 2, word, np.where(rest == 1, word & 0xFF, 0)).astype(np.uint32)
        return sums


def folded(sums: Sums) -> Sums:
    """The sums with their carries added back, below 2**16."""
    sums = (sums & 0xFFFF) + (sums >> 16)
    return (sums & 0xFFFF) + (sums >> 16)


def _swapped(values: NDArray[np.unsignedinteger]) -> Sums:
    """16-bit numbers as the words of a sum in the other byte order."""
    result: Sums = values.astype(np.uint16).byteswap().astype(np.uint32)
    return result


def written_by(item: Fix, template: bytes) -> list[int]:
    """The offsets of the bytes that a checksum instruction writes."""
    if isinstance(item, FixIPv4):
        return _two(item.pkt_offset + IPV4_CHECKSUM)
    if isinstance(item, FixICMPv6):
        return _two(item.l2_len + item.l3_len + CHECKSUM_OFFSETS["ICMPv6"])
    is_ipv4 = IpHeader(item.l2_len, template).version == 4
    header = _two(item.l2_len + IPV4_CHECKSUM) if is_ipv4 else []
    return [*header, *_two(hardware_header(item, template).checksum)]


def _two(byte: int) -> list[int]:
    return [byte, byte + 1]


class IPv4Checksum:
    """The header checksum, over as many bytes as the header's own length field says."""

    def __init__(self, item: FixIPv4, template: bytes, touched: Collection[int]) -> None:
        self._offset, self._length = item.pkt_offset, len(template)
        stop = self._offset + (template[self._offset] & 15) * 4
        self._varies = self._offset in touched
        self.bytes = written_by(item, template)
        self._sum = WordSum(template, self._offset, stop, touched, cleared=self.bytes[0])
        read = range(self._offset, len(template) if self._varies else stop)
        self.reads = [byte for byte in read if byte not in self.bytes]

    def apply(self, rows: Rows) -> None:
        checksum = field(rows, self.bytes[0], 2, "<")
        if self._varies:
            checksum[:] = 0
        sums = self._varied(rows) if self._varies else self._sum.total(rows)
        np.copyto(checksum, folded(sums) ^ 0xFFFF, casting="unsafe")

    def _varied(self, rows: Rows) -> Sums:
        sizes = (rows[:, self._offset] & 15).astype(np.int64) * 4
        if self._offset + int(sizes.max(initial=0)) > self._length:
            raise RefusedError(
                "the program writes a header length into the IPv4 header that reaches "
                f"past the packet of {self._length} bytes"
            )
        sums = np.zeros(len(rows), np.uint32)
        for size in np.unique(sizes):
            chosen = np.flatnonzero(sizes == size)
            header = np.ascontiguousarray(rows[chosen, self._offset : self._offset + int(size)])
            sums[chosen] = header.view("<u2").sum(axis=1, dtype=np.uint32)
        return sums


class ICMPv6Checksum:
    """The ICMPv6 checksum over pseudo header and payload; an odd last byte is left out."""

    def __init__(self, item: FixICMPv6, template: bytes, touched: Collection[int]) -> None:
        self._l2, self._l4 = item.l2_len, item.l2_len + item.l3_len
        self._room = len(template) - self._l4
        self._varies = bool({self._l2 + 4, self._l2 + 5} & set(touched))
        size = int.from_bytes(template[self._l2 + 4 : self._l2 + 6], "big")
        self._size = size - size % 2
        stop = len(template) if self._varies else self._l4 + self._size
        if stop > len(template):
            raise self._too_long(size)
        self._addresses = WordSum(template, self._l2 + 8, self._l2 + IPV6_BYTES, touched)
        self.bytes = written_by(item, template)
        self._body = WordSum(template, self._l4, stop, touched, cleared=self.bytes[0])
        read = range(self._l2, len(template))
        self.reads = [byte for byte in read if byte not in self.bytes]

    def _too_long(self, size: int) -> RefusedError:
        return RefusedError(
            f"the IPv6 payload length {size} reaches past the packet, "
            f"which has {self._room} bytes from the ICMPv6 header on"
        )

    def apply(self, rows: Rows) -> None:
        sums = self._addresses.total(rows) + field(rows, self._l2 + 4, 2, "<")
        sums += _swapped(rows[:, self._l2 + 6])
        if self._varies:
            sizes = field(rows, self._l2 + 4, 2, ">").astype(np.int64)
            longest = int(sizes.max(initial=0))
            if longest - longest % 2 > self._room:
                raise self._too_long(longest)
            sums += self._body.total_until(rows, self._l4 + (sizes & ~1))
        else:
            sums += self._body.total(rows)
        checksum = field(rows, self.bytes[0], 2, "<")
        np.copyto(checksum, folded(sums) ^ 0xFFFF, casting="unsafe")


class HardwareChecksum:
    """The checksums that a network card computes, in its two phases.

    `apply`, at the instruction's place, clears the IPv4 checksum and leaves the sum of the
    pseudo header in the field of TCP or UDP. `complete`, on the final frame, does what the
    card does then.
    """

    def __init__(self, item: FixHardware, template: bytes, touched: Collection[int]) -> None:
        self._l2 = item.l2_len
        self._ipv4 = template[self._l2] >> 4 == 4
        header = hardware_header(item, template)
        self._l4 = header.offset
        if self._ipv4:
            self._protocol = template[self._l2 + 9]
            addresses = range(self._l2 + 12, self._l2 + 20)
        else:
            self._protocol = TCP_PROTOCOL if header.is_tcp else UDP_PROTOCOL
            addresses = range(self._l2 + 8, self._l2 + IPV6_BYTES)
        self.bytes = written_by(item, template)
        self.reads = range(self._l2, len(template))
        self._field = self.bytes[-2]
        self._addresses = WordSum(template, addresses.start, addresses.stop, touched)
        self._header = WordSum(template, self._l2, self._l4, touched, cleared=self._l2 + 10)
        self._body = WordSum(template, self._l4, len(template), touched)

        steering = {self._l2, self._l2 + 9, *range(self._l2 + 2, self._l2 + 8)}
        self._fixed: Sums | None = None
        if not steering.intersection(touched):
            self._fixed = self._steered(np.frombuffer(template, np.uint8)[None, :])

    @property
    def replaced(self) -> list[int]:
        """The bytes that the card writes whatever stands there: the IPv4 checksum."""
        return self.bytes[:-2]

    @property
    def summed(self) -> list[int]:
        """The bytes that the card replaces by a sum over what stands there, too."""
        return self.bytes[-2:]

    def apply(self, rows: Rows) -> None:
        sums = self._addresses.total(rows)
        sums += self._steered(rows) if self._fixed is None else self._fixed
        if self._ipv4:
            field(rows, self._l2 + 10, 2, "<")[:] = 0
        np.copyto(field(rows, self._field, 2, "<"), folded(sums), casting="unsafe")

    def _steered(self, rows: Rows) -> Sums:
        """What length and protocol add to the sum of the pseudo header."""
        l2 = self._l2
        if self._ipv4:
            header = (rows[:, l2] & 15).astype(np.uint32) * 4
            size = field(rows, l2 + 2, 2, ">").astype(np.uint32) - header
            return _swapped(size) + _swapped(rows[:, l2 + 9])
        return _swapped(field(rows, l2 + 4, 2, ">")) + _swapped(rows[:, l2 + 6])

    def complete(self, rows: Rows, lengths: Ends | None) -> None:
        """Finish the checksums of frames of these lengths (None: none is cut)."""
        if self._ipv4:
            checksum = field(rows, self._l2 + 10, 2, "<")
            reached = None if lengths is None else lengths >= self._l4
            _store(checksum, folded(self._header.total(rows)) ^ 0xFFFF, reached)
        if self._protocol not in (TCP_PROTOCOL, UDP_PROTOCOL):
            return
        if lengths is None:
            reached, sums = None, self._body.total(rows)
        else:
            reached, sums = lengths >= self._field + 2, self._body.total_until(rows, lengths)
        sums = folded(sums) ^ 0xFFFF
        if self._protocol == UDP_PROTOCOL:
            sums[sums == 0] = 0xFFFF
        _store(field(rows, self._field, 2, "<"), sums, reached)


Checksum: TypeAlias = IPv4Checksum | ICMPv6Checksum | HardwareChecksum


def _store(
    target: NDArray[np.unsignedinteger], sums: Sums, where: NDArray[np.bool_] | None
) -> None:
    np.copyto(target, sums, casting="unsafe", where=True if where is None else where)

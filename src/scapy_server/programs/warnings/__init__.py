"""What compiles, but may not do what was meant.

Each check looks at a `Scene`, the compiled program over its packet, and yields warnings;
`CHECKS` lists them, `CODES` says what each code means (the documentation is made from it).
Codes are stable; messages are for people. `requests` calls it with what has compiled; nothing
here fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.programs.compiled import Compiled
from scapy_server.programs.warnings import checksums, lengths, variables, writes
from scapy_server.programs.warnings.scene import ProgramWarning, Scene

__all__ = ["CODES", "ProgramWarning", "find_warnings"]

#: What each code means.
CODES: Mapping[str, str] = {
    "ipv4_checksum": "bytes of an IPv4 header are written and its checksum is not fixed after",
    "l4_checksum": "bytes that a TCP, UDP or ICMPv6 checksum covers are written or cut and the "
    "checksum is not fixed after",
    "pseudo_header_checksum": "addresses that a TCP, UDP or ICMPv6 checksum covers are written "
    "and the checksum is not fixed after",
    "icmp_checksum": "bytes of an ICMP message are written; no instruction fixes its checksum",
    "not_ipv4": "an IPv4 checksum is fixed where there is no IPv4 header",
    "other_transport": "a network card is told of TCP where the packet has UDP, or the reverse",
    "transport_elsewhere": "a checksum over IPv6 is fixed where no message begins",
    "unused_variable": "a variable is never written, and moves no other",
    "overlapping_writes": "two writes change the same bits",
    "write_before_tuple": "a write comes before its tuple and lags one packet behind",
    "step_does_not_divide": "the step does not divide the range, which the engine extends",
    "range_overflow": "the extended range is beyond the variable's size; the sequence is irregular",
    "constant_variable": "the step is as large as the range: the variable keeps its value",
    "list_entries_skipped": "the step leaves out entries of the value list for ever",
    "untouched_range": "minimum and maximum are both 0, as forms are filled in at first",
    "random_gaps": "the engine's random numbers do not reach all values of the range",
    "tuple_overflow": "an unlimited tuple up to 255.255.255.255 loses its range in the engine",
    "wider_than_field": "a variable has values that do not fit the field or the mask",
    "only_zeros": "the shift moves all of a variable's bits out of the mask",
    "beyond_field": "a write goes on beyond the field that it names",
    "narrower_than_field": "a variable is shorter than the field, and not written to its end",
    "mask_cut": "a mask has bits beyond the bytes that are changed",
    "upper_half": "a big-endian mask write of an 8-byte variable takes its upper 4 bytes",
    "cast_size_ignored": "a little-endian mask write changes as many bytes as the variable has",
    "in_padding": "a write lies in the zeros that the engine appends to a short packet",
    "length_field": "a trim makes a length field wrong",
    "trim_clamped": "the engine narrows the range of a trim to the lengths that can be sent",
    "cache_too_short": "the cache makes the stream repeat before the variables do",
    "cache_too_large": "the engine takes a cache of this size on one core only",
}

CHECKS: tuple[Callable[[Scene], Iterator[ProgramWarning]], ...] = (
    variables.check_flow_variables,
    variables.check_random,
    variables.check_unlimited_tuples,
    variables.check_unused,
    variables.check_tuple_order,
    writes.check_widths,
    writes.check_overlaps,
    writes.check_padding,
    checksums.check_ipv4,
    checksums.check_transports,
    checksums.check_icmp,
    checksums.check_not_ipv4,
    checksums.check_transport_types,
    checksums.check_ipv6_offsets,
    lengths.check_trims,
    lengths.check_cache,
)


def find_warnings(compiled: Compiled, packet: BuiltPacket) -> list[ProgramWarning]:
    """All warnings by the number of their instruction, those of the whole program last."""
    scene = Scene(compiled, packet)
    found = [item for check in CHECKS for item in check(scene)]
    return sorted(found, key=lambda item: (item.instruction is None, item.instruction or 0))

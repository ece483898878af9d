"""Which fields of a frame are lengths and checksums that are computed again.

All of these that Scapy computes where no value is given (other fields without a default, as
identifications, are drawn or zero), except what cannot be right from this frame alone: what
lies behind a fragment's first header, within the packet that an ICMP error quotes, and what the
innermost transport carries: a message need not end where a TCP segment does, and not every
application counts as Scapy does. A field behind its layer's
payload keeps its bytes too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from scapy import fields as sf
from scapy.layers.inet import IP, TCP, IPerror
from scapy.layers.inet6 import IPerror6, IPv6, IPv6ExtHdrFragment, _IPv6ExtHdr
from scapy.packet import Packet

from scapy_server.packet.frames.tracer import TracedLayer
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.tree.field_tree import shown_id

#: What lengths, counts and checksums are called that have no class of their own.
_NAMES = re.compile(r"len|ihl|ofs|count|size|sum|crc|fcs", re.IGNORECASE)
_COUNTING = (sf.LenField, sf.FieldLenField, sf.BitFieldLenField, sf.FCSField)
_UNDEFINED = {"vtype": "UNDEFINED"}


def recomputing(
    chain: Sequence[TracedLayer],
    registry: Registry,
    kept: Collection[tuple[int, str]] = (),
) -> list[dict[str, Any]]:
    """The changes, as `reconstruct_pkt` takes them, that compute a dissected frame's fields.

    `kept` are fields, by depth and id, that keep what they hold. No changes are [].
    """
    model = [
        {"id": shown_id(traced.packet, registry), "fields": list(fields)}
        for traced, fields in _reset(chain, registry, kept)
    ]
    while model and not model[-1]["fields"]:
        model.pop()
    return model


def _reset(
    chain: Sequence[TracedLayer], registry: Registry, kept: Collection[tuple[int, str]]
) -> Iterator[tuple[TracedLayer, list[dict[str, Any]]]]:
    for depth, traced in enumerate(chain[: _network_end(chain)]):
        if isinstance(traced.packet, IPerror | IPerror6):
            return
        names = (name for name in _computed(traced, registry) if (depth, name) not in kept)
        yield traced, [{"id": name, "value": _UNDEFINED} for name in names]
        if _ends_here(traced.packet):
            return


def _network_end(chain: Sequence[TracedLayer]) -> int:
    """How many layers there are up to the transport of the last IP header; all without one."""
    depths = [k for k, traced in enumerate(chain) if isinstance(traced.packet, IP | IPv6)]
    if not depths:
        return len(chain)
    above = depths[-1] + 1
    while above < len(chain) and isinstance(chain[above].packet, _IPv6ExtHdr):
        above += 1
    return above + 1


def _computed(traced: TracedLayer, registry: Registry) -> Iterator[str]:
    facts = registry.of_class(type(traced.packet))
    room = 8 * (traced.header_end - traced.offset)
    for field, place in zip(facts.fields, traced.places, strict=False):
        there = place.present and place.known and place.bit_length > 0
        if field.computed and there and place.end <= room and _is_counted(field):
            yield field.id


def _is_counted(field: FieldFacts) -> bool:
    return isinstance(field.inner, _COUNTING) or bool(_NAMES.search(field.id))


def _ends_here(packet: Packet) -> bool:
    """Whether what the layer carries is not all there, or not by itself."""
    if isinstance(packet, IP):
        return bool(packet.frag or packet.flags.MF)
    if isinstance(packet, IPv6ExtHdrFragment):
        return bool(packet.offset or packet.m)
    return isinstance(packet, TCP)

"""One line on a dissected packet: from where to where, what it is, and what it says.

The line is made of texts and of mentions of fields, so that a plan can make it again for
another packet of the same structure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scapy.fields import FlagValue
from scapy.layers.inet import ICMP
from scapy.layers.inet6 import _ICMPv6
from scapy.packet import Packet, Padding, Raw

from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.tree.display import show

#: Pairs of fields that say from where to where, in the order in which they are looked for.
_ENDS = (("src", "dst"), ("psrc", "pdst"), ("addr2", "addr1"), ("src_addr", "dest_addr"))
_PORTS = ("sport", "dport")
#: Fields that say what kind of message a layer is.
_KINDS = ("op", "flags", "type", "code")
#: Below these a packet quotes another one, whose addresses are not its own.
_QUOTING = (ICMP, _ICMPv6)
_LONGEST_TEXT = 200


class Mention(NamedTuple):
    """A field whose hvalue stands in the line: the layer's number and the field's name."""

    layer: int
    field: str


class Sentence(NamedTuple):
    """What Scapy says of a layer, which may depend on all of it."""

    text: str


Part = str | Mention | Sentence


def info_parts(chain: Sequence[Packet]) -> list[Part]:
    """What the line of a packet is made of; its addresses come first."""
    own = _without_quotes(chain)
    top = _top(own)
    parts = [*_between(own, _ENDS)]
    parts += [" " if parts else "", str(type(own[top]).__name__)]
    ports = [*_between(own, (_PORTS,))]
    if ports:
        parts += [" ", *ports]
    return parts + _said(own[top], top)


def line(parts: Sequence[Part], chain: Sequence[Packet], registry: Registry) -> str:
    """The line as text."""
    return "".join(_text(part, chain, registry) for part in parts)


def _text(part: Part, chain: Sequence[Packet], registry: Registry) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Sentence):
        return part.text
    packet = chain[part.layer]
    field = registry.of_class(type(packet)).by_id[part.field].for_packet(packet)
    return show(packet, field, packet.getfieldval(part.field), registry)[1]


def _without_quotes(chain: Sequence[Packet]) -> Sequence[Packet]:
    for number, packet in enumerate(chain):
        if isinstance(packet, _QUOTING):
            return chain[: number + 1]
    return chain


def _top(chain: Sequence[Packet]) -> int:
    """The number of the last layer that is not just bytes, 0 if there is none."""
    numbers = range(len(chain) - 1, 0, -1)
    return next((n for n in numbers if not isinstance(chain[n], Raw | Padding)), 0)


def _between(chain: Sequence[Packet], pairs: Sequence[tuple[str, str]]) -> Iterator[Part]:
    """Two fields with an arrow between them, of the last layer that has such a pair."""
    for number in reversed(range(len(chain))):
        values = chain[number].fields
        for source, destination in pairs:
            if source in values and destination in values:
                yield from (Mention(number, source), " → ", Mention(number, destination))
                return


def _said(packet: Packet, number: int) -> list[Part]:
    """What a layer says of itself: Scapy's sentence, or the kind of message it is.

    The sentences of layers with addresses or ports only say these once more.
    """
    values = packet.fields
    named = [name for name in _KINDS if isinstance(values.get(name), int | FlagValue)][:2]
    if named or any(source in values for source, _ in (*_ENDS, _PORTS)):
        return [part for name in named for part in (" ", Mention(number, name))]
    sentence = _sentence(packet)
    return [" ", Sentence(sentence)] if sentence else []


def _sentence(packet: Packet) -> str:
    if type(packet).mysummary is Packet.mysummary or isinstance(packet, Raw):
        return ""
    try:
        said = packet.mysummary()
    except Exception:
        return ""  # made for packets that were built, not for what came off a wire
    text = str(said[0] if isinstance(said, tuple) else said)
    return text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + "…"

"""What a field may be compared with: the texts that it never reads as."""

from __future__ import annotations

from scapy_server.errors import RefusedError
from scapy_server.numbers import whole_number
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.field_kinds import Kind
from scapy_server.packet.values.field_values import address_of, number_of

_ADDRESSES = (Kind.IPV4, Kind.IPV6, Kind.MAC)


def check_comparable(field: FieldFacts, text: str) -> None:
    """Raise RefusedError, with what would be right, for a text that is no value of the field.

    Fields whose type or names depend on their packet, and those that are shown in a way of
    their own, may be compared with anything. Case does not matter, as it does not where a
    filter compares.
    """
    if field.holds_packet_type or field.is_named_by_packet:
        return
    if field.kind in _ADDRESSES:
        address_of(field, text)
    elif field.number_form is not None and not _reads_so(field, text):
        number_of(field, text)


def _reads_so(field: FieldFacts, text: str) -> bool:
    """Whether it is a number, in range or not, or the name of one in whatever case."""
    if whole_number(text) is not None:
        return True
    try:
        float(text)
    except ValueError:
        pass
    else:
        return True
    if field.kind is Kind.FLAGS:
        return not text or _is_number_of(field, text.upper()) or _is_number_of(field, text.lower())
    return text.casefold() in {name.casefold() for name in field.enum.values()}


def _is_number_of(field: FieldFacts, text: str) -> bool:
    try:
        number_of(field, text)
    except RefusedError:
        return False
    return True

"""Lists of domain names, read in one go from the first byte to the last.

Scapy takes each label off the front of a text of all that follows, and copies that each time: a
list of 65,000 bytes was copied for each of these. What is read is the same. Lists in router
advertisements are padded with zeros.

Source: RFC 1035, section 3.1; RFC 8106, section 5.2.
"""

from __future__ import annotations

from scapy.compat import plain_str
from scapy.layers.inet6 import DomainNameListField
from scapy.packet import Packet


def install() -> None:
    """Put it in the place of Scapy's, for all fields of such names."""
    DomainNameListField.m2i = _names  # type: ignore[method-assign]


def _names(field: DomainNameListField, _: Packet | None, data: bytes) -> list[str]:
    """The names, each with a dot behind it; between zeros none if the field is padded."""
    text = plain_str(data)
    names, at, end = [], 0, len(text)
    while at < end:
        labels = []
        while at < end and (size := ord(text[at])):
            labels.append(text[at + 1 : at + 1 + size])
            at += 1 + size
        at += 1  # the zero behind it
        if labels or not field.padded:
            names.append(".".join(labels) + ".")
    return names

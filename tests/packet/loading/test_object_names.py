"""Object identifiers are called what Scapy calls them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scapy.asn1.asn1 import ASN1_OID
from scapy.config import conf

pytestmark = pytest.mark.usefixtures("registry")


def _as_scapy_finds(identifier: str) -> tuple[str, str, str]:
    """What Scapy's own loop gives, which looks at all that is known."""
    text = identifier[1:] if identifier.startswith(".") else identifier
    if not text.endswith("."):
        text += "."
    longest, name, number = 0, ".", ""
    for known in conf.mib:
        if text.startswith(known + ".") and longest < len(known):
            longest, name, number = len(known), conf.mib[known], known
    return name, number, text[longest:-1]


_KNOWN = st.deferred(lambda: st.sampled_from(list(conf.mib)))
_ANY = st.text("0123456789.", max_size=40)


@given(st.one_of(_ANY, _KNOWN, st.builds(str.__add__, _KNOWN, _ANY)))
@example("")
@example(".")
@example("..")
@example("1." * 2000)
def test_what_an_identifier_begins_with_is_what_scapy_finds(identifier: str) -> None:
    assert conf.mib._findroot(identifier) == _as_scapy_finds(identifier)


def test_every_known_identifier_has_its_name() -> None:
    assert [conf.mib._oidname(each) for each in conf.mib] == [conf.mib[each] for each in conf.mib]


def test_a_common_name_is_called_so() -> None:
    """RFC 5280, appendix A.1."""
    assert ASN1_OID("2.5.4.3").oidname == "commonName"

"""Classes of ASN.1 have made a packet once all is loaded; no other class needs to have."""

from __future__ import annotations

from typing import Any

import pytest
from scapy.asn1fields import ASN1F_SEQUENCE
from scapy.asn1packet import ASN1_Packet
from scapy.layers.x509 import X509_Cert
from scapy.packet import Packet

from scapy_server.packet.loading import first_packets

pytestmark = pytest.mark.usefixtures("registry")


def test_the_parts_of_certificates_are_ready() -> None:
    ready = {*Packet.class_default_fields, *Packet.class_dont_cache}
    assert X509_Cert in ready
    parts = [cls for cls in ASN1_Packet.__subclasses__() if cls.__module__ == X509_Cert.__module__]
    assert len(parts) > 40
    assert ready.issuperset(parts)


def test_a_class_that_makes_none_is_passed_over() -> None:
    asked: list[type[Packet]] = []

    class _Fails(ASN1_Packet):
        ASN1_root = ASN1F_SEQUENCE()

        def __init__(self, *given: Any, **named: Any) -> None:
            asked.append(_Fails)
            raise ValueError

    class _Plain(Packet):
        def __init__(self, *given: Any, **named: Any) -> None:
            asked.append(_Plain)

    class _Made(ASN1_Packet):
        ASN1_root = ASN1F_SEQUENCE()

        def __init__(self, *given: Any, **named: Any) -> None:
            asked.append(_Made)

    first_packets.make([_Fails, _Plain, _Made])
    assert set(asked) == {_Fails, _Made}

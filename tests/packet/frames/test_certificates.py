"""Certificates are read once, and counted each time."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from scapy.layers.tls import cert

from scapy_server import limits
from scapy_server.packet.frames import certificates
from scapy_server.packet.frames.budget import Budget, OverBudget

pytestmark = pytest.mark.usefixtures("registry")

KEY = Ed25519PrivateKey.generate()
NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example")])
DAY = datetime.datetime(2026, 1, 1)


def certificate(number: int) -> bytes:
    builder = x509.CertificateBuilder(NAME, NAME, KEY.public_key(), number, DAY, DAY)
    return builder.sign(KEY, None).public_bytes(Encoding.DER)


def read(data: bytes) -> Any:
    make: Any = cert.Cert
    return make(data)


def fields_read(data: bytes) -> int:
    budget = Budget()
    with budget:
        read(data)
    return budget.read[1]


def test_equal_bytes_are_read_once_and_counted_each_time() -> None:
    data = certificate(1)
    first = fields_read(data)
    assert first > 50
    assert read(data) is read(bytes(bytearray(data)))
    assert read(data).serial == 1
    assert fields_read(data) == first


def test_what_was_read_while_nothing_was_counted_is_counted_too() -> None:
    data = certificate(2)
    read(data)
    assert fields_read(data) == fields_read(certificate(3))
    short = Budget()
    short.read_fields(limits.READ_FIELDS - 1)
    with short, pytest.raises(OverBudget):
        read(data)


def test_those_read_last_are_remembered() -> None:
    first, second = certificate(4), certificate(5)
    kept, gone = read(first), read(second)
    for number in range(limits.REMEMBERED_CERTIFICATES - 1):
        assert read(first) is kept
        read(certificate(100 + number))
    assert read(first) is kept
    assert read(second) is not gone


def test_what_is_no_certificate_is_refused_as_ever() -> None:
    for _ in range(2):
        with pytest.raises(Exception, match="Unable to import"):
            read(b"\x30\x03\x02\x01\x00")


def test_nothing_is_remembered_twice() -> None:
    before = type(cert.Cert).__call__
    certificates.install()
    assert type(cert.Cert).__call__ is before

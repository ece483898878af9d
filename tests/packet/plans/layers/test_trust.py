"""Which methods are believed to say the same of a stand-in as of a layer."""

from __future__ import annotations

from typing import Any

import pytest
from scapy.contrib.ikev2 import IKEv2_Nonce
from scapy.layers.dhcp import BOOTP
from scapy.layers.http import HTTP
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.packet import Packet, Raw

from scapy_server.packet.plans.layers.trust import tells_what_follows

pytestmark = pytest.mark.usefixtures("registry")


class _Plain(Packet):
    def extract_padding(self, s: bytes) -> tuple[bytes, bytes]:
        size = max(0, self.length - 4)
        return s[:size], s[size:]


class _Derived(_Plain):
    pass


class _LooksAtItsBytes(Packet):
    def extract_padding(self, s: bytes) -> tuple[bytes, bytes]:
        return s[: len(self.original)], b""


class _Remembers(Packet):
    def guess_payload_class(self, payload: bytes) -> type[Packet]:
        self.fields["seen"] = payload
        return Raw


class _Changes(Packet):
    def guess_payload_class(self, payload: bytes) -> type[Packet]:
        self.fields.update(seen=payload)
        return Raw


def _kept() -> Any:
    seen: list[bytes] = []

    def guess(self: Packet, payload: bytes) -> type[Packet]:
        seen.append(payload)
        return Raw

    return guess


class _Closes(Packet):
    guess_payload_class = _kept()


class _ReadsItself(Packet):
    def do_dissect(self, s: bytes) -> bytes:
        return s


@pytest.mark.parametrize("cls", [_Plain, _Derived, Raw, IP, TCP, UDP, IPv6, IKEv2_Nonce])
def test_methods_that_speak_of_fields_are_believed(cls: type[Packet]) -> None:
    assert tells_what_follows(cls)


@pytest.mark.parametrize(
    "cls", [_LooksAtItsBytes, _Remembers, _Changes, _Closes, _ReadsItself, BOOTP, HTTP]
)
def test_others_are_not(cls: type[Packet]) -> None:
    assert not tells_what_follows(cls)

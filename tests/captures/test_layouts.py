from __future__ import annotations

import pytest

from scapy_server.captures import layouts
from tests.captures.files import BIG, LITTLE, classic


@pytest.mark.parametrize(
    ("length", "padded"), [(0, 0), (1, 4), (3, 4), (4, 4), (5, 8), (65535, 65536)]
)
def test_padded(length: int, padded: int) -> None:
    assert layouts.padded(length) == padded


def test_every_magic_in_both_orders() -> None:
    assert len(layouts.PCAP_FORMS) == 10
    for magic, form in layouts.PCAP_FORMS.items():
        assert layouts.PCAP_FORMS[magic[::-1]].order != form.order


@pytest.mark.parametrize(("nano", "magic"), [(False, 0xA1B2C3D4), (True, 0xA1B23C4D)])
def test_file_header(nano: bool, magic: int) -> None:
    assert layouts.pcap_file_header(nano, 96, 101) == classic(magic=magic, snaplen=96, link=101)


def test_blocks() -> None:
    assert layouts.section_block() == LITTLE.section()
    assert layouts.block(5, b"abcde", ">") == BIG.block(5, b"abcde")
    unit = LITTLE.options((9, b"\x06"))
    assert layouts.interface_block(1, 96, nano=False) == LITTLE.interface(1, 96, unit)
    named = LITTLE.options((2, b"eth0"), (9, b"\x09"))
    assert layouts.interface_block(113, 0, True, "eth0") == LITTLE.interface(113, 0, named)

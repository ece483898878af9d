from __future__ import annotations

from scapy_server.engine.bits import field_span, placed, span, taken


def shown(bits: int, width: int = 60) -> dict[int, int]:
    """Each byte that has bits set, with these bits."""
    return {index: byte for index, byte in enumerate(bits.to_bytes(width, "big")) if byte}


def test_bit_sets() -> None:
    assert shown(span(2, 4, 60)) == {2: 255, 3: 255}
    assert shown(span(58, 99, 60)) == {58: 255, 59: 255}
    assert shown(span(60, 99, 60)) == {}
    assert shown(field_span(8 * 7 + 3, 13, 60)) == {7: 0x1F, 8: 0xFF}
    assert shown(placed(0x0102, 2, 9, 60)) == {9: 1, 10: 2}
    assert shown(placed(0x0102, 2, 9, 60, is_big=False)) == {9: 2, 10: 1}


def test_what_is_placed_is_taken_again() -> None:
    for is_big in (True, False):
        assert taken(placed(0x0102, 2, 9, 60, is_big) | 1, 2, 9, 60, is_big) == 0x0102

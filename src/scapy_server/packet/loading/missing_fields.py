"""Fields that Scapy's classes pass over, though they say that these are there.

Which they are, and why, is in `choices.PASSED_OVER`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from scapy import fields as sf
from scapy.packet import Packet


def transmitting() -> Sequence[Any]:
    """Bits 8 to 10 of radiotap's presence mask: how a frame was sent; words are aligned."""
    return [
        _present(sf.ReversePadField(sf.LEShortField("TX_Attenuation", 0), 2)),
        _present(sf.ReversePadField(sf.LEShortField("dB_TX_Attenuation", 0), 2)),
        _present(sf.SignedByteField("dBm_TX_Power", 0)),
    ]


def in_decibels() -> Sequence[Any]:
    """Bits 12 and 13: signal and noise from an arbitrary, fixed reference."""
    return [
        _present(sf.ByteField("dB_AntSignal", 0)),
        _present(sf.ByteField("dB_AntNoise", 0)),
    ]


def _present(field: Any) -> Any:
    return sf.ConditionalField(field, _is_present(field.name))


def _is_present(name: str) -> Callable[[Packet], bool]:
    def condition(packet: Packet) -> bool:
        present: Any = packet.getfieldval("present")
        return bool(present and getattr(present, name))

    return condition

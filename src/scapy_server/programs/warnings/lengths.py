"""Lengths of packets and of the stream that are not those that were meant."""

from __future__ import annotations

from collections.abc import Iterator

from scapy_server.engine.bits import field_span
from scapy_server.engine.bounds import MULTI_CORE_CACHE_PACKETS, PADDED_FRAME_BYTES
from scapy_server.engine.variation import Variation
from scapy_server.engine.vm import Trim
from scapy_server.programs import headers
from scapy_server.programs.places import layer_names
from scapy_server.programs.warnings.scene import ProgramWarning, Scene, warning

_LENGTH_FIELDS = {"IP": "len", "IPv6": "plen", "UDP": "len"}


def check_trims(scene: Scene) -> Iterator[ProgramWarning]:
    """A trim leaves length fields as they are, or asks for lengths that are not sent."""
    for step, item in scene.items:
        if not isinstance(item, Trim):
            continue
        stale = []
        for name, layer in layer_names(scene.packet):
            length = _LENGTH_FIELDS.get(layer.id)
            place = headers.field_bits(layer, length) if length else None
            if place and scene.last_write(field_span(*place, scene.width)) is None:
                stale.append(f"{name}.{length}")
        if stale:
            yield warning(
                step,
                "length_field",
                f"{', '.join(stale)} still {'say' if len(stale) > 1 else 'says'} the whole length; "
                "write the trim's variable there with a negative add_val",
            )
        variable = scene.compiled.vm.flow_var(item.name)
        if variable is not None and variable.value_list is None:
            lowest, highest = variable.padded_range
            if lowest < PADDED_FRAME_BYTES or highest > scene.width:
                yield warning(
                    step,
                    "trim_clamped",
                    f"{variable.name} goes from {lowest} to {highest}, and the engine sends "
                    f"lengths from {PADDED_FRAME_BYTES} to {scene.width}",
                )


def check_cache(scene: Scene) -> Iterator[ProgramWarning]:
    """A cache that is shorter than what it should repeat, or too large for many cores."""
    cache = scene.compiled.vm.cache
    if not cache:
        return
    cycle = Variation.of(scene.compiled.vm, scene.packet.frame).cycle(cache=False)
    period = None if cycle.drawn else cycle.period
    if period is None or cache < period:
        otherwise = (
            "they would not without it"
            if period is None
            else f"without it they would after {period}"
        )
        yield ProgramWarning(
            None,
            "cache_too_short",
            f"with a cache of {cache} the packets repeat after {cache}; {otherwise}",
        )
    if cache > MULTI_CORE_CACHE_PACKETS:
        yield ProgramWarning(
            None,
            "cache_too_large",
            f"streams that several cores send may have a cache of {MULTI_CORE_CACHE_PACKETS} "
            f"packets at most, not {cache}",
        )

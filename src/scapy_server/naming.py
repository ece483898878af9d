"""How the layers of a packet are called, the equal ones too.

The first layer of a kind goes by its id, the next ones by their number from 1 as well:
`IP`, `IP:1`, `IP:2`. Readers take `IP:0` for the first one, as clients write it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from scapy_server.numbers import ordinal


def layer_names(ids: Iterable[str]) -> list[str]:
    """What each of these layers is called among the others."""
    seen: Counter[str] = Counter()
    names = []
    for layer_id in ids:
        number = seen[layer_id]
        names.append(f"{layer_id}:{number}" if number else layer_id)
        seen[layer_id] += 1
    return names


def split_name(name: str) -> tuple[str, int]:
    """The id and the number, from 0, in the name of a layer.

    Raises ValueError if something else than a number stands behind the last colon.
    """
    layer_id, colon, text = name.rpartition(":")
    if not colon:
        return name, 0
    number = ordinal(text)
    if number is None:
        raise ValueError(name)
    return layer_id, number


def layer_place(index: int, layer_id: object) -> str:
    """How error messages name a layer of a model."""
    return f"layer {index} ({layer_id})" if isinstance(layer_id, str) else f"layer {index}"

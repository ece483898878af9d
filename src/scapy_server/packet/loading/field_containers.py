"""Fields that stand for another one, which cannot be told of every packet.

Scapy asks the other field for whatever such a field has not. Where a packet's values say nothing of
which field that is, to ask fails, and Scapy then asks the other field which field that is, and so
on until Python gives up: that takes a tenth of a second, and a message may hold hundreds of those.
"""

from __future__ import annotations

from typing import Any

from scapy.fields import _FieldContainer

#: Where such a field has the other one.
_OTHER = "fld"


def install() -> None:
    """Let it fail at once."""
    _FieldContainer.__getattr__ = _of_the_other  # type: ignore[method-assign]


def _of_the_other(container: Any, name: str) -> Any:
    if name == _OTHER:
        raise AttributeError(name)
    return getattr(container.fld, name)

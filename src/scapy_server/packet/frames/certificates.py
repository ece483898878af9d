"""Certificates that were read lately, by their bytes.

To read one takes as long as twenty packets, and one that is shown is read again from the text that
shows it. What it takes is counted as if it were read each time, so that equal frames get equal
answers.

Source: docs/limits.md, "Limits".
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from scapy_server import limits
from scapy_server.packet.frames.budget import Budget, being_read

_MARK = "_remembers_certificates"
#: To make an empty certificate, which is done before one is read, takes as long as to read so
#: many fields.
_MADE = 64


class _Read(NamedTuple):
    """A certificate, and how many fields were read for it."""

    certificate: Any
    fields: int


def install() -> None:
    """Let Scapy remember certificates; harmless when called again."""
    module = sys.modules.get("scapy.layers.tls.cert")
    if module is None or hasattr(module, _MARK):
        return
    maker: Any = type(module.Cert)
    maker.__call__ = _remembering(maker.__call__)
    setattr(module, _MARK, True)


def _remembering(make: Callable[..., Any]) -> Callable[..., Any]:
    known: OrderedDict[bytes, _Read] = OrderedDict()

    @wraps(make)
    def made(cls: type, given: Any = None, *others: Any, **named: Any) -> Any:
        if not isinstance(given, bytes) or others or named:
            return make(cls, given, *others, **named)
        data = bytes(given)
        if (reading := being_read()) is not None:
            reading.read_plain(0, _MADE)
        read = known.pop(data, None)
        if read is None:
            read = _counted(lambda: make(cls, data))
        elif reading is not None:
            reading.read_plain(read.fields)
        known[data] = read
        if len(known) > limits.REMEMBERED_CERTIFICATES:
            known.popitem(last=False)
        return read.certificate

    return made


def _counted(make: Callable[[], Any]) -> _Read:
    budget = being_read()
    if budget is None:
        budget = Budget()
        budget.close()
    with budget:
        _, before = budget.read
        certificate = make()
        return _Read(certificate, budget.read[1] - before)

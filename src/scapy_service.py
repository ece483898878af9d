"""The service without the wire: every RPC method, called in this process.

    from scapy_service import Scapy_service
    packet = Scapy_service().build_pkt([{"id": "Ether"}, {"id": "IP"}])

Source: RPC document, "Usage of Scapy RPC Server".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from scapy_server.errors import ScapyServerError
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.table import METHODS, dispatcher

__all__ = ["ScapyServerError", "Scapy_service"]


class Scapy_service:
    """The methods by name, with the parameters of the wire by position or by name.

    Results are the JSON values that a reply would hold. Failures raise ScapyServerError.
    """

    def __init__(self) -> None:
        self._dispatcher = dispatcher(Core.load())

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if any(method.name == name for method in METHODS):
            return partial(self._call, name)
        raise AttributeError(f"there is no method {name!r}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(method.name for method in METHODS)]

    def _call(self, method: str, /, *params: Any, **named: Any) -> Any:
        if params and named:
            raise TypeError("parameters go by position or by name, not both")
        result = self._dispatcher.call(method, named or list(params))
        return msgspec.json.decode(msgspec.json.encode(result))

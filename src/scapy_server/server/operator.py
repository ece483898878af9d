"""What an operator asks the front itself: how it is, and to end."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from scapy_server.errors import RefusedError
from scapy_server.rpc import Dispatcher
from scapy_server.schema.status import ServerStatus
from scapy_server.server import status
from scapy_server.server.stats import Stats
from scapy_server.services.packets.dialects import VersionHandler
from scapy_server.services.packets.methods import about
from scapy_server.transport.router import Router
from scapy_server.workers.pool import Pool


@dataclass(frozen=True)
class Operator:
    """What the front's own methods work with."""

    pool: Pool
    router: Router
    stats: Stats
    remote_shutdown: bool
    fronts: status.Fronts

    def report(self) -> ServerStatus:
        """The result of `server_status`."""
        return status.report(self.pool, self.router, self.stats, self.fronts, time.monotonic())

    def shut_down(self) -> str:
        """A last word, unless the operator has forbidden that clients have it."""
        if not self.remote_shutdown:
            raise RefusedError(
                "shut_down is not allowed here: the server was started with --no-remote-shutdown"
            )
        return "Server is shutting down"


def own_methods(operator: Operator) -> Dispatcher:
    """The methods that the front answers."""
    methods = (
        replace(about.SERVER_STATUS, function=Operator.report),
        replace(about.SHUT_DOWN, function=Operator.shut_down),
    )
    versioned = frozenset(method.name for method in methods if method.versioned)
    return Dispatcher(methods, operator, (VersionHandler(about.VERSION_HANDLER, versioned),))

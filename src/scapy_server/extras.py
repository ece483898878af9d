"""Parts that only some people need, and the packages that they bring.

Each is an extra of the distribution (`pyproject.toml`, checked by a test), named like the
part. What cannot be imported without one stands inside `needed`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from scapy_server.errors import RefusedError

#: Extra → the module that it installs.
EXTRAS: Mapping[str, str] = {
    "console": "prompt_toolkit",
    "metrics": "prometheus_client",
    "plot": "matplotlib",
    "web": "nicegui",
    "cluster": "distributed",
    "trex": "lbr_trex_client",
}


@contextmanager
def needed(extra: str, what: str) -> Iterator[None]:
    """Import inside what `what` needs; RefusedError with what to install if it is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        module = EXTRAS[extra]
        if error.name is None or error.name.partition(".")[0] != module:
            raise
        raise RefusedError(
            f"{what} needs {module}; install it with: pip install 'scapy-server[{extra}]'"
        ) from None

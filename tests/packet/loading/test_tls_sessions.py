"""Copies of the state of a TLS connection against one that Scapy makes."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from scapy.layers.tls.session import tlsSession

from tests.packet.isolated import environment

pytestmark = pytest.mark.usefixtures("registry")

_SESSION: Any = tlsSession
_OF_SCAPY = """
from tests.packet.loading.test_tls_sessions import _SESSION, state
print(state(_SESSION()))
"""


def state(value: Any) -> str:
    """All that a value is, whatever its place in memory."""
    if isinstance(value, type) or callable(value):
        return str(value.__qualname__)
    held = vars(value) if hasattr(value, "__dict__") else {}
    named = ", ".join(f"{name}={state(each)}" for name, each in sorted(held.items()))
    if isinstance(value, dict):
        named = ", ".join(f"{state(name)}: {state(each)}" for name, each in value.items())
    elif isinstance(value, list):
        named += f"; {', '.join(map(state, value))}"
    elif not held:
        named = repr(value) if type(value).__module__ == "builtins" else ""
    return f"{type(value).__name__}({named})"


def test_a_copy_is_what_scapy_makes() -> None:
    made = subprocess.run(
        [sys.executable, "-c", _OF_SCAPY],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert made.stdout.strip() == state(_SESSION())


def test_copies_share_nothing_that_changes() -> None:
    before = state(_SESSION())
    session = _SESSION()
    session.connection_end = "client"
    session.rcs.seq_num, session.wcs.hmac.key, session.rcs.cipher.key = 7, b"key", b"other"
    session.rcs.cipher.ready["iv"] = True
    session.handshake_messages.append(b"hello")
    session.tls13_client_pubshares[29] = object()
    assert state(_SESSION()) == before != state(session)


def test_what_is_given_is_kept() -> None:
    session = _SESSION(sport=443, connection_end="client")
    assert (session.sport, session.rcs.connection_end, session.ipsrc) == (443, "client", None)

from __future__ import annotations

import pytest

from scapy_server.services.ports.requests.refusals import (
    BadParameters,
    BadRequest,
    NoResults,
    NotExecuted,
    Refusal,
    UnknownMethod,
)

#: As docs/ports.md lists them, and as TRex's clients tell them apart.
REFUSALS = [
    (BadRequest("Missing Method Name"), -32600, "Missing Method Name", ""),
    (UnknownMethod("x"), -32601, "Method x not registered", ""),
    (BadParameters("why"), -32602, "Bad parameters for method", "why"),
    (NotExecuted("why"), -32000, "Failed To Execute Method", "why"),
    (NoResults("why"), -32003, "No results for request", "why"),
]


@pytest.mark.parametrize(("refusal", "code", "title", "text"), REFUSALS)
def test_what_a_client_is_told(refusal: Refusal, code: int, title: str, text: str) -> None:
    assert (refusal.code, refusal.title, refusal.text) == (code, title, text)


def test_every_kind_is_here() -> None:
    assert {type(refusal) for refusal, *_ in REFUSALS} == set(Refusal.__subclasses__())

"""Exceptions of Scapy that are the fault of what it was given.

Fields of Scapy raise whatever comes to them on values that they were never meant for: when
a packet is built, shown, or merely compared. Where the exception comes out of Scapy's own
code, or of what that called, the packet is refused; one of our code is a bug.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from scapy_server.errors import RefusedError, ScapyServerError, UnknownError
from scapy_server.rpc import bugs

_LIBRARY = "scapy"


def refused_by_scapy(error: Exception) -> RefusedError | None:
    """The refusal that an exception amounts to, None if it is a bug of ours."""
    module = _raised_in(error.__traceback__)
    if module.partition(".")[0] != _LIBRARY:
        return None
    reason = str(error).strip().split("\n")[0][:160]
    detail = f": {reason}" if reason.isprintable() and reason else ""
    return RefusedError(f"Scapy cannot work with these values ({type(error).__name__}{detail})")


@contextmanager
def refusing() -> Iterator[None]:
    """Turn exceptions of Scapy's inside into refusals."""
    try:
        yield
    except ScapyServerError:
        raise
    except Exception as error:
        refusal = refused_by_scapy(error)
        if refusal is None:
            raise
        raise refusal from error


def fault_of_item(error: Exception) -> ScapyServerError:
    """What one item of a list is answered with when this came of it; a bug is noted as well.

    Raises the error itself where no other item could be answered either.
    """
    if isinstance(error, ScapyServerError):
        return error
    if isinstance(error, MemoryError):
        raise error
    bugs.note()
    return refused_by_scapy(error) or UnknownError()


def _raised_in(trace: TracebackType | None) -> str:
    """The last module on the way to an exception that is Scapy's or ours."""
    found = ""
    while trace is not None:
        name = str(trace.tb_frame.f_globals.get("__name__", ""))
        if name.partition(".")[0] in {_LIBRARY, "scapy_server"}:
            found = name
        trace = trace.tb_next
    return found

"""What becomes of a worker and of its request, as one table: (state, event) → verdict.

Whose fault a loss was decides: a request is blamed only for what it surely did itself, which
is a crash of its own, memory, or a deadline with processor time used. Who was stopped, killed
from outside or starved is replaced, and the request goes to another worker. docs/operation.md
shows the table; a test compares them.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple


class State(Enum):
    """What a worker is doing; of `LOST` and `GONE` ones the zygote will say how they ended."""

    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    LOST = "lost"  # with a request
    GONE = "gone"  # without one
    REPLACED = "replaced"


class Event(Enum):
    """What can happen to a worker."""

    READY = "it says that it is ready"
    ANSWERED = "it answers"
    OUT_OF_MEMORY = "it says that its memory bound is reached"
    HUNG_UP = "its socket has ended"
    CRASHED = "it ended by a signal of its own making"
    KILLED = "it ended in another way"
    STOPPED = "it was stopped (SIGSTOP)"
    STUCK = "its deadline is over, and it used no processor time"
    OVERDUE = "its deadline is over"
    OVERRAN = "it was reserved for short requests, and this one is not"
    OUTGROWN = "it has grown too much"
    SPENT = "it was stopped in the middle of a request, and has answered"
    LATE = "it is not ready in time"


class Fate(Enum):
    """What becomes of the request that a worker had."""

    NONE = "-"
    ANSWER = "it is answered"
    RETRY = "it goes to another worker, once"
    SUSPECT = "it goes to another worker, once, and is refused from then on if that is lost too"
    CONVICT = "it is answered with an error, and refused from the second time on"
    MOVE = "it waits for a worker that has time"


class Verdict(NamedTuple):
    """The state that follows, what becomes of the request, and whether births are slowed."""

    state: State
    fate: Fate = Fate.NONE
    backoff: bool = False


_GONE = Verdict(State.REPLACED, Fate.NONE, backoff=True)

TABLE: Mapping[tuple[State, Event], Verdict] = {
    (State.STARTING, Event.READY): Verdict(State.IDLE),
    (State.STARTING, Event.LATE): _GONE,
    (State.STARTING, Event.CRASHED): _GONE,
    (State.STARTING, Event.KILLED): _GONE,
    (State.STARTING, Event.HUNG_UP): Verdict(State.GONE),
    (State.IDLE, Event.CRASHED): _GONE,
    (State.IDLE, Event.KILLED): _GONE,
    (State.IDLE, Event.HUNG_UP): Verdict(State.GONE),
    (State.IDLE, Event.OUTGROWN): Verdict(State.REPLACED),
    (State.IDLE, Event.SPENT): Verdict(State.REPLACED),
    (State.BUSY, Event.ANSWERED): Verdict(State.IDLE, Fate.ANSWER),
    (State.BUSY, Event.OUT_OF_MEMORY): Verdict(State.REPLACED, Fate.CONVICT),
    (State.BUSY, Event.OVERDUE): Verdict(State.REPLACED, Fate.CONVICT),
    (State.BUSY, Event.OVERRAN): Verdict(State.REPLACED, Fate.MOVE),
    (State.BUSY, Event.STOPPED): Verdict(State.REPLACED, Fate.RETRY),
    (State.BUSY, Event.STUCK): Verdict(State.REPLACED, Fate.RETRY),
    (State.BUSY, Event.CRASHED): Verdict(State.REPLACED, Fate.SUSPECT),
    (State.BUSY, Event.KILLED): Verdict(State.REPLACED, Fate.RETRY),
    (State.BUSY, Event.HUNG_UP): Verdict(State.LOST),
    (State.LOST, Event.CRASHED): Verdict(State.REPLACED, Fate.SUSPECT),
    (State.LOST, Event.KILLED): Verdict(State.REPLACED, Fate.RETRY),
    (State.GONE, Event.CRASHED): _GONE,
    (State.GONE, Event.KILLED): _GONE,
}

#: What no pair of the table covers is said by a worker that has lost its mind.
OUT_OF_TURN = Verdict(State.REPLACED, Fate.RETRY, backoff=True)

_OWN_SIGNALS = {
    signal.SIGSEGV,
    signal.SIGABRT,
    signal.SIGBUS,
    signal.SIGILL,
    signal.SIGFPE,
    signal.SIGSYS,
    signal.SIGTRAP,
}


def verdict(state: State, event: Event) -> Verdict:
    """What follows from an event in a state."""
    return TABLE.get((state, event), OUT_OF_TURN)


def ending(status: int | None) -> tuple[Event, str]:
    """The event that an exit status is, and how it is told; None if nobody knows it."""
    if status is None:
        return Event.KILLED, "has gone without a word"
    if status >= 0:
        return Event.KILLED, f"ended with status {status}"
    try:
        number = signal.Signals(-status)
    except ValueError:
        return Event.KILLED, f"was killed by signal {-status}"
    event = Event.CRASHED if number in _OWN_SIGNALS else Event.KILLED
    return event, f"was killed by {number.name}"

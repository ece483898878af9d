"""JSON-RPC 2.0 itself: request bytes in, reply bytes out, and no packet or socket in sight.

Nouns: an **envelope** is the message around a call; a **batch** is an array of them; a
**method** is an entry of the table of what can be called, with its **parameters**; **binding**
turns what a client put into `params` into the method's arguments; a **dialect** is another
way to write a call, which a service gives to its dispatcher; `openrpc` describes a table
of methods to programs.

The server calls `Dispatcher.handle`, which never raises: a `ScapyServerError` becomes
the error reply of its code, and anything else is a bug, answered as `UNKNOWN_ERROR`
with the traceback in `Reply.bug` for the log, never in the reply.
"""

from scapy_server.rpc.dialect import Call, Dialect
from scapy_server.rpc.dispatcher import Dispatcher, Noted, Reply
from scapy_server.rpc.method import Example, Method, Parameter
from scapy_server.wording import JsonType

__all__ = [
    "Call",
    "Dialect",
    "Dispatcher",
    "Example",
    "JsonType",
    "Method",
    "Noted",
    "Parameter",
    "Reply",
]

"""The ZeroMQ transport protocol, as the side that listens speaks it: bytes in, messages out.

ZeroMQ's own library cannot be told how many frames a message may have, which identities
to refuse or how many connections to take, and a client can make it abort. Clients keep
their library; this is what answers it. No sockets here, no clock, and no randomness but
what is given.

Nouns: a **frame** is a piece of a message or a **command**; the **greeting** settles version
and mechanism; the **handshake** ends when both sides are ready; a **peer** is one connection
from its first byte to its last.

`Peer` raises `ProtocolError` for what a connection must not survive, and nothing else.

Source: ZeroMQ RFC 13/ZMTP, "Framing" (1.0); ZeroMQ RFC 15/ZMTP, "Framing" (2.0); ZeroMQ RFC
23/ZMTP, "Overall Behavior" (3.0); ZeroMQ RFC 37/ZMTP, "Overall Behavior" (3.1); ZeroMQ RFC
26/CURVEZMQ, "CurveZMQ".
"""

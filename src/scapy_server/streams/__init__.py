"""Streams and profiles: which packets the traffic engine sends, and when.

Nouns: a **stream** is a packet, a program that varies it, and a pace (`stream`); `reading`
makes one from the RPC's JSON. A **profile** is the table of a port's streams with one name
(`profile`, `table`). `rates`, `graph` and `multiplier` say how fast; `chains` refuses what
cannot be compiled; `division` **shares** streams out among data-plane cores, and `schedule`
says when each **event** is due. `marks` is what the engine changes in a packet before its
program runs, and `packets` renders what a share sends. `documents` reads and writes profiles
as files; `sources` reads one stream, and makes it ready to render.

Nothing here knows a clock or a socket, and only `sources` builds packets. What the engine
would refuse is a `StreamRefused`, which says it in our words and keeps the engine's own text
beside them.

Source: docs/profiles.md, "Profiles: what several streams send, and when".
"""

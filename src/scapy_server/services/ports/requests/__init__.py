"""Requests and replies as TRex's clients write and read them.

`zipped` is the compression of messages, `envelope` the JSON-RPC around a call, `reading` takes
parameters out of it, with `positions` for saying where a wrong one stands. A **refusal** is
what a client is told when a command is not carried out.
"""

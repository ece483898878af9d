"""What goes over the wire, as typed values: nouns that both ends share.

`results` are packets as they come back, `programs` and `rendering` how they vary,
`definitions` what exists, `status` how a server does, `templates` the packet
editor's documents (`.trp`), `methods` what the service says of itself. The methods of the
services make them, clients read them; nobody else gives a reply its shape. Nothing here
knows Scapy, ZeroMQ or JSON-RPC, and only `templates` reads anything: its refusals are
`RefusedError`.

Members are named as on the wire. Clients pass over members that they do not know, so a
server may add some.
"""

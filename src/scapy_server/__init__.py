"""Scapy Server: builds, edits and dissects packets for clients that speak JSON-RPC over ZeroMQ.

From the wire down: `server` owns the sockets, `rpc` is JSON-RPC itself, `methods` is
what can be called, `catalog` is what exists (definitions, templates), `packet` turns
packet models into bytes and field trees and is the only package that imports Scapy.
`errors` and `limits` are the ground they all stand on. `client` speaks to the wire.
"""

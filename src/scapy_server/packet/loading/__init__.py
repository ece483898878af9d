"""Scapy, imported once and tamed: which modules, with which defaults, without the host.

Nouns: the **module list**, the **quarantine** (stand-ins for what asks the host), **host
tables** and **defaults**. `modules.load` is called once at start; it raises `StartError`'s
causes and nothing during requests.
"""

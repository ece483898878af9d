"""Scapy, imported once and tamed: which modules, with which defaults, without the host.

Nouns: the **module list**, the **quarantine** (stand-ins for what asks the host), **host
tables** and **defaults**. `modules.load` is called once at start, where it raises RefusedError for
a module of the operator that cannot be imported; nothing here fails during requests.
"""

"""The packets that a program will send, computed from their numbers.

A `Renderer` takes a template packet and a compiled program (`vm`) and gives blocks of
packets as NumPy arrays. `program` parses the vm, `check` refuses what the engine could not
run, `variables` gives every variable its closed form (`sequences`, `orbits`,
`random_numbers`, `tuples`), `writes` and `checksums` put values into packets, and
`captures` lays packets out as capture files. Nothing is replayed: packet k is computed
from k. `methods.render` and the commands `render` and `preview` call it. Everything that can
be wrong with a program is a RefusedError.
"""

from scapy_server.engine.renderer import DEFAULT_RANDOM_SEED, Renderer

__all__ = ["DEFAULT_RANDOM_SEED", "Renderer"]

"""The traffic engine as it behaves, on the compiled program: what it sends, and what it refuses.

Nouns: a **vm** is a compiled program, a list of instructions; a **variable** takes values from
packet to packet, a **step** does something to a packet; a **cycle** says when packets come again.

`vm` parses a program and `rules` refuse what the engine could not run, both by instruction and
key. `variables` gives every variable its closed form, `writes` and `checksums` put values into
whole blocks of packets, `steps` lines them up, `core` renders the packets of one data-plane
core, and `renderer` those of a stream: packet k from k, nothing is replayed. `variation` says
what varies and counts it with `cycles`. `captures`, `jobs` and `output` write packets as files.

`programs` compiles to it and asks it for explanations and warnings; `streams`, services and the
command line render with it. It knows no layers of packets, and nothing of Scapy. Everything that
can be wrong with a program is a RefusedError, mostly a VmRefused.
"""

from scapy_server.engine.renderer import DEFAULT_RANDOM_SEED, Renderer

__all__ = ["DEFAULT_RANDOM_SEED", "Renderer"]

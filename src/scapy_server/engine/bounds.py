"""The numbers of the traffic engine that compiling and rendering both keep to.

Those that protect our server as well are in `limits`.
"""

from __future__ import annotations

#: An Ethernet frame without its check sequence; the engine pads shorter ones with zeros.
PADDED_FRAME_BYTES = 60
MINIMUM_FRAME_BYTES = 14
#: The cache of a stream that several data-plane cores send.
MULTI_CORE_CACHE_PACKETS = 10_000
#: The largest limit of a repeatable random variable, by its size.
MAXIMUM_LIMITS = {1: 255, 2: 65_535, 4: (1 << 24) - 1, 8: (1 << 32) - 1}
#: The engine's own variable beside random ones: the state of its generator.
RANDOM_STATE = "___random___"
RANDOM_STATE_BYTES = 4

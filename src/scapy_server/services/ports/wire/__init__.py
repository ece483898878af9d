"""The wire of a loop, and all that may go wrong on one: `impairments` and `wire`.

Every fault is drawn from a seeded generator, so that two runs lose the same packets.
"""

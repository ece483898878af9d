"""What the control plane remembers of ports: pure values and tables, without sockets or clocks.

A **port** has an owner or none, attributes, and **profiles**, each a set of streams with a
state of its own. `tables` says which command is possible in which state, `ownership` who
gets a port that is asked for; both are tables, which docs/ports.md prints. `events` has
the queues from which sessions fetch what has happened.
"""

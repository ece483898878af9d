"""Software ports that TRex's clients drive: the service beside the packet service.

A **port** sends and receives frames over a **line** (`kinds`): a loop, an interface, files.
The **control plane** (`control`, `methods`, `state`) knows owners, profiles and settings and
answers requests (`requests`); a **data plane** (`plane`) for each pair of ports sends what
`streams` has scheduled, counts and sorts what arrives (`frames`, `statistics`). Between them
is a **link**: in production a process with shared counters (`process`).

Everything but `process` is pure: requests come as bytes, time as an argument. A command that
is not carried out raises a Refusal; anything else is a bug, answered as an internal error.
"""

"""The data plane of a pair of ports: what is sent when, and what becomes of what arrives.

It runs nothing by itself: a `Plane` is given `commands` and told how far time has come, and
answers with what has happened. `runs` takes packets off the schedule, a **source** makes
their bytes, a **batch** is a number of packets on their way, a **line** (`line`) is where
they go and come from; a `PlanePort` counts (`counters`, `rates`), sorts (`flows`) and keeps
(`taps`) what arrives. Times are seconds of the plane's clock. Commands are refused, never
failed.
"""

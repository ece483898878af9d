"""Data planes as processes of their own: the only part of the service that runs by itself.

A **link** (`link`) starts a process and asks it over a **channel** (`channel`), a socket pair
with lengths in front; counters are in memory that both share (`memory`). In the process,
`main` opens the lines and lets a **driver** (`drivers`) move the plane along a real or a
virtual clock. A process that dies is replaced; its ports have lost what they were sending.
"""

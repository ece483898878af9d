"""The process that listens: sockets, signals, logs. The only package that opens sockets.

Processes: the **front** (`front`, `outbox`, `access`) owns the port and answers; its **pool**
gives each request (**job**) to a **worker**, and sees to what becomes of both; the **zygote**
has loaded the core and forks workers, the front's side of it is the **nursery**. Only zygote
and workers bring packet code in.

Nouns: **settings** are what the operator asked for; a **message** is the frames that
ZeroMQ delivers, with the client's **envelope** around a request; **stop signals** are
Ctrl+C and SIGTERM, seen at once and obeyed between two requests.

The command line and `scapy_zmq_server` call `service.serve`, which binds, loads the
core, prints the documented lines and answers until it is told to stop. It raises
`StartError`, one line for the operator, when it cannot start.
"""

"""A server put together: settings, the services on their sockets, log, books, start and stop.

The command line and `scapy_zmq_server` call `service.serve`, which binds, loads the
core, prints the documented lines and answers until it is told to stop. It raises
`StartError`, one line for the operator, when it cannot start.
"""

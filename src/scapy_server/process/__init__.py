"""What we ask of the system about processes: signals that end us, and calls to the kernel.

Ground for every package that runs or starts a process. Nothing here fails where the
system lacks something; it is left out.
"""

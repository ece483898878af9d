"""Packets changed without a server: one by one, whole captures, whole directories.

Nouns: a **source** is what the command line names (an expression, a model, a template, bytes,
a capture or some of its packets); a **recipe** says what becomes of packets; an **editor**
applies it to the records of captures; a **job** is a file that becomes another one, and its
**tally** what was done; a **fleet** is whoever does jobs: this process, several, or a cluster.

The command line calls this room; it calls the desk for single packets and the codec for
captures, knows no terminal, and raises `ScapyServerError` or `DeskError`. A recipe gives the
same bytes for the same packet wherever it is applied, so jobs may be done anywhere and again.
"""

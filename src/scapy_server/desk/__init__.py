"""What a person works on: documents, packets, selection, undo, and the commands that edit.

Nouns: a **packet** (bytes, field tree, and the model it came from, if it did), a **document**
(packets, a program, a history), a **step** of that history (what it did, and both sides of
it), a **question** (a method and its parameters). Commands are generators: they yield
questions, are sent the results, and return the packet that comes out, so that a terminal may
ask one after the other and a browser may wait without blocking.

Used by `console` and `web`, which are its two faces; it knows neither terminal nor browser,
opens no socket and no file. Raises `DeskError` with one sentence for a person.
"""

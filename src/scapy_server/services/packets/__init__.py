"""What can be called: one file per family, listed in order in `table`.

Each file holds functions and, beside them, their entries of the method table (`METHODS`).
A function gets the **core** (everything that exists: registry, codec, catalogue; made
once at start) and the bound parameters; it parses them, calls the domain and returns
what is to be encoded. Functions raise `ScapyServerError` and nothing else.
"""

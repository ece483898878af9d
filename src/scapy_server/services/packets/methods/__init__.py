"""The RPC methods of the packet service, one file per family.

Each file holds functions and, beside them, their entries of the method table (`METHODS`). A
function gets the core and the bound parameters; it parses them, calls the domain and returns what
is to be encoded. Functions raise `ScapyServerError` and nothing else.
"""

"""Commands for the ports of a ports server: what they do, and having them send profiles.

Each is a file; they share the **client** that `link` keeps at the seat.
"""

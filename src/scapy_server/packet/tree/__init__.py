"""What a client is shown: the field tree of a packet.

Nouns: a **result**, a **field tree**, and **display** (how a value reads).
"""

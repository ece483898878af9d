"""What a document remembers: the steps to here and back, and what was looked at lately.

Nouns: a **step** (what it did, and both sides of it), a **splice** (what differs between two
sequences), a packet that is **kept** (as small as it can be brought back from), what is
**looked at** (packets with their field trees, the latest ones).

`desk.document` uses it, and shows what it remembers. Raises DeskError where there is nothing
to take back.
"""

"""The list of the packets of a document: what is shown of each, and what is done with many.

Nouns: a **line** (a packet in a few words), the **filter** (which packets are listed), the
**grid** (rows for those in view, however many there are), what is **selected** (the packets that
buttons act on).

`web.editor` shows the grid, which has all else. What cannot be done is said by the seat.
"""

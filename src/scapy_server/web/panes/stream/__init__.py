"""The tab "Stream": how the packet at hand varies and is sent.

Nouns: an instruction's **card** (what it does in words, and a form of its parameters), the
**preview** (packets as they will be sent, with only what changes), the **pace** (rate and mode of
a profile's stream), the **timeline** (when all streams of a profile send).

`web.editor` shows the tab, which has all else. What cannot be done is said by the seat.
"""

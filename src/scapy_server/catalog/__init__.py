"""What exists, for clients that show it: protocols, their fields, what may follow what.

Nouns: a **definition** says how a field is called and what may be typed into it;
**describe** derives it from Scapy's facts, **handwritten** data files (`data/*.json`,
and an operator's own) are laid over that, `definitions.Definitions` puts both together.
**Payload classes** are the layers offered above a layer, the **databases** what
`get_all` reports, the **tree** the documents' example hierarchy, **templates** ready
packets.

The packet service answers with it, and so do commands without a server. It reads `packet.layers`
and never Scapy itself. An operator's bad data file is a `RefusedError` at start, an unknown
layer one at the request.
"""

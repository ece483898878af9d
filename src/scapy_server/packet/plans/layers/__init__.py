"""Reading captured frames layer by layer: by plans for layers, whatever order these stand in.

Nouns: a **layer plan** (the JSON of layers of a structure, cut where they differ), a **stand-in**
(who is asked what follows a layer without reading it), a **watched layer** (what a plan is made
of), a **lone layer** (one without a plan, read with nothing around it), the **book** of all.
`LayerBook` is the door. What it cannot tell for sure it leaves to the long way.
"""

"""Which layers exist and what is known of them.

Nouns: **facts** of a layer class and its fields, the **registry** of all of them, **field
kinds**, **bindings** (what may follow what), **blanks** (how empty packets of a class are made).
Everything above asks here; a name that is not known is refused with the nearest one.
"""

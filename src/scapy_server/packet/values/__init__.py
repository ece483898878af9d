"""May this value stand in this field: JSON values become field values.

Nouns: a **field value**, **option lists**, **random values**. Used by `models`,
`expressions`, `tree` and `edits`; raises `errors.RefusedError`, which names the value.
"""

"""May this value stand in this field: JSON values become field values.

Nouns: a **field value**, **option lists**, **random values**. Used by `models`, `frames`,
`expressions` and `tree`; raises `errors.RefusedError`, which names the value.
"""

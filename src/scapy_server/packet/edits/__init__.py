"""Changing dissected frames: an edit is a splice.

Nouns: an **edited layer** (a dissected layer, its place in the frame that changes, and the
values that go with its bytes), an **edited frame** (the bytes and all layers; whoever puts in
bytes moves what follows), the **editor** (applies the changes of a model to one frame).
`encoding` says which bytes a value takes and when a value steers other fields, `computing`
what Scapy computes for a field that is reset.

The codec calls the editor. All raise `errors.RefusedError`, located at the touched field.
"""

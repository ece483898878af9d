"""One stream out of what people have: files, templates, models, captures.

Nouns: a **source** is a template of the packet editor, JSON, a stream of the engine's own
JSON, or a capture; a **given stream** (`given`) is what it says, not looked at yet: a packet,
a program, a pace. `files` reads a source by name and content, `engine_streams` the streams
that the engine's client writes. A **prepared** packet (`prepared`) is built, its layout known
and its program compiled; a **ready** stream (`ready`) can be rendered. The methods of the
packet service prepare what a request holds, the command line makes ready what a file holds.

Scapy is loaded only where a packet must be built or its fields named. Whatever is wrong with
a source or a program is a RefusedError; a shape that is none at all is InvalidParams.

Source: docs/rendering.md, "What is rendered".
"""

"""The domain: packet models become bytes and field trees, and bytes become field trees.

Nouns: a **model** (`models.model.LayerSpec`) is what a client asks for; **facts** describe
Scapy's classes; the **registry** holds the facts of every loaded layer; a **layout**
says which bits each field occupies (`frames.tracer`); a **result** is the field tree.

`codec.PacketCodec` is the door: build, reconstruct, dissect. It raises
`errors.RefusedError` (or `ExpressionSyntaxError`) and nothing else. Nothing here opens
a socket, reads a file or asks the host; the one exception is `loading.modules.load` at start.
"""

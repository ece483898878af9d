"""What can be called to build, edit and dissect packets, over RPC or in this process.

Nouns: the **core** is everything that exists (registry, codec, catalogue), made once at start;
the **table** lists the methods, which stand in `methods`; a **dialect** is how the packet editor
and scripts for the first version write calls; a **note** is what a worker tells the front, so
that the front answers alone what was **planned** or is **known**.

`server` serves it by `loading`, `scapy_service` calls it without a wire. What can be wrong with a
request is a `ScapyServerError`.
"""

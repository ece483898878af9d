"""Bytes and stacked layers, and where every bit lies.

Nouns: a **frame** (bytes), **assembly** (layers to bytes), the **tracer** (bytes to layers
with places), a **layout** (which bits each field occupies).
"""

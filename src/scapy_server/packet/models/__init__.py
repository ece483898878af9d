"""What a client asks for: packet models, read once into frozen values.

Nouns: a **model** (`LayerSpec`), its **budget**, **generators** of values, and the **field
writer** that sets them on layers.
"""

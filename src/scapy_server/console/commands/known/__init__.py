"""Commands for what the server knows: its layers, their fields, and ready-made packets."""

"""Scapy expressions as text: read without evaluating, and written.

Nouns: the **grammar** (what may stand in one), **arithmetic**, **constructors** of values,
**layers**, **evaluation** (text to value) and **writing** (value to text). Raises
`ExpressionSyntaxError` or `RefusedError`.
"""

"""How an answer gets short: shapes that come again are patched instead of built.

Nouns: a **plan** (bytes and the places to write), the **book** of plans, **watching** (what a
build depended on), planners for builds and rewrites, **literals** (what varies within expressions
and parts) and **varied** plans. A plan is believed after it agreed with the long way. Frames that
no plan shows are **remembered** with their answers. All but the planners run without Scapy.
"""

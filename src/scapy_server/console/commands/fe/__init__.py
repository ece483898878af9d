"""`fe`: the Field Engine program that varies the packet at hand.

An **action** is a word behind `fe`, one per file; `command.ACTIONS` lists them. They ask the
desk, and what is wrong with a program is a DeskError that names instruction and parameter.

Source: RPC document, "Build Packet and VM instructions"; docs/wire.md, "Field Engine".
"""

"""The Field Engine: programs that say how a packet varies over a stream.

Nouns: a **program** is a list of instructions with named parameters, as people write
it; the **vm** is its low-level form, as the traffic engine runs it; a **place** is a
byte of the packet, often named by the field that lies there.

`instructions` holds one class per instruction: its parameters, their help, and how it
becomes VM and comes back. `program` reads a request, `compile` turns it into a VM,
`warnings` and `explain` say what it will do, `decompile` goes the other way, and
`catalogue` describes the instructions to clients. All of them are functions of the
program and the packet's layout. What the engine does with a VM, and what it refuses, is
asked of the package `engine`; here it gets the names of those who wrote the program.

What a program gets wrong is `errors.RefusedError` with the instruction and parameter as
its places; a request of the wrong JSON shape is `errors.InvalidParams`.
"""

"""The console: type packets, see their fields and bytes, and see what goes over the wire.

Nouns: a **session** holds the documents of the desk, that at hand and those before it, and is
pure; the **seat** is where commands find it, with the wire and the output; a **command** is an
entry of `commands.COMMANDS`, from which help and completion are derived, and returns an
**answer**, which is lines for a person or JSON for a program; the **wire** sends requests and
can show them; the **catalogue** knows what can be completed.

`shell.run` is given the commands and reads lines, from a terminal or a pipe. A command that
fails raises `DeskError`, or `ClientError` when it was the server that failed, and both are one
line.
What packets, documents and edits are is the desk's matter: this is one of its two faces.
"""

"""The console: type packets, see their fields and bytes, and see what goes over the wire.

Nouns: a **session** holds the packet at hand and its history, and is pure; a **command** is
an entry of `commands.COMMANDS`, from which help and completion are derived; the **wire**
sends its requests and can show them; the **catalogue** knows what can be completed.

`shell.run` reads the commands, from a terminal or a pipe. A command that fails raises
`DeskError`, or `ClientError` when it was the server that failed, and both are one line.
The console speaks to the wire only; of the server it knows the release's constants alone.
"""

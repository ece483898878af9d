"""The commands for packets without a server: `build`, `dissect` and `edit`.

Each command is a file with its options and nothing slow to load; what it does begins in
`making` (a source becomes a file) or `showing` (packets on the screen), which call the room
`batch`. Errors are one line and exit status 1.
"""

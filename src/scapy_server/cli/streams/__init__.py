"""The commands `render`, `preview` and `convert`, for streams and whole profiles.

Each has a file with its options, which loads quickly, and one that does the work; `choices` is
what people asked for between the two. Refuses with RefusedError, which is one line and exit
status 1.
"""

"""Why a server cannot start."""


class StartError(Exception):
    """The server cannot start, and why: one line for the operator."""

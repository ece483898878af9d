"""Files that only their owner may use."""

from __future__ import annotations

import stat
from pathlib import Path


def exposure_of(path: Path) -> str | None:
    """What is wrong with a file that others can use, and how to mend it; OSError if unreadable."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & 0o077:
        return None
    return f"{path} can be used by others (mode {mode:04o}); run: chmod 600 {path}"

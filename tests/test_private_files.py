from __future__ import annotations

from pathlib import Path

import pytest

from scapy_server.private_files import exposure_of


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_files_of_the_owner_alone(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    path.touch(mode)
    path.chmod(mode)
    assert exposure_of(path) is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o610])
def test_files_that_others_can_use(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    path.touch()
    path.chmod(mode)
    assert exposure_of(path) == (
        f"{path} can be used by others (mode {mode:04o}); run: chmod 600 {path}"
    )

"""Write a result whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from engine.errors import OutputError

__all__ = ["write_whole"]


def write_whole(path: Path, data: bytes) -> None:
    """Write bytes under a temporary name, then rename.

    Raises:
        OutputError: The folder is missing or may not be written.
    """
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
        raise OutputError(f"{path}：无法写入（{error.strerror}）") from None

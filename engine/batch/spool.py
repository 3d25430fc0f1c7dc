"""Frames in the spool, for outputs that cannot simply be appended to."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

__all__ = ["frame", "frames"]

_HEAD = struct.Struct("<IQ")


def frame(part: int, data: bytes) -> bytes:
    """One task's data with its part's number and its length before it."""
    return _HEAD.pack(part, len(data)) + data


def frames(path: Path) -> Iterator[tuple[int, bytes]]:
    """Part number and data of every frame, in order."""
    with path.open("rb") as handle:
        while head := handle.read(_HEAD.size):
            part, length = _HEAD.unpack(head)
            yield part, handle.read(length)

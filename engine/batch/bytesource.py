"""Bytes of a text file, whatever packs or encodes them.

Opens plain, .gz and .zst files, finds the encoding, and turns encodings that
cannot be cut at a newline byte (UTF-16, UTF-32) into UTF-8 on the way.
"""

from __future__ import annotations

import codecs
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from engine.batch.extras import need
from engine.errors import InputError

__all__ = ["BLOCK", "blocks", "detect_encoding", "open_bytes", "opened", "sample", "skip"]

BLOCK = 1 << 18
"""Bytes read at a time; also about what one task holds."""

_SAMPLE = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def opened(path: Path) -> BinaryIO:
    """A file for reading bytes.

    Raises:
        InputError: It cannot be opened.
    """
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError(f"{path}：无法读取（{error.strerror or error}）") from None


def open_bytes(path: Path) -> tuple[BinaryIO, BinaryIO]:
    """The unpacked bytes of a file, and the file on disk; .gz and .zst are known by their first bytes.

    Raises:
        InputError: It cannot be opened.
    """
    disk = opened(path)
    try:
        head = disk.read(4)
        disk.seek(0)
    except OSError as error:
        disk.close()
        raise InputError(f"{path}：无法读取（{error.strerror or error}）") from None
    if head[:2] == b"\x1f\x8b":
        return cast(BinaryIO, gzip.GzipFile(fileobj=disk)), disk
    if head == b"\x28\xb5\x2f\xfd":
        zstandard = need("zstandard", "读取 .zst")
        return zstandard.ZstdDecompressor().stream_reader(disk, read_across_frames=True), disk
    return disk, disk


def skip(handle: BinaryIO, disk: BinaryIO, count: int) -> None:
    """Go to a byte of the unpacked content; packed content is read on the way."""
    if handle is disk:
        handle.seek(count)
        return
    while count > 0:
        data = handle.read(min(count, BLOCK))
        if not data:
            return
        count -= len(data)


def sample(path: Path) -> bytes:
    """The first megabyte, unpacked.

    Raises:
        InputError: The packing is broken.
    """
    handle, disk = open_bytes(path)
    parts: list[bytes] = []
    left = _SAMPLE
    with disk:
        try:
            while left > 0 and (data := handle.read(left)):
                parts.append(data)
                left -= len(data)
        except Exception as error:  # each packing library has its own exceptions
            raise InputError(f"{path}：压缩内容损坏（{error}）") from None
    return b"".join(parts)


def detect_encoding(data: bytes, path: str) -> str:
    """The encoding of a sample: by byte-order mark, else UTF-8, else GB18030.

    Raises:
        InputError: None of them reads it.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    whole = len(data) < _SAMPLE
    for name in ("utf-8", "gb18030"):
        try:
            codecs.getincrementaldecoder(name)("strict").decode(data, whole)
        except UnicodeDecodeError as error:
            # A single bad row must not turn a long UTF-8 file into GB18030.
            if name == "utf-8" and error.start > 0 and _mostly(data, name):
                return name
            continue
        return name
    if _mostly(data, "gb18030"):
        return "gb18030"
    raise InputError(f"{path}：既不是 UTF-8 也不是 GB18030 文本，请用 --encoding 指明编码")


def _mostly(data: bytes, name: str) -> bool:
    """Whether nearly all lines read in an encoding, and some of them need it."""
    good = bad = telling = 0
    for line in data.splitlines()[:2000]:
        try:
            text = line.decode(name)
        except UnicodeDecodeError:
            bad += 1
            continue
        good += 1
        telling += not text.isascii()
    return telling > 0 and bad <= max(1, good // 10)


def blocks(handle: BinaryIO, encoding: str, path: str, offset: int = 0) -> Iterator[bytes]:
    """Blocks of a file in an encoding whose newlines are single bytes.

    Args:
        handle: Open at the place to read from.
        encoding: As detected; UTF-16 and UTF-32 come out as UTF-8.
        path: For errors.
        offset: Where the handle stands. Blocks end at whole multiples of `BLOCK` of the file
            wherever reading begins, so that a resumed run makes the same tasks.

    Raises:
        InputError: The file breaks off or cannot be unpacked.
    """
    wide = encoding.lower().replace("_", "-").startswith(("utf-16", "utf-32"))
    decoder = codecs.getincrementaldecoder(encoding)("replace") if wide else None
    wanted = BLOCK - offset % BLOCK
    while True:
        try:
            data = _full(handle, wanted)
        except Exception as error:  # each packing library has its own exceptions
            raise InputError(f"{path}：读到一半出错（{error}）") from None
        if decoder is not None:
            data_out = decoder.decode(data, not data).encode("utf-8", "surrogatepass")
            if data_out:
                yield data_out
        elif data:
            yield data
        if not data:
            return
        wanted = BLOCK


def _full(handle: BinaryIO, wanted: int) -> bytes:
    """As many bytes as wanted, fewer only at the end: unpacking readers may answer short."""
    data = handle.read(wanted)
    if not data or len(data) == wanted:
        return data
    parts = [data]
    held = len(data)
    while held < wanted and (data := handle.read(wanted - held)):
        parts.append(data)
        held += len(data)
    return b"".join(parts)

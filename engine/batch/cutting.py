"""Cut csv and jsonl at record ends without reading the records.

The reading process only looks for newlines, and in csv for quotes: cutting
costs little, so that all processes are kept busy by one. Where a quote opens
or closes is judged as Python's csv module judges it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.batch.bytesource import BLOCK
from engine.errors import InputError

__all__ = ["LONGEST", "Stretch", "cut_csv", "cut_lines"]

LONGEST = 64 * 1024 * 1024
"""Most bytes of one record: a quote left open must not take the whole file into memory."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole records: their bytes, where they start, and whether the file ended inside quotes."""

    data: bytes
    offset: int
    line: int
    in_quotes: bool = False


def cut_lines(blocks: Iterable[bytes], offset: int, line: int) -> Iterator[Stretch]:
    """Stretches of whole lines, each about a block long.

    Raises:
        InputError: A line is longer than `LONGEST`.
    """
    pending: list[bytes] = []
    held = 0
    for block in blocks:
        end = block.rfind(b"\n") + 1
        if not end:
            pending.append(block)
            held += len(block)
            if held > LONGEST:
                raise InputError(f"第 {line} 行超过 {LONGEST // 2**20} MB，不像是每行一条的文件")
            continue
        data = b"".join([*pending, block[:end]])
        yield Stretch(data, offset, line)
        offset += len(data)
        line += data.count(b"\n")
        pending, held = [block[end:]], len(block) - end
    rest = b"".join(pending)
    if rest:
        yield Stretch(rest, offset, line)


def cut_csv(blocks: Iterable[bytes], delimiter: bytes, offset: int, line: int) -> Iterator[Stretch]:
    """Stretches of whole csv records, each about a block long.

    Args:
        blocks: Bytes whose newlines, quotes and delimiters are single bytes.
        delimiter: One byte.
        offset, line: Where the first block starts.

    Raises:
        InputError: A record is longer than `LONGEST`: most likely a quote was left open.
    """
    data = b""
    scanned = 0
    open_at = -1  # where the open quote stands in `data`, or -1
    safe = 0  # end of the last whole record
    for block in blocks:
        data += block
        scanned, open_at, safe = _scan(data, scanned, open_at, safe, delimiter)
        if safe >= BLOCK or (safe and len(data) - safe < BLOCK):
            yield Stretch(data[:safe], offset, line)
            offset += safe
            line += data.count(b"\n", 0, safe)
            data = data[safe:]
            scanned -= safe
            open_at = open_at - safe if open_at >= 0 else -1
            safe = 0
        elif len(data) > LONGEST:
            raise InputError(f"第 {line} 行起的一条记录超过 {LONGEST // 2**20} MB，多半是引号没有闭合")
    if data:
        # A file may end in the middle of a pair of quotes that the scan held back.
        scanned, open_at, safe = _scan(data + b"\n", scanned, open_at, safe, delimiter)
        yield Stretch(data, offset, line, open_at >= 0)


def _scan(data: bytes, at: int, open_at: int, safe: int, delimiter: bytes) -> tuple[int, int, int]:
    """Advance over `data` from `at`; answer how far, the open quote, the last record end.

    The last byte waits for its successor: a quote there may be half of a pair.
    """
    end = len(data) - 1 if data.endswith(b'"') else len(data)
    while True:
        quote = data.find(b'"', at, end)
        if quote < 0:
            break
        if open_at < 0:
            if quote == 0 or data[quote - 1 : quote] in (delimiter, b"\n", b"\r"):
                newline = data.rfind(b"\n", at, quote)
                if newline >= 0:
                    safe = newline + 1
                open_at = quote
            else:
                newline = data.rfind(b"\n", at, quote)
                if newline >= 0:
                    safe = newline + 1
            at = quote + 1
        elif data[quote + 1 : quote + 2] == b'"':
            at = quote + 2
            if at > end:
                end = len(data)
        else:
            open_at = -1
            at = quote + 1
    if open_at < 0:
        newline = data.rfind(b"\n", at, end)
        if newline >= 0:
            safe = newline + 1
    return max(at, end), open_at, safe

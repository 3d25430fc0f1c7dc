"""Zip packages (docx, xlsx, ofd): what is inside, and whether it is safe to open.

Guards against zip bombs (sizes are added up before anything is unpacked),
entity bombs and external entities (no part may declare a document type), and
macros. Run before a library sees the file.
"""

from __future__ import annotations

import io
import zipfile

from engine.errors import InputError

__all__ = ["checked_package", "package_form"]

_MOST_PARTS = 3_000
_MOST_UNPACKED = 150_000_000
_MOST_RATIO = 250
_RATIO_FROM = 5_000_000


def package_form(data: bytes) -> str:
    """`docx`, `xlsx`, `ofd` or `zip`, by the parts inside."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError):
        # A damaged package: let the reader of its claimed form say so.
        head = data[:4000]
        return "xlsx" if b"xl/" in head else "docx" if b"word/" in head or b"[Content_Types]" in head else "zip"
    if any(name.startswith("word/") for name in names):
        return "docx"
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    if "OFD.xml" in names:
        return "ofd"
    return "zip"


def checked_package(data: bytes, name: str) -> zipfile.ZipFile:
    """Open a package after the guards.

    Raises:
        InputError: Broken, too large when unpacked, macros, or a part that
            declares a document type.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise InputError(f"{name}：文件已损坏，无法打开；请重新取得原件") from None
    unpacked = sum(part.file_size for part in parts)
    bomb = unpacked > _MOST_UNPACKED or (unpacked > _RATIO_FROM and unpacked > _MOST_RATIO * max(1, len(data)))
    if len(parts) > _MOST_PARTS or bomb:
        raise InputError(f"{name}：解压后过大（约 {unpacked // 1_000_000} MB），可能是恶意文件，已拒绝打开")
    if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
        raise InputError(f"{name}：文件含宏，已拒绝打开；请另存为不含宏的 docx 或 xlsx")
    if any(part.flag_bits & 0x1 for part in parts):
        raise InputError(f"{name}：文件已加密，请解除密码后再核对")
    for part in parts:
        if part.filename.endswith((".xml", ".rels")) and _declares_type(archive, part, name):
            raise InputError(f"{name}：文件内部含有实体声明（{part.filename}），可能是恶意文件，已拒绝打开")
    return archive


def _declares_type(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> bool:
    try:
        with archive.open(part) as handle:
            head = handle.read(4096)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError):
        raise InputError(f"{name}：文件已损坏（{part.filename}），请重新取得原件") from None
    plain = head.replace(b"\x00", b"").upper()
    return b"<!DOCTYPE" in plain or b"<!ENTITY" in plain

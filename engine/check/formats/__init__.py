"""Read a notice from a file: which reader is chosen, and what every reader promises.

The content decides, not the name; a file whose name claims another format is
refused with a sentence that says what it is. No reader loads anything from
outside the file.
"""

from __future__ import annotations

from pathlib import Path

from engine.check.document import MOST_BYTES, Document, limited
from engine.errors import InputError

__all__ = ["SUFFIXES", "read_bytes", "read_notice"]

SUFFIXES = {".docx": "docx", ".pdf": "pdf", ".txt": "txt", ".md": "txt", ".xlsx": "xlsx", ".ofd": "ofd"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_notice(path: Path) -> Document:
    """Read one file.

    Args:
        path: A `.docx`, `.pdf`, `.txt`, `.md` or `.xlsx` file.

    Raises:
        InputError: The file cannot be read as a notice; the sentence says why
            and what to do.
    """
    try:
        if path.is_dir():
            raise InputError(f"{path}：是文件夹，不是文件；整个文件夹请直接交给 zhuban check")
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise InputError(f"{path.name}：文件 {size // 1_000_000} MB，超过上限 {MOST_BYTES // 1_000_000} MB")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}：无法读取（{error.strerror}）") from None
    return read_bytes(data, path.name)


def read_bytes(data: bytes, name: str) -> Document:
    """Read a file's bytes; see `read_notice`."""
    claimed = SUFFIXES.get(Path(name).suffix.lower())
    if claimed is None and Path(name).suffix:
        raise InputError(f"{name}：不支持 {Path(name).suffix} 文件；可用 {'、'.join(SUFFIXES)}（其他格式请另存为 docx 或 pdf）")
    if not data.strip():
        raise InputError(f"{name}：文件是空的")
    found = _form(data)
    if found == "ole":
        raise InputError(f"{name}：文件已加密，或是旧版 .doc/.xls；请解除密码并另存为 docx 或 xlsx")
    if claimed and found != claimed:
        raise InputError(f"{name}：内容是 {_NAMES[found]}，与后缀不符；请改用正确的后缀或重新取得文件")
    if found == "docx":
        from engine.check.formats.word import read_docx

        return limited(read_docx(data, name))
    if found == "xlsx":
        from engine.check.formats.excel import read_xlsx

        return limited(read_xlsx(data, name))
    if found == "pdf":
        from engine.check.formats.pdf import read_pdf

        return limited(read_pdf(data, name))
    if found == "ofd":
        raise InputError(f"{name}：暂不能读取 OFD；请用 OFD 阅读器另存为 PDF 或 docx 后再核对")
    if found == "zip":
        raise InputError(f"{name}：是压缩包或不认识的文档格式，请先解压")
    from engine.check.formats.plain import read_text

    return limited(read_text(data, name))


_NAMES = {"docx": "Word 文档", "xlsx": "Excel 工作簿", "pdf": "PDF", "ofd": "OFD", "zip": "压缩包", "txt": "纯文本"}


def _form(data: bytes) -> str:
    """What the bytes are, by their own marks."""
    if data[:8] == _OLE:
        return "ole"
    if data[:1024].lstrip()[:5] == b"%PDF-":
        return "pdf"
    if data[:4] == b"PK\x03\x04":
        from engine.check.formats.package import package_form

        return package_form(data)
    return "txt"

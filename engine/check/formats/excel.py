"""Excel task tables, with openpyxl: each cell a block, merged cells once, hidden sheets too."""

from __future__ import annotations

import io
import warnings

from engine.check.document import MOST_BLOCKS, Block, Cell, Document
from engine.check.formats.package import checked_package
from engine.errors import InputError

__all__ = ["read_xlsx"]

_HEADER_WORDS = ("任务", "内容", "事项", "责任", "单位", "时限", "要求", "措施", "序号", "牵头", "工作")


def read_xlsx(data: bytes, name: str) -> Document:
    """Read a workbook.

    Raises:
        InputError: Broken, unsafe, or more cells than can be checked.
    """
    checked_package(data, name).close()
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise InputError("读取 Excel 需要 openpyxl：pip install 'zhuban[check]'") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), data_only=True)
    except Exception:  # openpyxl raises many kinds on broken parts
        raise InputError(f"{name}：Excel 工作簿已损坏，无法打开；请另存后再试") from None
    blocks: list[Block] = []
    for number, sheet in enumerate(book.worksheets):
        header_row: int | None = None
        headers: dict[int, str] = {}
        for row in sheet.iter_rows():
            filled = [
                (cell.column, str(cell.value).strip()) for cell in row if cell.value is not None and str(cell.value).strip()
            ]
            if not filled:
                continue
            if (
                header_row is None
                and len(filled) > 1
                and sum(any(w in t for w in _HEADER_WORDS) and len(t) < 12 for _, t in filled) > 1
            ):
                header_row, headers = row[0].row, {int(c or 1): t for c, t in filled}
                continue
            for cell in row:
                value = "" if cell.value is None else str(cell.value).strip()
                if not value:
                    continue
                column = int(cell.column or 1)
                place = Cell(number, int(cell.row or 1) - 1, column - 1, headers.get(column, ""))
                label = f"工作表「{sheet.title}」{cell.coordinate}"
                # A lone short cell below the table is the signature or a remark.
                in_table = header_row is not None and not (len(filled) == 1 and len(value) < 40)
                blocks.append(Block(value, label, "cell" if in_table else "paragraph", place if in_table else None))
                if len(blocks) > MOST_BLOCKS:
                    raise InputError(f"{name}：单元格超过 {MOST_BLOCKS} 个，请拆分后再核对")
    return Document(name, "xlsx", blocks)

"""`check`: does this assignment violate the list?

    from pathlib import Path

    from engine import Router, load_pack
    from engine.check import Checker, read_notice

    report = Checker(Router(load_pack())).check(read_notice(Path("通知.docx")))

In the order of the data flow: a file becomes a `Document`, the `Checker`
makes of it a `NoticeReport` with one `Checked` for each clause.
"""

from __future__ import annotations

from engine.check.checker import Checker
from engine.check.document import Document
from engine.check.formats import read_bytes, read_notice
from engine.check.model import Checked, DocumentFinding, Finding, Judgement, NoticeReport

__all__ = [
    "Checked",
    "Checker",
    "Document",
    "DocumentFinding",
    "Finding",
    "Judgement",
    "NoticeReport",
    "read_bytes",
    "read_notice",
]

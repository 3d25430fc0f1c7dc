"""What the tests of `check` share: a checker on the real pack, small files of every kind."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import docx
import pytest

from engine import Router
from engine.check import Checker

NOTICE = (
    "关于规范水事秩序的通知",
    "莎水发〔2026〕8号",
    "各镇人民政府：",
    "为维护水事秩序，现就有关事项通知如下。",
    "一、加强巡查",
    "（一）请各镇宣传保护水源和抗旱设施的规定，发现毁坏的及时报我局。",
    "（二）未经批准私自打井的，由各镇立案调查并处以罚款，4月底前办结。",
    "二、加强组织领导",
    "各镇要高度重视，主要领导亲自抓，确保各项工作落到实处。",
    "莎车县水利局",
    "2026年3月9日",
)


@pytest.fixture(scope="session")
def checker(router: Router) -> Checker:
    """A checker with the second reader."""
    return Checker(router)


@pytest.fixture
def notice_text() -> str:
    """A short notice with one clause to accept and one to send back."""
    return "\n".join(NOTICE)


@pytest.fixture
def docx_bytes() -> Callable[..., bytes]:
    """Make a Word file from paragraphs."""

    def make(*paragraphs: str, change: Callable[[object], None] | None = None) -> bytes:
        document = docx.Document()
        for text in paragraphs or NOTICE:
            document.add_paragraph(text)
        if change:
            change(document)
        buffer = io.BytesIO()
        document.save(buffer)
        return buffer.getvalue()

    return make


@pytest.fixture
def notices() -> Path:
    """The labelled notices of the repository."""
    return Path(__file__).resolve().parents[2] / "cases" / "notices"

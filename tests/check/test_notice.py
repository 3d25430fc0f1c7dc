"""Issuer, number, date, addressee."""

from __future__ import annotations

from datetime import date

import pytest

from engine.check import read_bytes
from engine.check.notice import find_dates, read_head
from engine.units import UnitRegister


@pytest.fixture
def register(pack):
    return UnitRegister(pack.units)


def head(text: str, register: UnitRegister, issuer: str | None = None):
    return read_head(read_bytes(text.encode(), "来文.txt"), register, issuer)


def test_the_parts_of_a_notice(notice_text, register):
    found = head(notice_text, register)

    assert found.title == "关于规范水事秩序的通知"
    assert found.number == "莎水发〔2026〕8号"
    assert found.addressee == "各镇人民政府"
    assert found.issuers == ("莎车县水利局",)
    assert found.date == date(2026, 3, 9)


def test_short_names_and_two_issuers(register):
    found = head("通知事项\n请各镇办理。\n县医保局\n县税务局\n二〇二六年十一月三日", register)

    assert found.issuers == ("莎车县医疗保障局", "国家税务总局莎车县税务局")
    assert found.date == date(2026, 11, 3)


def test_the_letterhead_tells_when_nobody_signs(register):
    found = head("莎车县教育局文件\n关于开学工作的通知\n请各镇做好劝返。", register)

    assert found.issuers == ("莎车县教育局",)


def test_what_the_user_says_wins(notice_text, register):
    assert head(notice_text, register, "县公安局").issuers == ("莎车县公安局",)


def test_an_issuer_that_the_register_lacks_is_kept_as_written(register):
    found = head("关于征缴的通知\n请各镇办理。\n莎车县某某指挥部\n2026年1月1日", register)

    assert found.issuers == ("莎车县某某指挥部",)
    assert not found.known


def test_dates():
    found = [d for _, d in find_dates("2025年12月1日前，3月底前，4月8日", 2026)]

    assert found == [date(2025, 12, 1), date(2026, 4, 8), date(2026, 3, 31)] or set(found) == {
        date(2025, 12, 1),
        date(2026, 3, 31),
        date(2026, 4, 8),
    }
    assert find_dates("2月30日", 2026) == []

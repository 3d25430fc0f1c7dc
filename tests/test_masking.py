"""Masking: what points at a person goes, what tells the matter stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.masking import CASE_NAME, ID_NUMBER, PHONE, PLATE, Masker


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我叫张建国，三轮车挡路", f"我叫{CASE_NAME}，三轮车挡路"),
        ("联系人：李梅 电话13812345678", f"联系人：{CASE_NAME} 电话{PHONE}"),
        ("打138 1234 5678没人接", f"打{PHONE}没人接"),
        ("打１３８１２３４５６７８", f"打{PHONE}"),
        ("座机0998-8512345", f"座机{PHONE}"),
        ("身份证653125198001011234", f"身份证{ID_NUMBER}"),
        ("证号65312519800101123X的人", f"证号{ID_NUMBER}的人"),
        ("车牌新Q·A1234挂违停", f"车牌{PLATE}违停"),
        ("新QB1234和新QD12345堵路", f"{PLATE}和{PLATE}堵路"),
        ("买买提·吐尔逊家的渠堵了", f"{CASE_NAME}家的渠堵了"),
        ("阿卜杜热合曼家的羊丢了", f"{CASE_NAME}家的羊丢了"),
        ("王书记不管，李某某打人", f"{CASE_NAME}书记不管，{CASE_NAME}打人"),
    ],
)
def test_person_is_masked(text: str, masked: str) -> None:
    """Names by cue, title, dot or stem; numbers by form."""
    assert Masker().text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "麦子黄了书记不来",
        "周边老板欠钱",
        "我是农民，地里没水",
        "努力干了四个月没发钱",
        "施工队长不戴安全帽",
        "邻居马上要盖房",
        "肉孜节放假吗",
        "工单编号202507010001234号",
        "2025年7月1日23点停电",
        "赔了128000元",
    ],
)
def test_matter_stays(text: str) -> None:
    """Words that begin like a name, dates, sums and order numbers are not touched."""
    assert Masker().text(text) == text


def test_columns_of_persons_are_masked_whole() -> None:
    """A name column needs no cue; other columns are read as texts."""
    masker = Masker()
    assert masker.cell("诉求人姓名", "古丽") == CASE_NAME
    assert masker.cell("联系电话", 13812345678) == PHONE
    assert masker.cell("备注", "回电13812345678") == f"回电{PHONE}"
    assert masker.cell("备注", 13812345678) == PHONE
    assert masker.cell("户数", 12) == 12
    assert masker.cell("明细", {"姓名": "古丽", "村": "3村"}) == {"姓名": CASE_NAME, "村": "3村"}


@given(
    before=st.text(alphabet="村里的路坏了，。 ", max_size=8),
    number=st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    after=st.text(alphabet="，。没人接 ", max_size=8),
)
def test_no_mobile_number_survives(before: str, number: str, after: str) -> None:
    """A mobile number is gone wherever it stands; masking twice changes nothing more."""
    masker = Masker()
    masked = masker.text(before + number + after)
    assert number not in masked
    assert masker.text(masked) == masked

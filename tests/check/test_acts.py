"""What a passage asks, and of whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Pack
from engine.check.acts import ActReader
from engine.units import UnitRegister


@pytest.fixture(scope="module")
def reader(pack: Pack) -> ActReader:
    return ActReader(pack.check, UnitRegister(pack.units).known())


def test_the_town_is_meant_when_nobody_is_named(reader):
    asked = reader.read("请立案并处以罚款")

    assert "punish" in asked.acts("town")


def test_a_department_that_receives_owns_the_acts_behind_it(reader):
    """报我局审批: the bureau approves."""
    asked = reader.read("请各镇收集申请材料，初审后报我局审批")

    assert "first-review" in asked.acts("town")
    assert "approve" not in asked.acts("town")
    assert "approve" in asked.acts("department")


def test_what_stands_before_de_is_the_matter_not_a_demand(reader):
    asked = reader.read("受到处罚仍不改正的，由各镇上报")

    assert "punish" not in asked.acts("town")
    assert "report" in asked.acts("town")


def test_urging_hands_the_act_to_somebody_else(reader):
    asked = reader.read("请各镇督促企业对钢瓶进行检测")

    assert "test" not in asked.acts("town")
    assert "urge" in asked.acts("town")


def test_helping_is_not_doing(reader):
    asked = reader.read("请各镇配合执法人员调查取证")

    assert "investigate" not in asked.acts("town", "do")
    assert "investigate" in asked.acts("town", "assist")


def test_helping_with_everything_is_doing(reader):
    """协助完成…全部环节 hands the whole job over."""
    asked = reader.read("由各镇协助完成勘验、证据固定、责任认定等全部环节")

    assert "investigate" in asked.acts("town", "do")
    assert "hand-over" in asked.signs


def test_a_department_named_as_the_subject_acts_itself(reader):
    asked = reader.read("我局组织执法人员立案查处，各镇做好宣传")

    assert "punish" in asked.acts("department")
    assert set(asked.acts("town")) == {"publicise"}


def test_a_thing_called_after_an_act_is_not_the_act(reader):
    """新建项目 is no building, 核查处置 no 查处."""
    assert "build" not in reader.read("请各镇做好新建项目的使用").acts("town")
    assert "punish" not in reader.read("请各镇对线索核查处置").acts("town")


@given(st.text(max_size=80))
def test_every_act_lies_inside_the_text(pack, text):
    """Whatever is written, reading ends and every place is real."""
    from engine.errors import InputError

    reader = ActReader(pack.check)
    try:
        asked = reader.read(text)
    except InputError:
        return
    assert all(0 <= d.act.start < d.act.end <= len(asked.text) for d in asked.demands)


def test_without_a_vocabulary_nothing_is_asked():
    assert ActReader(()).read("立案处罚").demands == []

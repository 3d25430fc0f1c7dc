"""Cutting the body into passages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.check.document import Block, Cell
from engine.check.segment import passages


def cut(*texts: str) -> list[str]:
    blocks = [Block(text, "") for text in texts]
    return [p.text for p in passages(blocks, range(len(blocks)))]


def test_numbering_inside_a_paragraph_is_cut():
    found = cut("一、抓好落实。（一）各镇要宣传。（二）各镇要巡查。我局负责检查。")

    assert found == ["各镇要宣传", "各镇要巡查", "我局负责检查"]


def test_a_heading_is_remembered_by_what_stands_under_it():
    blocks = [Block("一、规范医疗救助。各镇要及时受理申请。", "")]

    assert [p.heading for p in passages(blocks, [0])] == ["规范医疗救助"]


def test_halves_that_are_tasks_of_their_own_are_cut():
    assert len(cut("各镇要宣传保护水源知识；各镇要排查渠道安全隐患。")) == 2
    assert len(cut("各镇要查水；查电。")) == 1


def test_a_sentence_after_a_number_is_no_heading():
    assert cut("四、村民收养弃婴的，由镇民政办登记。") == ["村民收养弃婴的，由镇民政办登记"]


def row(number: int, *cells: str) -> list[Block]:
    heads = ("序号", "工作任务", "责任单位", "完成时限")
    return [Block(text, "", "cell", Cell(0, number, i, heads[i])) for i, text in enumerate(cells)]


def test_a_table_row_says_whose_task_it_is():
    blocks = row(1, "1", "对临街工地开展日常巡查，劝阻无效的上报", "各镇人民政府", "每周")
    blocks += row(2, "2", "清运建成区生活垃圾并做好消杀工作", "县城市管理局", "每日")
    found = passages(blocks, range(len(blocks)))

    assert [p.asks_town for p in found] == [True, False]
    assert found[0].time == "每周"


def test_a_town_that_only_helps_is_read_as_helping():
    heads = ("任务", "牵头单位", "配合单位")
    cells = ("对全县水库开展除险加固和安全鉴定", "县水利局", "各镇人民政府")
    blocks = [Block(text, "", "cell", Cell(0, 1, i, heads[i])) for i, text in enumerate(cells)]

    assert [(p.asks_town, p.lead) for p in passages(blocks, range(3))] == [(True, "配合")]


@given(st.text(alphabet="一二、（）。；各镇要查水1.①\n ", max_size=60))
def test_every_passage_is_an_exact_piece_of_its_block(text):
    blocks = [Block(text, "")]
    for p in passages(blocks, [0]):
        assert text[p.start : p.end] == p.text


def test_a_short_line_without_punctuation_is_a_heading():
    """Word draws the number itself: what is left is 严厉查处违法行为."""
    blocks = [Block("严厉查处违法行为", ""), Block("各镇要开展宣传。", "")]
    found = passages(blocks, range(2))

    assert [(p.text, p.heading) for p in found] == [("各镇要开展宣传", "严厉查处违法行为")]


def test_a_table_without_a_head_is_read_from_its_first_row():
    block = Block("请各镇对私自打井的立案罚款", "", "cell", Cell(0, 0, 0, ""))

    assert [p.text for p in passages([block], [0])] == ["请各镇对私自打井的立案罚款"]

"""Findings about the notice as a whole: basis, approval, resources, deadlines, issuer, contradictions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from engine.check.document import Document
from engine.check.model import VIOLATIONS, Checked, DocumentFinding, Finding
from engine.check.notice import Head, find_dates
from engine.model import Pack

__all__ = ["document_findings"]

_BASIS = re.compile(r"根据|依据|按照《|《[^》]{4,60}》|〔20\d{2}〕\d+号|(?<!未)经[^，。]{0,12}(?:研究|同意|批准)")
_APPROVAL = re.compile(r"准入|编办|编委|赋权|委托(?:执法|事项)|履职事项清单")
_RESOURCES = re.compile(
    r"经费(?:保障|由我|由县|列入)|安排(?:专项)?资金|下拨|划拨|拨付[^。]{0,10}经费|人员由我|派出[^。]{0,12}人员|配备|物资由我|费用由我|资金由我|所需(?:经费|资金)由(?:我|县)"
)


_MOST_NAMED = 5


def document_findings(
    document: Document, head: Head, clauses: Sequence[Checked], today: date | None, pack: Pack
) -> tuple[DocumentFinding, ...]:
    """What is wrong with the notice besides its single clauses.

    Args:
        document: The notice.
        head: Its parts.
        clauses: What was found in it.
        today: See `Checker.check`.
        pack: For the names.
    """
    found: list[DocumentFinding] = []
    text = "\n".join(block.text for block in document.blocks).replace(head.number or "\0", "")
    beyond = [c for c in clauses if c.finding in VIOLATIONS]
    if clauses and not _BASIS.search(text):
        found.append(DocumentFinding(kind="no_basis", message="全文未写明文件或法规依据，请发文单位补充依据"))
    new = [c for c in clauses if c.finding is Finding.UNLISTED]
    if new and not _APPROVAL.search(text):
        message = f"有 {len(new)} 处清单外工作，未见准入审批文号；新增事项须先经县委编办准入审核"
        found.append(DocumentFinding(kind="no_approval", message=message, places=tuple(c.place for c in new)))
    if beyond and not _RESOURCES.search(text):
        message = f"有 {len(beyond)} 处超出本镇职责的工作，未说明人员、经费、物资如何保障"
        found.append(DocumentFinding(kind="no_resources", message=message, places=tuple(c.place for c in beyond)))
    found += _past(head, clauses, today)
    found += _issuer(head, clauses)
    found += _contradictions(clauses)
    return tuple(found)


def _past(head: Head, clauses: Sequence[Checked], today: date | None) -> list[DocumentFinding]:
    reference = today or head.date
    if reference is None:
        return []
    past = [(c, d) for c in clauses for _, d in find_dates(c.deadline or "", reference.year) if d < reference]
    if not past:
        return []
    against = "今天" if today else "发文日期"
    shown = "、".join(dict.fromkeys(f"{d:%Y-%m-%d}" for _, d in past))
    message = f"完成时限（{shown}）早于{against} {reference:%Y-%m-%d}"
    return [DocumentFinding(kind="deadline_past", message=message, places=tuple(c.place for c, _ in past))]


def _issuer(head: Head, clauses: Sequence[Checked]) -> list[DocumentFinding]:
    if not head.issuers:
        return [DocumentFinding(kind="no_issuer", message="未找到发文单位（落款、版头、标题均无），可用 --issuer 指明")]
    if not head.known:
        unknown = "、".join(head.issuers)
        message = f"发文单位「{unknown}」不在单位名录中，无法比对其职责"
        return [DocumentFinding(kind="no_issuer", message=message)]
    other = [c for c in clauses if c.official.departments and not set(head.issuers) & set(c.official.departments)]
    if not other:
        return []
    named = list(dict.fromkeys(f"{c.item_id}（{'、'.join(c.official.departments[:3])}）" for c in other))
    shown = "、".join(named[:_MOST_NAMED]) + (f"等 {len(named)} 项" if len(named) > _MOST_NAMED else "")
    message = f"发文单位不是所涉事项的对应部门：{shown}，请核对是否越权发文"
    return [DocumentFinding(kind="other_issuer", message=message, places=tuple(c.place for c in other))]


def _contradictions(clauses: Sequence[Checked]) -> list[DocumentFinding]:
    """The same item, once as the list has it and once not; or two deadlines for the same words."""
    found: list[DocumentFinding] = []
    by_item: dict[str, list[Checked]] = {}
    for clause in clauses:
        if clause.item_id:
            by_item.setdefault(clause.item_id, []).append(clause)
    for item, same in by_item.items():
        right = [c for c in same if c.finding is Finding.COMPLIANT]
        wrong = [c for c in same if c.finding in VIOLATIONS]
        if right and wrong:
            message = f"两处说法不一致：{right[0].place.label}按清单分工交办 {item}，{wrong[0].place.label}又把部门职责交给乡镇"
            found.append(DocumentFinding(kind="contradiction", message=message, places=(right[0].place, wrong[0].place)))
    return found

"""Check that everything a rule names exists, and that every clause can hold."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from engine.errors import Problem
from engine.model import Concept, Kind, Pack, Place, When
from engine.normalise import normalise, not_normal
from engine.units import UnitRegister

__all__ = ["check_references"]


def _problem(place: Place, code: str, message: str) -> Problem:
    return Problem(place.file, place.line, place.column, code, message)


def _names(when: When) -> Iterator[str]:
    for entry in when.all:
        yield from (entry,) if isinstance(entry, str) else entry
    yield from when.any
    yield from when.none


def check_references(pack: Pack, register: UnitRegister) -> list[Problem]:
    """Find names without a bearer, names with two, and clauses without a condition.

    Args:
        pack: The pack as read.
        register: Its unit register.

    Returns:
        One problem for each fault, with its place.
    """
    problems: list[Problem] = []
    concepts: dict[str, Concept] = {}
    for concept in pack.concepts:
        if concept.concept in concepts:
            first = concepts[concept.concept].place
            said = f"概念「{concept.concept}」已在 {first.file}:{first.line} 定义"
            problems.append(_problem(concept.place, "ZB101", said))
        concepts.setdefault(concept.concept, concept)
    for concept in pack.concepts:
        if not (concept.phrases or concept.words or concept.parts):
            problems.append(_problem(concept.place, "ZB102", f"概念「{concept.concept}」没有任何词"))

    for concept in pack.concepts:
        for phrase in (*concept.phrases, *concept.words, *concept.unless):
            if not all(any(c.isalnum() for c in half) for half in phrase.split("…")):
                said = f"「{concept.concept}」的「{phrase}」规范化后为空，永远不会命中"
                problems.append(_problem(concept.place, "ZB303", said))
        halves = [h for p in (*concept.phrases, *concept.words, *concept.unless) for h in p.split("…")]
        for half in not_normal(h for h in halves if any(c.isalnum() for c in h)):
            said = f"「{concept.concept}」的「{half}」规范化后是「{normalise(half).text}」，请直接写后者"
            problems.append(_problem(concept.place, "ZB304", said))

    def known(name: str, place: Place, where: str) -> None:
        if name not in concepts:
            near = difflib.get_close_matches(name, concepts, n=2, cutoff=0.5)
            hint = f"；相近：{'、'.join(near)}" if near else ""
            problems.append(_problem(place, "ZB103", f"概念「{name}」不在词库中（{where}）{hint}"))

    def unit(name: str, place: Place, where: str) -> None:
        if register.resolve(name) is None:
            problems.append(_problem(place, "ZB104", f"单位「{name}」不在单位名录中（{where}）"))

    for concept in pack.concepts:
        for part in concept.parts:
            known(part, concept.place, f"概念「{concept.concept}」parts")

    official = {row.id: row for row in pack.official}
    ruled: dict[str, Place] = {}
    for item in pack.items:
        if item.item not in official:
            problems.append(_problem(item.place, "ZB105", f"清单中没有 {item.item}"))
        if item.item in ruled:
            first = ruled[item.item]
            problems.append(_problem(item.place, "ZB106", f"{item.item} 已在 {first.file}:{first.line} 写过"))
        ruled.setdefault(item.item, item.place)
        seen: set[str] = set()
        for clause in item.match:
            where = f"{item.item} {clause.id}"
            if clause.id in seen:
                problems.append(_problem(clause.place, "ZB107", f"{where} 重名"))
            seen.add(clause.id)
            if not clause.groups():
                problems.append(_problem(clause.place, "ZB108", f"{where} 没有正面条件；只写 none 的条款会一直成立"))
            if any(not group for group in clause.groups()):
                problems.append(_problem(clause.place, "ZB109", f"{where} 的 all 中有空列表"))
            for name in (*(n for g in clause.groups() for n in g), *clause.none, *clause.support):
                known(name, clause.place, where)
        for rule in item.departments:
            where = f"{item.item} departments"
            if rule.otherwise == (rule.when is not None):
                problems.append(_problem(rule.place, "ZB110", f"{where} 每一项要么写 when，要么写 otherwise: true"))
            for name in _names(rule.condition()):
                known(name, rule.place, where)
            for written in rule.units:
                unit(written, rule.place, where)
        if item.departments and item.item in official and official[item.item].kind is Kind.BASIC:
            problems.append(_problem(item.place, "ZB111", f"{item.item} 是本镇主办，不写 departments"))
        for override in item.over:
            if override.item not in official:
                problems.append(_problem(override.place, "ZB105", f"{item.item} over：清单中没有 {override.item}"))
            if override.clause is not None and override.clause not in seen:
                problems.append(_problem(override.place, "ZB112", f"{item.item} over：没有条款 {override.clause}"))
        for example in item.examples:
            if example.goes not in (None, "unlisted") and example.goes not in official:
                problems.append(_problem(example.place, "ZB105", f"{item.item} examples：清单中没有 {example.goes}"))
            if example.clause is not None and example.clause not in seen:
                problems.append(_problem(example.place, "ZB112", f"{item.item} examples：没有条款 {example.clause}"))
            for written in example.lead or ():
                unit(written, example.place, f"{item.item} examples")
    for row in pack.official:
        if row.id not in ruled:
            problems.append(Problem(f"{pack.info.id}/items", 0, 0, "ZB113", f"{row.id} {row.name[:20]} 还没有规则"))
    conditions = [(h.place, h.condition()) for h in pack.hints] + [(u.place, u.when) for u in pack.urgencies]
    for place, when in conditions:
        if not when.all and not when.any:
            problems.append(_problem(place, "ZB117", "when 没有正面条件；只写 none 会对所有文本成立"))
    for hint in pack.hints:
        unit(hint.unit, hint.place, "hints")
        for name in _names(hint.condition()):
            known(name, hint.place, "hints")
    for urgency in pack.urgencies:
        for name in _names(urgency.when):
            known(name, urgency.place, "urgent")
    categories = {row.category for row in pack.official if row.kind is Kind.BASIC}
    for office in pack.offices:
        for name in office.categories:
            if name not in categories:
                problems.append(_problem(office.place, "ZB114", f"基本履职中没有类别「{name}」（offices「{office.office}」）"))
        for name in office.items:
            if name not in official or official[name].kind is not Kind.BASIC:
                problems.append(_problem(office.place, "ZB105", f"基本履职中没有 {name}（offices「{office.office}」）"))
    codes = [word.check for word in pack.check]
    for number, word in enumerate(pack.check):
        if word.check in codes[:number]:
            problems.append(_problem(word.place, "ZB115", f"check.yaml 中「{word.check}」写了两次"))
        for name in word.covers:
            if name not in codes:
                problems.append(_problem(word.place, "ZB116", f"check.yaml「{word.check}」的 covers 中没有这一项：{name}"))
    return problems

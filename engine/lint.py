"""Everything wrong with a pack that reading it does not show.

Reading (`engine/pack.py`) finds broken files and names without a bearer; lint
finds rules that load and yet cannot do what they say: phrases no text can
hold, clauses that can never fire, overrides in a circle, own examples that go
elsewhere. All faults of a pack in one run, each with its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.errors import InputError, PackError, Problem
from engine.model import Clause, Item, Override, Pack, Place
from engine.pack import read_pack
from engine.router import Router
from engine.rulesets import compile_items, compile_ruleset

__all__ = ["lint_folder", "lint_pack"]

_LEAST_EXAMPLES = 2


def _problem(place: Place, code: str, message: str, severity: str = "error") -> Problem:
    return Problem(place.file, place.line, place.column, code, message, severity)


def lint_folder(folder: Path) -> list[Problem]:
    """All faults of the pack in a folder, errors and warnings, by place."""
    pack, problems = read_pack(folder)
    if pack is not None and not any(p.severity == "error" for p in problems):
        problems = [*problems, *lint_pack(pack)]
    return sorted(set(problems))


def lint_pack(pack: Pack) -> list[Problem]:
    """Faults of a pack that has been read."""
    found = [*_phrases(pack), *_clauses(pack), *_cycles(pack), *_limits(pack)]
    if not any(p.severity == "error" for p in found):
        found.extend(_examples(pack))
    return found


def _phrases(pack: Pack) -> Iterator[Problem]:
    used = {n for i in pack.items for c in i.match for n in (*(x for g in c.groups() for x in g), *c.none, *c.support)}
    used |= {part for concept in pack.concepts for part in concept.parts}
    for item in pack.items:
        for rule in item.departments:
            when = rule.condition()
            used |= {*when.any, *when.none, *(n for e in when.all for n in ((e,) if isinstance(e, str) else e))}
    for when in (*(hint.condition() for hint in pack.hints), *(urgency.when for urgency in pack.urgencies)):
        used |= {*when.any, *when.none, *(n for e in when.all for n in ((e,) if isinstance(e, str) else e))}
    for concept in pack.concepts:
        name = concept.concept
        if name not in used and concept.layer != "empty":
            yield _problem(concept.place, "ZB301", f"概念「{name}」没有规则使用", "warning")
        seen: set[str] = set()
        for phrase in (*concept.phrases, *concept.words, *concept.unless):
            if phrase in seen:
                yield _problem(concept.place, "ZB302", f"「{name}」中「{phrase}」重复", "warning")
            seen.add(phrase)
            if len(phrase) == 1 and phrase in concept.phrases:
                yield _problem(concept.place, "ZB305", f"「{name}」的「{phrase}」只有一个字，请放入 words")
        for phrase in concept.phrases:
            if any(longer in phrase for longer in concept.unless):
                yield _problem(concept.place, "ZB306", f"「{name}」的「{phrase}」总被 unless 排除，永远不会命中")


def _clauses(pack: Pack) -> Iterator[Problem]:
    conditions: dict[tuple[frozenset[frozenset[str]], frozenset[str]], tuple[Item, Clause]] = {}
    for item in pack.items:
        if not item.match:
            yield _problem(item.place, "ZB310", f"{item.item} 没有条款")
        if len(item.examples) < _LEAST_EXAMPLES:
            yield _problem(item.place, "ZB311", f"{item.item} 只有 {len(item.examples)} 个例句，至少 {_LEAST_EXAMPLES} 个")
        for clause in item.match:
            groups = frozenset(frozenset(group) for group in clause.groups())
            for group in groups:
                if group <= set(clause.none):
                    both = "、".join(sorted(group))
                    message = f"{item.item} {clause.id} 既要求又排除「{both}」，永远不会成立"
                    yield _problem(clause.place, "ZB312", message)
            key = (groups, frozenset(clause.none))
            twin = conditions.setdefault(key, (item, clause))
            if twin[1] is not clause and twin[0].item != item.item:
                pair = {twin[0].item, item.item}
                settled = any(o.item in pair for i in (twin[0], item) for o in i.over)
                if not settled:
                    other = f"{twin[0].item} {twin[1].id}（{twin[1].place.file}:{twin[1].place.line}）"
                    message = f"{item.item} {clause.id} 与 {other}条件相同，须用 over 说明谁优先"
                    yield _problem(clause.place, "ZB313", message, "warning")


def _cycles(pack: Pack) -> Iterator[Problem]:
    """Overrides in a circle: nobody could answer.

    An error where all of them can hold at once by what they say (two items
    over each other, or a circle in which no override names a clause); a
    warning where clauses keep a longer circle apart.
    """
    edges = {item.item: item.over for item in pack.items}
    done: set[str] = set()

    def walk(item: str, path: list[Override], names: list[str]) -> Iterator[Problem]:
        if item in names:
            start = names.index(item)
            circle, over = [*names[start:], item], path[start:]
            said = f"over 成环：{' → '.join(circle)}"
            if len(over) == 2 or all(edge.clause is None for edge in over):
                yield _problem(over[0].place, "ZB320", said)
            else:
                yield _problem(over[0].place, "ZB321", f"{said}（各以条款为条件）", "warning")
            return
        if item in done:
            return
        for edge in edges.get(item, ()):
            yield from walk(edge.item, [*path, edge], [*names, item])
        done.add(item)

    for item in edges:
        yield from walk(item, [], [])


def _limits(pack: Pack) -> Iterator[Problem]:
    names = [concept.concept for concept in pack.concepts]
    items = compile_items(pack.items, names)
    for item in items:
        if item.clauses:
            try:
                compile_ruleset(item)
            except PackError as error:
                yield from error.problems


def _examples(pack: Pack) -> Iterator[Problem]:
    router = Router(pack, reader=False)
    for item in pack.items:
        for example in item.examples:
            wanted = example.goes or item.item
            try:
                trace = router.trace(example.text)
            except InputError as error:
                yield _problem(example.place, "ZB330", f"{item.item} 例句：{error}")
                continue
            verdict = router.verdict(trace, example.text)
            got = verdict.item_id or "unlisted"
            clauses = {f.clause.source.id for r in trace.ranked if router.items[r.item] is item for f in r.fired}
            right = got == wanted
            if right and example.clause and example.clause not in clauses:
                right, got = False, f"{got}（条款 {'、'.join(sorted(clauses)) or '无'}）"
            if right and example.lead is not None:
                leads = {router.register.resolve(unit) for unit in example.lead}
                if leads != set(verdict.lead_units):
                    right, got = False, f"{got}（主办 {'、'.join(verdict.lead_units)}）"
            if example.todo and right:
                yield _problem(example.place, "ZB331", f"{item.item} 例句「{example.text[:20]}」已能通过，请去掉 todo")
            elif not example.todo and not right:
                yield _problem(example.place, "ZB332", f"{item.item} 例句「{example.text[:20]}」应归 {wanted}，实归 {got}")

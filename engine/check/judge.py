"""Hold one passage against the list: which item, and does it follow its columns?

passage -> `Router.route` (item and candidates) -> acts asked of the town ->
the candidate whose columns fit these acts -> finding by table:

* B: the town's own work.
* R: taken back, unless only what the row leaves with the town is asked, or
  merely a report about it.
* C: the acts asked of the town must stand in the town's column; an act that
  the departments' column holds alone, money of the town's own, or the whole
  matter under another name is an inversion.
* on no item: unlisted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.check.acts import ActReader, Asked, Subject
from engine.check.model import Finding, Judgement, Official
from engine.check.official import Columns, DutyIndex
from engine.check.wording import names, reason
from engine.model import CheckWord, Kind
from engine.router import Router
from engine.verdict import Verdict

__all__ = ["Judge", "Weighed"]

_MOST_CANDIDATES = 5
_PRIORS = (0.55, 0.35, 0.25, 0.2, 0.15, 0.1)
_ISSUER = 0.3
_ISSUERS_OWN = 0.15
_REPORTING = frozenset({"report", "publicise", "stop", "urge", "show", "early", "mobilise"})
"""Acts that leave a reclaimed matter where it belongs."""
_HARMLESS = frozenset({"report", "publicise", "stop", "show", "hand-out"})
"""Acts that a town may do in any matter of the list."""
_LOOKING = frozenset({"inspect", "verify"})
_ALWAYS = frozenset({"own-money"})
"""No column of a town holds it."""
_AUTHORITY = frozenset({"punish", "approve", "collect", "pay", "own-money", "register-right", "test"})
_POWERS = frozenset({"punish", "collect", "pay", "register-right"})
"""Never the town's unless its column says so, even where the departments' column is silent."""
_PRESSURE = frozenset({"assess"})
_OUTSIDE = {"foreign": 0.8, "off-list": 0.4}
"""Signs of a matter on no table, and how much they weigh against an item."""
_LISTED = 0.27
_HANDED_OVER, _CHARGED, _DEPARTMENTS_OWN = -0.1, 0.05, 0.15
"""How much more of a demand the departments' column must hold than the town's: with words
of handing over, where the town is put in charge, and else."""
_REVIEW_BELOW = 0.7


@dataclass(slots=True)
class Weighed:
    """A candidate item and what speaks for it."""

    columns: Columns
    score: float
    share: float


class Judge:
    """Judges passages with one router; one Judge for each thread or process.

    Args:
        router: Routes each passage; its pack brings `check.yaml`.
    """

    def __init__(self, router: Router) -> None:
        self.router = router
        self.reader = ActReader(router.pack.check, router.register.known())
        self.duties = DutyIndex(router.pack.official, self.reader)

    def judge(self, text: str, issuer: str | None = None, context: str = "") -> Judgement:
        """Judge one passage.

        Args:
            text: The passage, as written.
            issuer: Who hands it down, in any spelling; only a hint.
            context: The heading it stands under; read only when the passage
                itself names no matter.

        Raises:
            InputError: The passage is empty.
        """
        verdict = self.router.route(text)
        asked = self.reader.read(text)
        unit = self.router.register.resolve(issuer) if issuer else None
        weighed = self._weigh(text, verdict, asked, unit)
        if not self._listed(verdict, asked, weighed, unit) and context:
            again = self.router.route(f"{context}。{text}")
            with_context = self._weigh(text, again, asked, unit)
            if again.item_id and self._listed(again, asked, with_context, unit):
                verdict, weighed = again, with_context
        if not self._listed(verdict, asked, weighed, unit):
            return self._unlisted(verdict, asked, weighed)
        return self._judged(text, verdict, asked, weighed)

    def _candidates(self, verdict: Verdict) -> list[str]:
        order = [verdict.item_id] if verdict.item_id else []
        order += [a.item_id for a in verdict.alternatives] + [a.item_id for a in verdict.also]
        return list(dict.fromkeys(order))[: _MOST_CANDIDATES + 1]

    def _issuers_own(self, text: str, unit: str | None, routed: Sequence[str]) -> list[str]:
        """Items of the issuer that hold most of the words, for passages whose routing saw another side of them."""
        if unit is None:
            return []
        own = [c for item, c in self.duties.columns.items() if item not in routed and unit in c.official.departments]
        shares = [
            (self.duties.column_share(text, (c.official.name, *c.department_texts, *c.town_texts)), c.official.id) for c in own
        ]
        return [item for share, item in sorted(shares, reverse=True)[:2] if share >= _ISSUERS_OWN]

    def _weigh(self, text: str, verdict: Verdict, asked: Asked, unit: str | None) -> list[Weighed]:
        found: list[Weighed] = []
        routed = self._candidates(verdict)
        for rank, item in enumerate([*routed, *self._issuers_own(text, unit, routed)]):
            columns = self.duties.columns[item]
            score = _PRIORS[min(rank + (verdict.item_id is None), len(_PRIORS) - 1)]
            if rank == 0 and verdict.item_id:
                score += 0.5 * verdict.confidence
            if unit and unit in columns.official.departments:
                score += _ISSUER
            score += self._fit(columns, asked)
            words = (columns.official.name, *columns.department_texts, *columns.town_texts)
            share = self.duties.column_share(text, words)
            found.append(Weighed(columns, score + 0.6 * share, share))
        found.sort(key=lambda w: -w.score)
        return found

    def _fit(self, columns: Columns, asked: Asked) -> float:
        """Whether the acts asked of the town are what the item is about."""
        acts = asked.acts("town", "do", "assist")
        hard = {code for code, word in acts.items() if word.weight == "hard"} - _PRESSURE - _ALWAYS
        kind = columns.official.kind
        own_hard = {code for code, word in columns.own.items() if word.weight == "hard"}
        if kind is Kind.RECLAIMED:
            if own_hard & set(acts):
                return 0.35
            return -0.3 if own_hard else 0.0
        if kind is Kind.BASIC:
            if hard & own_hard:
                return 0.35
            return -0.3 if hard & _AUTHORITY else -0.15 if hard else 0.0
        if hard and hard <= (set(columns.departments) | set(columns.town)):
            return 0.25
        return 0.0

    def _listed(self, verdict: Verdict, asked: Asked, weighed: Sequence[Weighed], unit: str | None) -> bool:
        """Whether the best candidate really governs the passage."""
        if not weighed:
            return False
        best = weighed[0]
        if not asked.signs.isdisjoint(_OUTSIDE) and verdict.item_id is None:
            return False
        row = best.columns.official
        certain = 0.5 * verdict.confidence if verdict.item_id == row.id else 0.1 if verdict.item_id else 0.0
        words = min(0.4, 2.0 * best.share)
        fit = max(0.0, self._fit(best.columns, asked))
        # The issuer's own item counts only where the words say something too.
        mine = _ISSUER if unit in row.departments and (certain >= 0.05 or words >= 0.15 or fit) else 0.0
        outside = sum(weight for sign, weight in _OUTSIDE.items() if sign in asked.signs)
        return certain + mine + words + fit - outside >= _LISTED

    def _judged(self, text: str, verdict: Verdict, asked: Asked, weighed: list[Weighed]) -> Judgement:
        best = weighed[0]
        kind = best.columns.official.kind
        if kind is Kind.RECLAIMED and not best.columns.official.abolished and self._only_reports(best.columns, asked):
            other = next(
                (w for w in weighed[1:] if w.columns.official.kind is not Kind.RECLAIMED and w.score > best.score - 0.5), None
            )
            best = other or best
            return self._answer(Finding.COMPLIANT, best, verdict, asked, weighed, self._town_sentence(best, text), {})
        if kind is Kind.RECLAIMED:
            finding = Finding.ABOLISHED if best.columns.official.abolished else Finding.RECLAIMED
            return self._answer(finding, best, verdict, asked, weighed, best.columns.official.takeover, {})
        if kind is Kind.BASIC:
            return self._answer(Finding.COMPLIANT, best, verdict, asked, weighed, best.columns.official.name, {})
        contrary = self._contrary(best.columns, asked)
        if contrary or self._handed_over(best.columns, asked, text):
            sentence = self._department_sentence(best, contrary, text)
            return self._answer(Finding.ROLE_INVERSION, best, verdict, asked, weighed, sentence, contrary)
        return self._answer(Finding.COMPLIANT, best, verdict, asked, weighed, self._town_sentence(best, text), {})

    def _only_reports(self, columns: Columns, asked: Asked) -> bool:
        """Whether a reclaimed matter is only reported on, or only the part left with the town is asked."""
        acts = set(asked.acts("town", "do", "assist"))
        if not acts or "hand-over" in asked.signs:
            return False
        kept = set(columns.town)
        if kept:
            return bool(acts & (kept | {"accept"})) and not {a for a in acts if asked_hard(asked, a)} - kept
        if acts & set(columns.own):
            return False
        if "punish" in columns.own:
            # To look and to tell leaves the case with whoever took it over.
            return acts <= (_REPORTING | _LOOKING) and not acts <= _LOOKING
        return acts <= _HARMLESS and ("found" in asked.signs or "report" not in acts)

    def _contrary(self, columns: Columns, asked: Asked) -> dict[str, CheckWord]:
        """Acts asked of the town that its column does not hold and somebody else's does."""
        found: dict[str, CheckWord] = {}
        for code, word in asked.acts("town", "do").items():
            if word.weight != "hard" or code in _PRESSURE:
                continue
            theirs, ours = code in columns.departments, code in columns.town
            beyond = not ours and (theirs or code in _POWERS)
            if code in _ALWAYS or beyond or (ours and theirs and self._belongs_elsewhere(columns, code, asked)):
                found[code] = word
        return found

    def _belongs_elsewhere(self, columns: Columns, code: str, asked: Asked) -> bool:
        """Of an act that both columns hold, whether the departments' sentence is the one meant."""
        core = "，".join(asked.core) or asked.text
        department = self.duties.nearest(core, self._with_act(columns.department_texts, code, "department"))[0]
        town = self.duties.nearest(core, self._with_act(columns.town_texts, code, "town"))[0]
        return department > town + 0.15

    def _with_act(self, sentences: Sequence[str], code: str, subject: Subject) -> list[str]:
        return [s for s in sentences if code in self.reader.read(s, subject).acts(subject, "do", "assist")]

    def _handed_over(self, columns: Columns, asked: Asked, text: str) -> bool:
        """Whether the whole matter changes hands, or the departments' own sentence is asked of the town."""
        core = "，".join(asked.core) or text
        lead = self.duties.column_share(core, columns.department_texts) - self.duties.column_share(core, columns.town_texts)
        if "hand-over" in asked.signs:
            return lead > _HANDED_OVER
        acts = set(asked.acts("town", "do", "assist"))
        if acts and acts <= _HARMLESS:
            return False
        return lead > (_CHARGED if "charged" in asked.signs else _DEPARTMENTS_OWN)

    def _department_sentence(self, best: Weighed, contrary: dict[str, CheckWord], text: str) -> str:
        columns = best.columns
        wanted = [
            s for s in columns.department_texts if contrary.keys() & self.reader.read(s, "department").acts("department").keys()
        ]
        return self.duties.nearest(text, wanted or columns.department_texts)[1]

    def _town_sentence(self, best: Weighed, text: str) -> str:
        return (
            self.duties.nearest(text, best.columns.town_texts)[1]
            or best.columns.official.takeover
            or best.columns.official.name
        )

    def _unlisted(self, verdict: Verdict, asked: Asked, weighed: Sequence[Weighed]) -> Judgement:
        foreign = not asked.signs.isdisjoint(_OUTSIDE)
        nearest = "、".join(f"{w.columns.official.id}「{w.columns.official.name[:16]}」" for w in weighed[:2])
        reason = "三张表均无此事；新增工作须先经准入审核，再交乡镇办理"
        if nearest and not foreign:
            reason += f"（最接近的 {nearest}，请核对）"
        confidence = 0.85 if foreign else 0.6 if verdict.item_id is None else 0.5
        return Judgement(
            finding=Finding.UNLISTED,
            item_id=None,
            item_name=None,
            reason=reason,
            official_text="",
            acts=names(asked.acts("town", "do", "assist")),
            signs=self._signs(asked),
            others=tuple(w.columns.official.id for w in weighed[:3]),
            confidence=confidence,
            needs_review=confidence < _REVIEW_BELOW,
        )

    def _answer(
        self,
        finding: Finding,
        best: Weighed,
        verdict: Verdict,
        asked: Asked,
        weighed: Sequence[Weighed],
        sentence: str,
        contrary: dict[str, CheckWord],
    ) -> Judgement:
        row = best.columns.official
        town = self.router.pack.info.town
        units = (town,) if row.kind is Kind.BASIC else row.departments
        if row.kind is Kind.COOPERATING:
            named = next((duty.units for duty in row.duties if sentence and sentence in duty.text), None)
            units = named if finding is Finding.ROLE_INVERSION and named else row.departments
        margin = best.score - (
            weighed[1].score if len(weighed) > 1 and weighed[0] is best else weighed[0].score if weighed else 0.0
        )
        confidence = (
            0.5 + 0.25 * min(1.0, max(0.0, margin) / 0.5) + 0.2 * (verdict.confidence if verdict.item_id == row.id else 0.0)
        )
        return Judgement(
            finding=finding,
            item_id=row.id,
            item_name=row.name,
            reason=reason(finding, row, units, sentence, self._town_sentence(best, asked.text), contrary, self._signs(asked)),
            official_text=sentence,
            official=Official(
                departments=row.departments,
                department_duties=tuple(f"{'、'.join(duty.units)}：{duty.text}" for duty in row.duties),
                town_duties=row.town_duties,
                takeover=row.takeover,
            ),
            responsible_units=units,
            acts=names(asked.acts("town", "do", "assist")),
            contrary=names(contrary),
            signs=self._signs(asked),
            others=tuple(w.columns.official.id for w in weighed if w is not best)[:3],
            confidence=round(min(confidence, 0.97), 3),
            needs_review=confidence < _REVIEW_BELOW,
        )

    def _signs(self, asked: Asked) -> tuple[str, ...]:
        shown = [self.reader.by_code[c].name for c in ("hand-over", "local-duty", "foreign", "off-list") if c in asked.signs]
        if _PRESSURE & set(asked.acts("town", "do", "assist")):
            shown.append("以考核排名下压")
        return tuple(shown)


def asked_hard(asked: Asked, code: str) -> bool:
    """Whether an act that the town is to do is one of authority, money or ability."""
    word = asked.acts("town", "do", "assist").get(code)
    return word is not None and word.weight == "hard" and code not in _PRESSURE

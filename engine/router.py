"""The way of one text, from the pasted words to the verdict.

text -> normalise -> concepts -> facts -> firing -> arbitrate -> departments
-> verdict. The desk, `batch`, `check` and Spark all call `Router.route`;
explaining reads the trace of the same run (`engine/explain.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.arbitrate import LIFT, Arbiter, rank
from engine.calibration import load_calibration
from engine.concepts import PhraseIndex
from engine.conditions import Condition, FirstThatHolds
from engine.facts import passages
from engine.firing import Fired, Firing
from engine.model import Kind, Pack
from engine.normalise import normalise
from engine.reader import Reader, load_reader
from engine.rendering import Renderer
from engine.rulesets import Evaluator, compile_items
from engine.startup import collector_paused
from engine.trace import Trace
from engine.units import UnitRegister
from engine.verdict import Verdict

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Router"]

_CATEGORY_SHARE = 0.6  # of what an override weighs: a given category only tips what is close
_MOST_MEASURED = 4
# Of 9,600 labelled texts 30 held no concept at all: every one was unlisted.
_SAYS_NOTHING = 0.97


class Router:
    """Routes texts with one pack.

    Args:
        pack: A checked pack.
        reader: The second reader; `None` loads the one built for this pack, if
            any; `False` routes by rules alone.
        evaluator: What fires clauses; durable-rules unless told otherwise.

    Thread use: one Router for each thread or process. durable-rules keeps
    state while it decides, so a Router must not be shared by threads.

    Example:
        >>> from engine import Router, load_pack
        >>> router = Router(load_pack())
        >>> router.route("村东头有人烧苞谷杆子，烟大得睁不开眼").item_id
        'C60'
    """

    def __init__(self, pack: Pack, *, reader: Reader | bool | None = None, evaluator: Evaluator | None = None) -> None:
        with collector_paused():
            self._build(pack, reader, evaluator)

    def _build(self, pack: Pack, reader: Reader | bool | None, evaluator: Evaluator | None) -> None:
        self.pack = pack
        self.register = UnitRegister(pack.units)
        self.index = PhraseIndex(pack.concepts)
        self.items = pack.items
        self.firing = Firing(compile_items(pack.items, self.index.names), self.index, evaluator)
        self.arbiter = Arbiter(pack.items, self.firing)
        by_id = {row.id: row for row in pack.official}
        self.official = tuple(by_id[item.item] for item in pack.items)
        self.ids = tuple(item.item for item in pack.items)
        self.number = {item: i for i, item in enumerate(self.ids)}
        names = {name: i for i, name in enumerate(self.index.names)}
        self.renderer = Renderer(pack, self.official, self.index.names, self.register)
        self.departments = self.renderer.departments
        self._reclaimed = [i for i, row in enumerate(self.official) if row.kind is Kind.RECLAIMED]
        self._columns: np.ndarray[Any, np.dtype[np.int64]] | None = None
        self._hints = FirstThatHolds([(Condition.of(h.condition(), names), h) for h in pack.hints])
        self._reader = reader
        self.calibration = load_calibration(pack)

    @property
    def reader(self) -> Reader | None:
        """The second reader, loaded when first asked."""
        if self._reader is None or self._reader is True:
            self._reader = load_reader(self.pack) or False
        return self._reader if isinstance(self._reader, Reader) else None

    def warm_up(self) -> None:
        """Load now what the first texts would load: jieba's dictionary and the second reader."""
        self.index.warm_up()
        _ = self.reader

    def route(self, text: str, *, category: str | None = None) -> Verdict:
        """Say who is responsible for one text.

        Args:
            text: What was pasted, any length; see `normalise` for the limit.
            category: The list's own category or one the pack maps to it; it
                weighs candidates that are close, never against clear words.

        Returns:
            The verdict, with reason, evidence and alternatives.

        Raises:
            InputError: The text is empty or not text.
        """
        return self.verdict(self.trace(text, category=category), text)

    def trace(self, text: str, *, category: str | None = None) -> Trace:
        """Run every deciding step and keep what each saw."""
        normalised = normalise(text)
        scan = self.index.scan(normalised.text)
        parts = passages(scan)
        fired: list[Fired] = []
        for part in parts:
            fired.extend(self.firing.fire(part))
        ranked = self.arbiter.arbitrate(fired)
        trace = Trace(normalised, scan, parts, ranked, reclaimed_items=self._reclaimed)
        self._decide(trace, self._categories(category))
        trace.doubtful = trace.confidence < self.calibration.review_below
        return trace

    def _categories(self, category: str | None) -> frozenset[str]:
        if not category:
            return frozenset()
        return frozenset(self.pack.info.categories.get(category.strip(), (category.strip(),)))

    def _decide(self, trace: Trace, categories: frozenset[str]) -> None:
        ranked = trace.ranked
        if not trace.passages:
            trace.confidence = _SAYS_NOTHING  # no word of any matter: nothing for a second reader to liken
            return
        if categories:
            for one in ranked:
                if self.official[one.item].category in categories:
                    one.score += LIFT * _CATEGORY_SHARE
            ranked.sort(key=rank)
        margin = ranked[0].score - ranked[1].score if len(ranked) > 1 else ranked[0].score if ranked else 0.0
        trace.hint = self._hints.find(trace.passages)
        if ranked:
            ranked[0].measure()
        clear = bool(ranked) and self.calibration.clear(ranked[0], margin) and trace.hint is None
        reader = None if clear else self.reader
        if reader is not None:
            for one in ranked[1:_MOST_MEASURED]:
                one.measure()
            if self._columns is None:
                self._columns = reader.aligned(self.ids)
            trace.chances = reader.chances(trace.scan)[self._columns]
            self.calibration.decide(trace)
        elif ranked and ranked[0].strong:
            trace.chosen, trace.decided_by = ranked[0].item, "rules"
            trace.confidence = self.calibration.by_rules(ranked[0])

    def verdict(self, trace: Trace, text: str) -> Verdict:
        """Render what was decided."""
        return self.renderer.verdict(trace, text)

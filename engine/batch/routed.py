"""One row's answer, and a Router that answers rows.

A row's answer is the flat form of a `Verdict`. Equal texts are routed once: a
bounded memory by content stands in front of the Router.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from engine.errors import InputError
from engine.router import Router

__all__ = ["FAILED", "Routed", "RowRouter", "routed"]


class Routed(NamedTuple):
    """The added columns of one row; `alternatives` are pairs of item id and why."""

    verdict: str | None
    item_id: str | None
    item_name: str | None
    category: str | None
    lead_units: tuple[str, ...]
    support_units: tuple[str, ...]
    reason: str
    confidence: float | None
    alternatives: tuple[tuple[str, str], ...]
    needs_review: bool | None
    urgent: bool
    clause: str | None
    error: str | None


FAILED = Routed(None, None, None, None, (), (), "", None, (), None, False, None, None)
"""What a bad row gets, with its error put in."""


def routed(router: Router, text: str, category: str | None = None) -> Routed:
    """The row of one text: its verdict without the parts that a table has no room for.

    Raises:
        InputError: The text is empty or not text.
    """
    trace = router.trace(text, category=category)
    answer = router.renderer.answer(trace, text)
    official, ids = answer.official, router.ids
    return Routed(
        answer.kind.value,
        official.id if official else None,
        official.name if official else None,
        official.category if official else None,
        answer.lead.units,
        answer.support,
        answer.reason,
        round(trace.confidence, 4),
        tuple([(ids[item], why) for item, why in answer.candidates]),
        answer.needs_review,
        answer.urgency is not None,
        answer.clause,
        None,
    )


class RowRouter:
    """Routes rows with one Router and remembers what it said.

    Args:
        router: This process's own Router.
        size: Most texts remembered; the one unused longest goes first.
    """

    def __init__(self, router: Router, size: int = 20_000) -> None:
        self.router = router
        self.repeated = 0
        self._size = size
        self._known: OrderedDict[tuple[str, str | None], Routed] = OrderedDict()

    def route(self, text: object, category: str | None = None) -> Routed:
        """The answer for one text; what cannot be routed is said in `error`, never raised."""
        if not isinstance(text, str):
            return FAILED._replace(error="文本为空" if text is None else "文本列不是文字")
        key = (text, category)
        known = self._known.get(key)
        if known is not None:
            self.repeated += 1
            self._known.move_to_end(key)
            return known
        try:
            answer = routed(self.router, text, category)
        except InputError as error:
            answer = FAILED._replace(error=str(error).partition("，请")[0])
        except Exception as error:  # one row that trips the engine must not end a run of millions
            answer = FAILED._replace(error=f"内部错误，未能判断（{type(error).__name__}）")
        if len(text) <= 2_000:  # longer ones hardly repeat, and would make the memory's size unknown
            if len(self._known) >= self._size:
                self._known.popitem(last=False)
            self._known[key] = answer
        return answer

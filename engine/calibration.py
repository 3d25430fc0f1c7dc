"""Weigh rules and second reader where the rules leave it open; say how sure.

The figures stand in the pack's `calibration.json`, fitted by
`tools/calibrate.py` on texts that neither rules nor reader had seen.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from engine.facts import PASSAGE
from engine.model import Pack

if TYPE_CHECKING:
    from engine.arbitrate import Ranked
    from engine.trace import Trace

__all__ = ["Calibration", "Weights", "load_calibration"]

_CANDIDATES = 12


class Weights(BaseModel):
    """How rules and second reader are weighed, in logits.

    Attributes:
        reader: What the logarithm of the second reader's chance counts.
        strong, supporting: What a fired item gains for each unit of
            specificity, by its best evidence.
        fired: What an item gains for having fired at all.
        cover: What it gains for accounting for the whole of its passage; less
            in proportion.
        unlisted: What "not on the list" gains.
        hinted: What it gains besides, where the text speaks of a matter that
            the pack knows to be outside the list.
        curve: Raw against measured confidence, ascending; read linearly.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reader: float = 1.0
    strong: float = 0.2
    supporting: float = 0.2
    fired: float = 0.0
    cover: float = 2.0
    unlisted: float = 0.0
    hinted: float = 1.0
    curve: tuple[tuple[float, float], ...] = ((0.0, 0.0), (1.0, 1.0))


class Calibration(BaseModel):
    """Fitted figures of a pack.

    Attributes:
        short, long: Weights for texts of one passage and for longer ones.
        cap: Specificity beyond which more adds nothing.
        reclaimed: Logits that a reclaimed item loses: a wrong "reclaimed"
            leaves a resident with nobody.
        review_below: Confidence below which a person should look.
        clear_margin, clear_cover: Lead over the runner-up, and share of the
            passage accounted for, from which the rules decide alone.
        covers: That share against measured confidence, ascending.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    short: Weights = Weights()
    long: Weights = Weights()
    cap: float = 9.0
    reclaimed: float = 0.0
    review_below: float = 0.7
    clear_margin: float = 7.0
    clear_cover: float = 0.4
    covers: tuple[tuple[float, float], ...] = ((0.0, 0.2), (0.2, 0.6), (0.5, 0.9), (1.0, 0.97))

    def weights(self, trace: Trace) -> Weights:
        """The weights for a text of this length."""
        return self.short if len(trace.scan.text) <= PASSAGE else self.long

    def clear(self, first: Ranked, margin: float) -> bool:
        """Whether the first item fired so clearly that no second opinion is asked."""
        return first.strong and margin >= self.clear_margin and first.cover >= self.clear_cover

    def by_rules(self, first: Ranked) -> float:
        """Confidence of a verdict by rules alone, by how much of the text its clause accounts for."""
        return _read(self.covers, first.cover)

    def decide(self, trace: Trace) -> None:
        """Choose an item or stay off the list; set the order of candidates, confidence and who decided."""
        from engine.scoring import weigh

        assert trace.chances is not None
        weights = self.weights(trace)
        trace.order, best, share = weigh(
            trace.chances,
            trace.ranked,
            trace.reclaimed_items if self.reclaimed else (),
            reader=weights.reader,
            unlisted=weights.unlisted + (weights.hinted if trace.hint is not None else 0.0),
            strong=weights.strong,
            supporting=weights.supporting,
            fired=weights.fired,
            cover=weights.cover,
            cap=self.cap,
            reclaimed_loss=self.reclaimed,
            most=_CANDIDATES,
        )
        if best < len(trace.chances) - 1:
            trace.chosen = best
            trace.decided_by = "rules" if any(ranked.item == best for ranked in trace.ranked) else "reader"
        trace.confidence = _read(weights.curve, share)


def _read(points: tuple[tuple[float, float], ...], x: float) -> float:
    """A value read off a line through points."""
    above = bisect_left(points, (x,))
    if above == len(points):
        return points[-1][1]
    x1, y1 = points[above]
    if not above or x == x1:
        return y1
    x0, y0 = points[above - 1]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def load_calibration(pack: Pack) -> Calibration:
    """The pack's fitted figures, or the defaults where it has none."""
    return Calibration.model_validate_json(pack.calibration) if pack.calibration else Calibration()

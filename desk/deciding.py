"""What a clerk can decide about a text, and what each choice means for the order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desk.brain import Brain
from desk.errors import BadRequest
from desk.store.rows import Action, Decision, Status

__all__ = ["Choice", "choices_for", "decide", "known_units"]

_LONGEST_WHY = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """One button of the form.

    Attributes:
        value: What the form sends: `engine`, an item, `unlisted`, `return` or `other`.
        key: The key that selects it.
        unit: The unit it proposes.
    """

    value: str
    key: str
    label: str
    unit: str = ""
    note: str = ""


def choices_for(brain: Brain, said: Mapping[str, Any]) -> list[Choice]:
    """The choices under a verdict, the verdict itself first.

    Args:
        said: A verdict as JSON.
    """
    first = said["lead_units"][0] if said["lead_units"] else said.get("hint_unit") or ""
    name = brain.verdict_name(said["item_id"])
    label = f"采纳：{name}" + (f" {said['item_id']}" if said["item_id"] else "")
    found = [Choice("engine", "0", label, first)]
    for number, other in enumerate(said["alternatives"][:5], start=1):
        unit = other["lead_units"][0] if other["lead_units"] else ""
        title = f"{other['item_id']} {other['item_name'][:36]}"
        found.append(
            Choice(
                other["item_id"], str(number), title, unit, f"{brain.verdict_name(other['item_id'])}；未选因：{other['why']}"
            )
        )
    if said["item_id"]:
        found.append(Choice("unlisted", "o", "清单外", said.get("hint_unit") or ""))
    found.append(Choice("return", "r", "退回县级（生成退回／转办函）", first if first != brain.town else ""))
    found.append(Choice("other", "", "清单里的另一项…"))
    return found


def known_units(brain: Brain) -> list[str]:
    """Every unit an order can be given to: the town, its offices, the register."""
    return list(dict.fromkeys([brain.town, *brain.offices, *brain.units]))


def decide(brain: Brain, said: Mapping[str, Any], choice: str, item: str, unit: str, why: str) -> Decision:
    """The decision that a filled form stands for.

    Args:
        said: The verdict that was shown, as JSON.
        choice: See `Choice.value`.
        item: The item typed for `other`.
        unit: The unit in the form; empty takes the choice's own.
        why: Reason or remark.

    Raises:
        BadRequest: An unknown choice, item or unit.
    """
    unit, why = unit.strip(), why.strip()[:_LONGEST_WHY]
    if unit and unit not in known_units(brain):
        raise BadRequest(f"没有单位「{unit[:40]}」，请从列表里选")
    offered = {one.value: one for one in choices_for(brain, said)}
    if choice in offered and not unit:
        unit = offered[choice].unit
    if choice == "return":
        row = brain.by_id.get(said["item_id"] or "")
        return Decision(
            Action.RETURNED,
            Status.RETURNED,
            brain.verdict_of(said["item_id"]),
            said["item_id"],
            row.category if row else None,
            unit or None,
            why,
        )
    if choice == "unlisted" or (choice == "engine" and not said["item_id"]):
        status = Status.ASSIGNED if unit else Status.RETURNED
        return Decision(Action.UNLISTED, status, "unlisted", None, None, unit or None, why)
    chosen = (said["item_id"] if choice == "engine" else item if choice == "other" else choice).strip().upper()
    row = brain.by_id.get(chosen)
    if row is None:
        raise BadRequest(f"清单中没有「{chosen[:20]}」" if chosen else "请写明清单编号，如 C60")
    if not unit:
        units = brain.lead_units(row)
        unit = units[0] if units else ""
    verdict = brain.verdict_of(chosen)
    accepted = chosen == said["item_id"] and (not said["lead_units"] or unit == said["lead_units"][0])
    status = Status.RETURNED if verdict in ("reclaimed", "abolished") else Status.ASSIGNED
    return Decision(
        Action.ACCEPTED if accepted else Action.OVERRIDDEN, status, verdict, chosen, row.category, unit or None, why
    )

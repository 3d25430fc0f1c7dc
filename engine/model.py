"""What a pack holds, as frozen values.

The first file to read after the package itself: official rows, units,
concepts, clauses, items. Nothing here reads files or decides anything.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

__all__ = [
    "CheckWord",
    "Clause",
    "Concept",
    "DepartmentRule",
    "Duty",
    "Example",
    "Hint",
    "Item",
    "Kind",
    "Office",
    "OfficialItem",
    "Override",
    "Pack",
    "PackInfo",
    "Place",
    "Repair",
    "Unit",
    "Urgency",
    "VerdictKind",
    "When",
]

Name = Annotated[str, StringConstraints(min_length=1, max_length=60)]
ItemId = Annotated[str, StringConstraints(pattern=r"^[BCR][1-9][0-9]{0,3}$")]


class Kind(StrEnum):
    """Which of the three tables an item stands in."""

    BASIC = "B"
    COOPERATING = "C"
    RECLAIMED = "R"


class VerdictKind(StrEnum):
    """What the engine says of one text (design: the words we use)."""

    LEAD = "lead"
    SUPPORT = "support"
    RECLAIMED = "reclaimed"
    ABOLISHED = "abolished"
    UNLISTED = "unlisted"


class Frozen(BaseModel):
    """Strict and immutable: unknown keys and wrong types are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Place(Frozen):
    """Where something was written: file, 1-based line and column in characters."""

    file: str
    line: int
    column: int


class PackInfo(Frozen):
    """`pack.yaml`: whose list this is and where it was published."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]
    town: Name
    county: Name
    title: Name
    published: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}$")]
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    source: str
    categories: dict[str, tuple[str, ...]] = {}


class Repair(Frozen):
    """One recorded departure from the published text of a cell.

    `find`/`replace` mends a wart; `truncated` records that the source is cut
    off there, and changes nothing: what is missing is not invented.
    """

    item: ItemId
    field: str
    why: str
    find: str | None = None
    replace: str = ""
    truncated: bool = False
    place: Place


class Duty(Frozen):
    """One clause of a department's duties: who, and the official words."""

    units: tuple[str, ...]
    text: str


class OfficialItem(Frozen):
    """One row of the list after its recorded repairs; `raw` keeps the cells as published."""

    id: ItemId
    kind: Kind
    number: int
    category: str
    name: str
    departments: tuple[str, ...] = ()
    duties: tuple[Duty, ...] = ()
    town_duties: tuple[str, ...] = ()
    takeover: str = ""
    abolished: bool = False
    truncated: tuple[str, ...] = ()
    raw: dict[str, str]


class Unit(Frozen):
    """A department: one id, one printed name, the spellings it is known by."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z]+$")]
    name: Name
    aliases: tuple[Name, ...] = ()
    listed: bool = True
    place: Place


Layer = Literal["object", "act", "place", "role", "sign", "empty"]


class Concept(Frozen):
    """A named set of phrases that mean one thing (docs/rule-language.md)."""

    concept: Name
    note: str = ""
    layer: Layer = "object"
    phrases: tuple[Name, ...] = ()
    words: tuple[Name, ...] = ()
    unless: tuple[Name, ...] = ()
    parts: tuple[Name, ...] = ()
    place: Place


AnyOf = Name | tuple[Name, ...]


class When(Frozen):
    """A condition over concepts: every `all` entry, one of `any`, none of `none`."""

    all: tuple[AnyOf, ...] = ()
    any: tuple[Name, ...] = ()
    none: tuple[Name, ...] = ()


class Clause(Frozen):
    """One way in which a text can belong to an item."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    note: str = ""
    all: tuple[AnyOf, ...] = ()
    any: tuple[Name, ...] = ()
    acts: tuple[Name, ...] = ()
    at: tuple[Name, ...] = ()
    who: tuple[Name, ...] = ()
    none: tuple[Name, ...] = ()
    support: tuple[Name, ...] = ()
    evidence: Literal["strong", "supporting"] = "strong"
    place: Place

    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The positive conditions: all groups must be met, each by any of its concepts."""
        listed = tuple((entry,) if isinstance(entry, str) else entry for entry in self.all)
        return listed + tuple(group for group in (self.any, self.acts, self.at, self.who) if group)


class DepartmentRule(Frozen):
    """Which departments answer, when the condition holds; the first that fits counts."""

    units: tuple[Name, ...] = Field(min_length=1)
    when: When | tuple[Name, ...] | None = None
    otherwise: bool = False
    place: Place

    def condition(self) -> When:
        """The condition in its long form; a bare list means any of these."""
        if isinstance(self.when, When):
            return self.when
        return When(any=self.when or ())


class Override(Frozen):
    """When both fire, the item that declares this answers before `item`."""

    item: ItemId
    because: str
    clause: str | None = None
    place: Place


class Example(Frozen):
    """An own example of the rule, run by lint."""

    text: Annotated[str, StringConstraints(min_length=1)]
    goes: str | None = None
    clause: str | None = None
    lead: tuple[Name, ...] | None = None
    todo: str | None = None
    place: Place


class Item(Frozen):
    """The rule of one row of the list."""

    item: ItemId
    note: str = ""
    match: tuple[Clause, ...] = ()
    departments: tuple[DepartmentRule, ...] = ()
    over: tuple[Override, ...] = ()
    examples: tuple[Example, ...] = ()
    place: Place


class Hint(Frozen):
    """Which bureau usually handles a matter that is not on the list."""

    unit: Name
    matter: str
    when: When | tuple[Name, ...]
    place: Place

    def condition(self) -> When:
        """The condition in its long form."""
        return self.when if isinstance(self.when, When) else When(any=self.when)


class Urgency(Frozen):
    """Danger to life: what to say when a text tells of it."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    say: str
    when: When
    place: Place


class CheckWord(Frozen):
    """A row of `check.yaml`: how notices word one act, role or sign (docs/check.md).

    `weight` tells an act of authority, money or ability (`hard`) from one
    that a town does every day (`soft`); `covers` names acts that a column
    holding this one gives as well.
    """

    check: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    name: Name
    kind: Literal["act", "role", "sign"]
    weight: Literal["hard", "soft"] = "soft"
    phrases: tuple[Name, ...] = Field(min_length=1)
    unless: tuple[Name, ...] = ()
    covers: tuple[str, ...] = ()
    note: str = ""
    place: Place


class Office(Frozen):
    """An office inside the town and what it handles (`offices.yaml`); items go before categories."""

    office: Name
    categories: tuple[Name, ...] = ()
    items: tuple[ItemId, ...] = ()
    place: Place


class Pack(Frozen):
    """One town's list and rules, checked and ready to compile.

    Attributes:
        hash: SHA-256 over every file of the pack, hexadecimal; the pack's revision.
        calibration: `calibration.json` as written; empty without one.
    """

    info: PackInfo
    hash: str
    official: tuple[OfficialItem, ...]
    repairs: tuple[Repair, ...]
    units: tuple[Unit, ...]
    concepts: tuple[Concept, ...]
    items: tuple[Item, ...]
    hints: tuple[Hint, ...] = ()
    urgencies: tuple[Urgency, ...] = ()
    offices: tuple[Office, ...] = ()
    check: tuple[CheckWord, ...] = ()
    introduction: str = ""
    calibration: str = ""

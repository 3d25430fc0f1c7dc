"""The unit register: many spellings, one printed name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from engine.errors import Problem
from engine.model import Unit

__all__ = ["UnitRegister"]


class UnitRegister:
    """Resolves how a department is written to how it prints.

    Args:
        units: The register's rows; a spelling claimed by two units is a problem.
    """

    def __init__(self, units: Sequence[Unit]) -> None:
        self.units = tuple(units)
        self.problems: list[Problem] = []
        self._names: dict[str, str] = {}
        seen: set[str] = set()
        for unit in units:
            place = unit.place
            if unit.id in seen:
                self.problems.append(Problem(place.file, place.line, place.column, "ZB030", f"单位编号 {unit.id} 重复"))
            seen.add(unit.id)
            for spelling in (unit.name, *unit.aliases):
                owner = self._names.setdefault(spelling, unit.name)
                if owner != unit.name:
                    said = f"「{spelling}」同时属于 {owner} 和 {unit.name}"
                    self.problems.append(Problem(place.file, place.line, place.column, "ZB031", said))

    def resolve(self, written: str) -> str | None:
        """The printed name of a unit however it is written, or None if the register lacks it."""
        return self._names.get(written.strip().replace(" ", ""))

    def known(self) -> dict[str, str]:
        """Every spelling and the name it prints as."""
        return dict(self._names)

    def heading_pattern(self) -> re.Pattern[str]:
        """Matches a department that opens its own part of a duties cell (`县水利局：`)."""
        return self._heading

    @cached_property
    def _heading(self) -> re.Pattern[str]:
        spellings = sorted((s for s in self._names if len(s) > 3), key=len, reverse=True)
        names = "|".join(map(re.escape, spellings))
        # "…负责领导班子绩效考核…：" also heads a part (item with two procedures in one cell).
        return re.compile(
            rf"(?:(?<=^)|(?<=[；;。、\s）)]))(?P<unit>{names})\s*(?:职责|（考核）|负责[^；。：:]{{2,60}}（晋升程序）)?\s*(?:[：:]|(?=1[.．]))"
        )

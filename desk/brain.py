"""The one Router of a process, the pack in force, and swapping it while requests run.

durable-rules keeps state while it decides, so a Router is used by one thread
at a time: a lock around it costs nothing that the interpreter lock would not.
A pack is compiled aside and swapped in whole; a request sees one pack or the
other, never a mixture.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from desk.database import Database
from desk.store import packs as pack_store
from engine.model import OfficialItem, Pack
from engine.reasons import VERDICT_NAMES
from engine.rendering import verdict_kind
from engine.router import Router
from engine.verdict import Verdict

if TYPE_CHECKING:
    from engine.check import Checker, Document, NoticeReport

__all__ = ["Brain", "BrainHolder"]

_REMEMBERED = 8192
_LONGEST_REMEMBERED = 400


class Brain:
    """Routes with one pack.

    Args:
        pack: A checked pack.

    Attributes:
        pack: That pack.
        hash: Its hash.
    """

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.hash = pack.hash
        self.town = pack.info.town
        self.county = pack.info.county
        self.by_id = {row.id: row for row in pack.official}
        self.units = [unit.name for unit in pack.units]
        self.offices = [office.office for office in pack.offices]
        self.categories = list(dict.fromkeys(row.category for row in pack.official))
        self.router = Router(pack)
        self._lock = threading.Lock()
        self._checker: Checker | None = None
        self._answers: OrderedDict[tuple[str, str | None], bytes] = OrderedDict()
        self.router.warm_up()

    def route(self, text: str, category: str | None = None) -> Verdict:
        """The verdict of one text; the only way of the desk to one.

        Raises:
            InputError: The text is empty or not text.
        """
        with self._lock:
            return self.router.route(text, category=category)

    def route_json(self, text: str, category: str | None = None) -> bytes:
        """The verdict as JSON; short texts that come again are answered from memory."""
        key = (text, category)
        with self._lock:
            answer = self._answers.get(key)
            if answer is None:
                answer = self.router.route(text, category=category).model_dump_json().encode()
                if len(text) <= _LONGEST_REMEMBERED:
                    self._answers[key] = answer
                    if len(self._answers) > _REMEMBERED:
                        self._answers.popitem(last=False)
        return answer

    def check(self, document: Document, issuer: str | None = None) -> NoticeReport:
        """Hold a notice against the list."""
        from engine.check import Checker

        with self._lock:
            if self._checker is None:
                self._checker = Checker(self.router)
            return self._checker.check(document, issuer=issuer)

    def lead_units(self, row: OfficialItem) -> tuple[str, ...]:
        """Who can answer for an item, whatever the text: the town, or the item's departments."""
        if row.abolished:
            return ()
        if row.kind.value == "B":
            none = frozenset[int]()
            with self._lock:
                return (
                    self.router.departments.lead(self.router.number[row.id], none, none).units
                    if row.id in self.router.number
                    else (self.town,)
                )
        return row.departments

    def verdict_of(self, item: str | None) -> str:
        """The verdict that an item stands for."""
        return verdict_kind(self.by_id[item]).value if item else "unlisted"

    def verdict_name(self, item: str | None) -> str:
        """The same in Chinese."""
        return VERDICT_NAMES[verdict_kind(self.by_id[item])] if item else "清单外"


class BrainHolder:
    """The Brain in force; follows the switch that the database records.

    Args:
        database: Where packs and switches are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._swap = threading.Lock()
        self.current: Brain
        self.follow()

    def follow(self) -> bool:
        """Load the pack that the database says is in force, if it is another one.

        Returns:
            Whether the pack changed. A pack that cannot be loaded leaves the present one in force.
        """
        with self._swap:
            with self._database.read() as connection:
                wanted = pack_store.active_hash(connection)
                present = getattr(self, "current", None)
                if wanted is None or (present is not None and present.hash == wanted):
                    return False
                pack = pack_store.fetch_pack(connection, wanted)
            self.current = Brain(pack)
            return True

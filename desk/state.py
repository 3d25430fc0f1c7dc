"""What every request of one process shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from starlette.requests import HTTPConnection

from desk.access import Rates, TokenCache
from desk.brain import Brain, BrainHolder
from desk.database import Database
from desk.settings import Settings

__all__ = ["Desk", "desk_of"]


@dataclass(slots=True)
class Desk:
    """Settings, database, the Router in force, token cache and rates."""

    settings: Settings
    database: Database
    holder: BrainHolder
    zone: ZoneInfo
    tokens: TokenCache
    rates: Rates = field(default_factory=Rates)

    @property
    def brain(self) -> Brain:
        """The Brain in force; take it once for each request."""
        return self.holder.current


def desk_of(connection: HTTPConnection) -> Desk:
    """The desk that serves this request."""
    found: Desk = connection.app.state.desk
    return found

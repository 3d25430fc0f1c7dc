"""The values that the store takes and gives: who acts, what comes in, what was decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

__all__ = ["ACTION_NAMES", "ROLE_NAMES", "SOURCES", "STATUS_NAMES", "Action", "Actor", "Decision", "Incoming", "Role", "Status"]


class Role(StrEnum):
    """What a user may do."""

    CLERK = "clerk"
    UNIT = "unit"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Status(StrEnum):
    """Where an order stands."""

    OPEN = "open"
    ASSIGNED = "assigned"
    RETURNED = "returned"
    CLOSED = "closed"


class Action(StrEnum):
    """Everything that can happen to an order; the history knows no other words."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    OVERRIDDEN = "overridden"
    UNLISTED = "unlisted"
    RETURNED = "returned"
    SPLIT = "split"
    REMARK = "remark"
    REFUSED = "refused"
    CLOSED = "closed"
    REOPENED = "reopened"


ROLE_NAMES = {Role.CLERK: "派单员", Role.UNIT: "承办单位", Role.AUDITOR: "审计员", Role.ADMIN: "管理员"}
STATUS_NAMES = {Status.OPEN: "待办", Status.ASSIGNED: "已派", Status.RETURNED: "退回", Status.CLOSED: "办结"}
ACTION_NAMES = {
    Action.RECEIVED: "收到",
    Action.ACCEPTED: "采纳并派出",
    Action.OVERRIDDEN: "改派",
    Action.UNLISTED: "定为清单外",
    Action.RETURNED: "退回县级",
    Action.SPLIT: "拆单",
    Action.REMARK: "备注",
    Action.REFUSED: "单位退单",
    Action.CLOSED: "办结",
    Action.REOPENED: "重新打开",
}
SOURCES = ("12345", "人民网", "来访", "导入", "接口")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a user, or an API token by its name."""

    name: str
    role: Role
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """A text that becomes a work order; already masked."""

    text: str
    source: str
    received_at: datetime
    external_id: str | None = None
    category: str | None = None
    parent_id: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about an order.

    Attributes:
        action: What happened.
        status: Where the order stands afterwards.
        verdict, item, category, unit: What it is now held to be, and who answers.
        why: The reason or remark.
    """

    action: Action
    status: Status
    verdict: str
    item: str | None
    category: str | None
    unit: str | None
    why: str = field(default="")

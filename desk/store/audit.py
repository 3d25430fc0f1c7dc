"""The audit log: who did which named thing to what, outside the orders' own history."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select
from sqlalchemy.engine import RowMapping

from desk.schema import audit_log
from desk.store.orders import now

__all__ = ["AUDIT_NAMES", "note", "read_log"]

AUDIT_NAMES = {
    "login": "登录",
    "login-failed": "登录失败",
    "locked": "账号锁定",
    "logout": "退出",
    "user-add": "新增用户",
    "user-change": "修改用户",
    "token-add": "新增令牌",
    "token-revoke": "吊销令牌",
    "pack-switch": "切换规则包",
    "export": "导出",
    "import": "导入",
    "retention": "按期删除原文",
    "mask-off": "关闭脱敏",
}


def note(connection: Connection, actor: str, action: str, target: str = "", detail: str = "") -> None:
    """Enter one line; never holds a text of an order."""
    if action not in AUDIT_NAMES:
        raise ValueError(action)
    values = {"at": now(), "actor": actor[:60], "action": action, "target": target[:120], "detail": detail[:500]}
    connection.execute(insert(audit_log).values(**values))


def read_log(connection: Connection, before: int | None = None, action: str = "", size: int = 100) -> Sequence[RowMapping]:
    """Lines of the log, newest first, `size` and one more when there are more."""
    found = select(audit_log).order_by(audit_log.c.id.desc()).limit(size + 1)
    if before is not None:
        found = found.where(audit_log.c.id < before)
    if action:
        found = found.where(audit_log.c.action == action)
    return connection.execute(found).mappings().all()

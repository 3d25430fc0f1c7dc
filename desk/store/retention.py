"""Delete texts after the office's retention period; the rows stay, so every count stays."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, delete, select, text, update

from desk.schema import idempotency, order_verdicts, orders, sessions, uploads
from desk.store.audit import note
from desk.store.orders import now
from desk.store.words import document

__all__ = ["delete_old_texts", "tidy"]

_CHUNK = 2000
_KEY_DAYS = 30


def delete_old_texts(connection: Connection, days: int, actor: str = "系统") -> int:
    """Delete the texts of orders received more than `days` days ago.

    The text, its index entry, the quoted phrases of the verdict, the outside
    id and the place go; verdict, item, units and decisions stay.

    Returns:
        How many texts went; at most one chunk, so that writers are not held up.
    """
    if days <= 0:
        return 0
    old = orders.c.text.is_not(None) & (orders.c.received_at < now() - timedelta(days=days))
    both = select(orders.c.id, orders.c.text, order_verdicts.c.said).join(
        order_verdicts, order_verdicts.c.order_id == orders.c.id
    )
    rows = connection.execute(both.where(old).limit(_CHUNK)).all()
    for row in rows:
        if connection.dialect.name == "sqlite":
            given = {"id": row.id, "body": document(row.text)}
            connection.execute(text("INSERT INTO orders_fts (orders_fts, rowid, body) VALUES ('delete', :id, :body)"), given)
        else:
            connection.execute(text("UPDATE orders SET search = NULL WHERE id = :id"), {"id": row.id})
        said = dict(row.said) | {"reason": "", "evidence": [], "also": []}
        connection.execute(update(orders).where(orders.c.id == row.id).values(text=None, external_id=None, place=None))
        connection.execute(update(order_verdicts).where(order_verdicts.c.order_id == row.id).values(said=said))
    if rows:
        note(connection, actor, "retention", f"{len(rows)} 条", f"超过 {days} 天")
    return len(rows)


def tidy(connection: Connection) -> None:
    """Forget what is over: sessions, uploads of more than an hour ago, idempotency keys of more than a month ago."""
    moment = now()
    connection.execute(delete(sessions).where(sessions.c.expires_at < moment))
    connection.execute(delete(uploads).where(uploads.c.at < moment - timedelta(hours=1)))
    connection.execute(delete(idempotency).where(idempotency.c.at < moment - timedelta(days=_KEY_DAYS)))

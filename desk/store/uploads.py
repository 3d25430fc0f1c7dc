"""Uploaded tables between preview and import, masked; any worker can go on with them, and they are gone within the hour."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select

from desk.errors import NotFound
from desk.schema import uploads
from desk.store.orders import now

__all__ = ["fetch_upload", "keep_upload"]


def keep_upload(connection: Connection, user_id: int, body: bytes) -> str:
    """Keep a file for the user who sent it; gives its key."""
    key = secrets.token_urlsafe(18)
    connection.execute(delete(uploads).where((uploads.c.at < now() - timedelta(hours=1)) | (uploads.c.user_id == user_id)))
    connection.execute(insert(uploads).values(key=key, user_id=user_id, body=body, at=now()))
    return key


def fetch_upload(connection: Connection, user_id: int, key: str, *, take: bool = True) -> bytes:
    """The content of a kept file; `take` removes it.

    Raises:
        NotFound: There is none, or it is another user's.
    """
    row = connection.execute(select(uploads).where(uploads.c.key == key, uploads.c.user_id == user_id)).one_or_none()
    if row is None:
        raise NotFound("上传的文件已过期，请重新上传")
    if take:
        connection.execute(delete(uploads).where(uploads.c.key == key))
    body: bytes = row.body
    return body

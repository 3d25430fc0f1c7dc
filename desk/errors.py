"""What a request can do wrong, each with its HTTP status and one Chinese sentence."""

from __future__ import annotations

from engine.errors import ZhubanError

__all__ = [
    "BadRequest",
    "ConflictError",
    "DeskError",
    "ForbiddenError",
    "LockedOut",
    "NotFound",
    "TooLarge",
    "TooMany",
    "Unauthorised",
    "Unavailable",
]


class DeskError(ZhubanError):
    """Base: answered as `{"error": sentence}` or as a page with the sentence."""

    status = 400


class BadRequest(DeskError):
    """A wrong type, a missing field, a broken upload."""

    status = 400


class Unauthorised(DeskError):
    """No token or session, or one that is expired, revoked or foreign."""

    status = 401


class ForbiddenError(DeskError):
    """Known, but not allowed: role, scope, another unit's order, a missing CSRF token."""

    status = 403


class NotFound(DeskError):
    """No such order, item or page."""

    status = 404


class ConflictError(DeskError):
    """Someone else decided first, or an idempotency key came with another body."""

    status = 409


class TooLarge(DeskError):
    """A body or file over the limit."""

    status = 413


class TooMany(DeskError):
    """Over the rate of this token."""

    status = 429


class LockedOut(DeskError):
    """Too many wrong passwords."""

    status = 429


class Unavailable(DeskError):
    """The database is away; nothing was taken."""

    status = 503

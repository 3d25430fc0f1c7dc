"""Read JSON bodies without building models on the quick path."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from desk.errors import BadRequest

__all__ = ["json_object", "json_response", "moment", "optional_text"]


async def json_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object.

    Raises:
        BadRequest: It is not JSON, not UTF-8, or not an object.
    """
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        raise BadRequest("请求体不是有效的 JSON（UTF-8）") from None
    if not isinstance(body, dict):
        raise BadRequest('请求体应为 JSON 对象，如 {"text": "…"}')
    return body


def optional_text(body: dict[str, Any], name: str, longest: int = 120) -> str | None:
    """A field that is text, or missing.

    Raises:
        BadRequest: It is something else, or too long.
    """
    value = body.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > longest:
        raise BadRequest(f"{name} 应为不超过 {longest} 字的文字")
    return value.replace("\0", "")


def moment(value: str | None, name: str) -> datetime | None:
    """An ISO 8601 moment with its zone, or None.

    Raises:
        BadRequest: It cannot be read, has no zone, or lies outside 2000–2100.
    """
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is None or not 2000 <= found.year < 2100:
            raise ValueError(value)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequest(f"{name} 应为带时区的 ISO 8601 时间，如 2025-07-01T09:30:00+08:00") from None


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer as JSON."""
    return Response(orjson.dumps(value), status, headers, "application/json")

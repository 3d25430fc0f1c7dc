"""What OpenAPI shows for each operation: bodies, examples, failures."""

from __future__ import annotations

from typing import Any

__all__ = ["BATCH", "CHECK", "ORDERS", "ROUTE", "error_responses"]

_SENTENCES = {
    400: "请求体不是有效的 JSON（UTF-8）",
    401: "令牌无效、已吊销或已过期，请向管理员索取新的",
    403: "令牌没有这项权限",
    404: "没有这一项",
    409: "这个 Idempotency-Key 已用于另一份内容，请换一个",
    413: "内容超过上限",
    422: "文本为空，请粘贴诉求内容",
    429: "请求过快，请稍后再试",
    503: "数据库暂时连不上，这次的内容没有保存；请稍后重试",
}


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The failures of an operation with their sentence."""
    return {
        status: {
            "description": _SENTENCES[status],
            "content": {"application/json": {"example": {"error": _SENTENCES[status]}}},
        }
        for status in statuses
    }


def _body(properties: dict[str, Any], required: list[str], example: Any, parameters: list[Any] | None = None) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": required}
    found: dict[str, Any] = {
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema, "example": example}}},
        "security": [{"bearer": []}],
    }
    if parameters:
        found["parameters"] = parameters
    return found


_TEXT = {"type": "string", "maxLength": 20000}
ROUTE = _body(
    {"text": _TEXT, "category": {"type": "string", "description": "已知类别，只在难分时起作用"}},
    ["text"],
    {"text": "村东头有人烧苞谷杆子，烟大得睁不开眼"},
)
BATCH = _body(
    {"texts": {"type": "array", "items": _TEXT, "maxItems": 1000}},
    ["texts"],
    {"texts": ["家门口的路坏了", "老板拖欠工资四个月"]},
)
ORDERS = _body(
    {
        "text": _TEXT,
        "source": {"type": "string", "example": "12345"},
        "external_id": {"type": "string", "description": "来源系统里的编号"},
        "received_at": {"type": "string", "format": "date-time"},
        "category": {"type": "string"},
    },
    ["text"],
    {"text": "家门口那条巷子路坏得不成样子", "source": "12345", "external_id": "A-1024"},
    [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "maxLength": 128},
            "description": "同一个键重发同一份内容，只生成一件工单",
        }
    ],
)
CHECK = _body(
    {
        "text": {"type": "string", "description": "通知全文"},
        "file": {"type": "string", "format": "byte", "description": "docx、pdf、xlsx、txt 的 Base64，与 name 同用"},
        "name": {"type": "string", "example": "通知.docx"},
        "issuer": {"type": "string", "description": "发文单位，优先于文中所写"},
    },
    [],
    {"text": "各乡镇：请于月底前完成辖区内秸秆禁烧巡查，并对焚烧行为实施处罚。", "issuer": "县农业农村局"},
)

"""The place a text speaks of, for the hint on repeated complaints; generic words only, no gazetteer."""

from __future__ import annotations

import re

__all__ = ["place_of"]

_PLACE = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{2,8}?(?:村|社区|小区|家园|花园|市场|巴扎|学校|小学|中学|路|街|巷|渠|桥))"
    r"(?:(?P<part>[0-9一二三四五六七八九十]{1,3}(?:组|队|号楼|栋|号)))?"
)
_FRONT = re.compile(r"^(?:.*(?:我们|我家|我是|住在|位于|反映|关于|来自|家住|在|是))")


def place_of(text: str) -> str | None:
    """The first place named in a text, with its group or building, or None.

    Example:
        >>> place_of("英巴格村3组的路坏了")
        '英巴格村3组'
    """
    match = _PLACE.search(text[:2000])
    if match is None:
        return None
    name = _FRONT.sub("", match["name"])
    if len(name) < 3:
        return None
    return (name + (match["part"] or ""))[:40]

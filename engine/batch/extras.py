"""Libraries that only some formats need, asked for when they are needed."""

from __future__ import annotations

import importlib
from typing import Any

from engine.errors import BatchError

__all__ = ["need"]


def need(module: str, purpose: str, extra: str = "batch") -> Any:
    """An optional library.

    Args:
        module: What to import.
        purpose: What the user wanted, in Chinese.
        extra: The extra that brings it.

    Raises:
        BatchError: It is not installed; the sentence says how to get it.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        name = module.partition(".")[0]
        raise BatchError(f"{purpose}需要 {name}，请先安装：pip install 'zhuban[{extra}]'") from None

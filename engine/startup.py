"""Build large structures without the collector walking them over and over.

Loading a pack and building its index creates hundreds of thousands of objects
that all live on; collections in between find nothing and cost a third of the
start-up (measured with `python -m bench.route`).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_paused"]


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the garbage collector, and leave it as it was found."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()

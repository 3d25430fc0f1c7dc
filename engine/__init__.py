"""zhuban (主办): who is responsible for this, by a township's duty list.

    from engine import Router, load_pack

    verdict = Router(load_pack()).route("村东头有人烧苞谷杆子")

The names below stand in the order of the data flow; docs/architecture.md
follows one text through them.
"""

from __future__ import annotations

from engine._version import __version__
from engine.errors import ZhubanError
from engine.model import Pack, VerdictKind
from engine.pack import load_pack
from engine.router import Router
from engine.verdict import Evidence, Verdict

__all__ = ["Evidence", "Pack", "Router", "Verdict", "VerdictKind", "ZhubanError", "__version__", "load_pack"]

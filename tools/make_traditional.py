"""Write `engine/data/traditional.txt`: single characters, traditional then simplified.

    pip install opencc && python tools/make_traditional.py

Derived from OpenCC's t2s dictionary (Apache-2.0); only one-to-one pairs, so
that normalising never moves an offset.
"""

from __future__ import annotations

from pathlib import Path

import opencc

converter = opencc.OpenCC("t2s")
pairs = []
for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000)):
    character = chr(code)
    simplified = converter.convert(character)
    if len(simplified) == 1 and simplified != character:
        pairs.append(character + simplified)
target = Path(__file__).parent.parent / "engine" / "data" / "traditional.txt"
target.write_text("\n".join(" ".join(pairs[i : i + 20]) for i in range(0, len(pairs), 20)) + "\n", encoding="utf-8")
print(len(pairs), "pairs")

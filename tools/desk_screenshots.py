"""Write docs/desk-*.png: the main pages over the sample orders, at a desk's and at a phone's size.

    python tools/desk_screenshots.py

Needs Chromium. The orders are the samples; some are decided so that the
overview has something to show.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from playwright.sync_api import Page, sync_playwright

from desk.serve import load_samples
from desk.settings import Settings

DOCS = Path(__file__).resolve().parent.parent / "docs"
TEXT = "村东头有人烧苞谷杆子，烟大得睁不开眼。我家门口的路也坏了，一下雨全是坑。"


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _shoot(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=DOCS / f"{name}.png")
    print(f"docs/{name}.png")


def _decide(page: Page, base: str) -> None:
    """Send most of the samples where the engine says, and overrule a few."""
    page.goto(f"{base}/orders")
    numbers = page.locator("tbody td:first-child a").all_inner_texts()
    for turn, number in enumerate(numbers[:-3]):
        page.goto(f"{base}/orders/{number}")
        if turn % 7 == 3:
            page.keyboard.press("Alt+1")
            page.keyboard.type("现场核实后改判")
        page.keyboard.press("Control+Enter")
        page.wait_for_selector(".history li:nth-child(2)")


def main() -> None:
    """Start a desk, visit, shoot, stop."""
    program = shutil.which("chromium") or sys.exit("没有 Chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        db = f"sqlite:///{folder}/desk.sqlite"
        password = load_samples(Settings(db=db))
        port = _port()
        base = f"http://127.0.0.1:{port}"
        process = subprocess.Popen([sys.executable, "-m", "engine", "desk", "--port", str(port), "--db", db])
        try:
            for _ in range(300):
                try:
                    if httpx.get(f"{base}/readyz").status_code == 200:
                        break
                except httpx.HTTPError:
                    time.sleep(0.1)
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN").new_page()
            page.goto(f"{base}/login")
            page.fill("#name", "演示")
            page.fill("#password", password)
            page.click("main button.main")
            page.wait_for_selector("#text")
            _decide(page, base)
            for width, height, suffix in ((1366, 768, ""), (390, 844, "-phone")):
                page.set_viewport_size({"width": width, "height": height})
                page.goto(f"{base}/")
                page.fill("#text", TEXT)
                page.wait_for_selector("#said .verdict")
                page.wait_for_selector("input[name=choice]")
                _shoot(page, f"desk-routing{suffix}")
                for path, name in (
                    ("/orders", "orders"),
                    ("/orders/4", "order"),
                    ("/stats", "overview"),
                    ("/items/C60", "item"),
                ):
                    page.goto(f"{base}{path}")
                    _shoot(page, f"desk-{name}{suffix}")
            browser.close()
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()

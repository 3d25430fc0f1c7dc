"""Start the desk: check everything that can be wrong first, then hand over to uvicorn."""

from __future__ import annotations

import os
import secrets
import socket
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import click
import uvicorn

import engine
from desk.app import open_desk
from desk.database import Database
from desk.settings import SETTINGS_VARIABLE, Settings
from desk.store import audit, packs, users
from desk.store.orders import now
from desk.store.rows import Actor, Incoming, Role
from engine.cases import read_cases
from engine.errors import InputError
from engine.pack import load_pack

__all__ = ["check_port", "load_samples", "serve"]


def check_port(host: str, port: int) -> None:
    """Refuse an address that is taken, before any work is done for it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise InputError(f"{host}:{port} 不能用（{error.strerror}）；请换一个端口：zhuban desk --port {port + 1}") from None


def load_samples(settings: Settings) -> str:
    """Put the sample orders and a user into a fresh database; gives the user's password."""
    from desk.intake import take_in_many

    desk = open_desk(settings)
    cases = read_cases(Path(engine.__file__).resolve().parent.parent / "cases" / "samples.jsonl")
    moment = now()
    orders = [
        Incoming(case.text, "12345" if i % 2 else "来访", moment - timedelta(hours=3 * (len(cases) - i)), case.id)
        for i, case in enumerate(cases)
    ]
    take_in_many(desk, orders, Actor("样例", Role.CLERK))
    password = secrets.token_urlsafe(9)
    with desk.database.write() as connection:
        users.add_user(connection, "演示", Role.ADMIN, password, None, "样例")
    desk.database.close()
    return password


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until stopped.

    Raises:
        InputError: The port or the database cannot be used.
        PackError: The pack has faults.
    """
    check_port(host, port)
    database = Database(settings.db)
    database.migrate()
    pack = load_pack(settings.pack)
    with database.write() as connection:
        packs.start_with(connection, pack)
        empty = not users.has_users(connection)
        if not settings.mask:
            audit.note(connection, "系统", "mask-off")
    database.close()
    os.environ[SETTINGS_VARIABLE] = settings.model_dump_json()
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"派单台：http://{shown}:{port}  （Ctrl+C 停止）")
    if not settings.mask:
        click.echo("注意：本单位已关闭脱敏，姓名、电话和证件号会原样保存", err=True)
    if empty:
        click.echo("还没有用户。先建管理员：zhuban desk user add 名字 --role admin --password-stdin", err=True)
    sys.stdout.flush()
    with tempfile.TemporaryDirectory(prefix="zhuban-metrics-") as figures:
        if settings.workers > 1:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = figures
        uvicorn.run(
            "desk.app:worker_app",
            factory=True,
            host=host,
            port=port,
            workers=settings.workers,
            log_level="warning",
            access_log=False,  # addresses may carry search words
            proxy_headers=False,  # the peer must be the real one: it decides on single sign-on
            server_header=False,
            timeout_graceful_shutdown=10,
        )

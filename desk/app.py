"""Put the desk together: one ASGI application for each worker process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.concurrency import run_in_threadpool
from starlette.staticfiles import StaticFiles

from desk import failures
from desk.access import TokenCache
from desk.api import check, health, items, open311, orders, route
from desk.brain import BrainHolder
from desk.database import Database
from desk.middleware import Gate
from desk.pages import admin, checking, importing, inbox, login, overview, routing
from desk.pages import items as item_pages
from desk.pages import orders as order_pages
from desk.settings import Settings, from_environment
from desk.state import Desk
from desk.store import packs as pack_store
from desk.store.retention import delete_old_texts, tidy
from desk.templating import local_zone
from engine._version import __version__
from engine.pack import load_pack

__all__ = ["create_app", "open_desk", "worker_app"]

_LOG = logging.getLogger("zhuban.desk")
_FOLLOW_SECONDS = 2.0
_RETENTION_SECONDS = 3600.0


def open_desk(settings: Settings) -> Desk:
    """Open the database, bring it up to date, load the pack in force.

    Raises:
        InputError: The database cannot be used.
        PackError: The configured pack has faults.
    """
    database = Database(settings.db)
    database.migrate()
    pack = load_pack(settings.pack)
    with database.write() as connection:
        pack_store.start_with(connection, pack)
    return Desk(settings, database, BrainHolder(database), local_zone(settings.timezone), TokenCache(database))


async def _repeat(seconds: float, what: str, call: object) -> None:
    assert callable(call)
    while True:
        await asyncio.sleep(seconds)
        try:
            await run_in_threadpool(call)
        except Exception as error:
            _LOG.warning("%s: %s", what, type(error).__name__)  # the next round tries again


def create_app(desk: Desk) -> FastAPI:
    """The application over an opened desk."""

    def sweep() -> None:
        with desk.database.write() as connection:
            tidy(connection)
        while True:
            with desk.database.write() as connection:
                if not delete_old_texts(connection, desk.settings.retention_days):
                    return

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_repeat(_FOLLOW_SECONDS, "pack", desk.holder.follow))]
        await run_in_threadpool(sweep)
        tasks.append(asyncio.create_task(_repeat(_RETENTION_SECONDS, "retention", sweep)))
        yield
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        desk.database.close()

    app = FastAPI(
        title="主办 · 派单台",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=lifespan,
    )
    app.state.desk = desk
    failures.install(app)
    for module in (route, orders, items, check, health, open311):
        app.include_router(module.router)
    for pages in (login, routing, order_pages, inbox, importing, item_pages, checking, overview, admin):
        app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    _describe(app)
    app.add_middleware(Gate, body_limit=desk.settings.body_limit, upload_limit=desk.settings.upload_limit)
    return app


def _describe(app: FastAPI) -> None:
    """OpenAPI with the bearer scheme; pages for people are left out."""

    def described() -> dict[str, object]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
            schema.setdefault("components", {})["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def worker_app() -> FastAPI:
    """The application of a worker process, by the settings its parent left."""
    return create_app(open_desk(from_environment()))

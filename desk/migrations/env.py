"""Run by Alembic inside the transaction that `Database.migrate` opened."""

from __future__ import annotations

from alembic import context

from desk.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=False, render_as_batch=True)
context.run_migrations()

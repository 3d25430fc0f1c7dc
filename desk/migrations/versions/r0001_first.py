"""First tables, append-only guards, full-text search."""

from __future__ import annotations

from alembic import op

from desk.schema import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KEPT = ("order_events", "audit_log")


def upgrade() -> None:
    """Create everything; later revisions spell their own changes out."""
    connection = op.get_bind()
    metadata.create_all(connection)
    if connection.dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE orders_fts USING fts5(body, content='', tokenize='unicode61', prefix='1')")
        for table in _KEPT:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER keep_{table}_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        return
    op.execute("ALTER TABLE orders ADD COLUMN search tsvector")
    # A rare pair must be known to be rare: else the planner reads the table backwards for it.
    op.execute("ALTER TABLE orders ALTER COLUMN search SET STATISTICS 1000")
    op.execute("CREATE INDEX ix_orders_search ON orders USING gin (search)")
    op.execute(
        "CREATE FUNCTION keep_rows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in _KEPT:
        op.execute(f"CREATE TRIGGER keep_{table} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION keep_rows()")

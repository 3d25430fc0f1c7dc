"""Database migrations of the desk (Alembic)."""

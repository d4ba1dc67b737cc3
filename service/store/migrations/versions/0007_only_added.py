"""The log of who asked for what is only added to, by the back doors too."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Refuse what the triggers of 0004 do not see.

    SQLite removes a row without a word where another one REPLACEs it, and PostgreSQL
    asks no row where a whole table is truncated.
    """
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER access_log_no_replace BEFORE INSERT ON access_log "
            "WHEN EXISTS (SELECT 1 FROM access_log WHERE row = NEW.row) "
            "BEGIN SELECT RAISE(ABORT, 'access_log is only added to'); END"
        )
        return
    op.execute(
        "CREATE TRIGGER access_log_no_truncate BEFORE TRUNCATE ON access_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION access_log_refuse()"
    )

"""Owns: the statements that find, make, link and remove a user's row. Nothing comes between their steps."""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..problems import AccountConflict, EmailNotVerified, InvalidToken
from .columns import EXTERNAL

DIALECTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True)
class Person:
    """Whom the issuer vouches for."""

    subject: str
    email: str
    email_verified: bool
    full_name: str | None


@dataclass(frozen=True)
class Tables:
    user: Any
    removed: Any | None = None


def find(db: Session, tables: Tables, subject: str) -> Any | None:
    """The row of that subject. 401 where it was removed."""
    row = db.scalar(select(tables.user).where(tables.user.better_auth_id == subject))
    if row is None:
        _refuse_if_removed(db, tables, subject)
    return row


def provide(
    db: Session, tables: Tables, person: Person, link_by_email: bool = False, unproven_email: bool = False
) -> Any:
    """The row of that person, made or linked unless it is there; fifty first requests make one row."""
    _one_at_a_time(db, person.subject)
    row = find(db, tables, person.subject)
    if row is None and link_by_email and person.email_verified:
        row = _link(db, tables, person)
    if row is None:
        # Before anybody looks whose the address is: without proof, not even that is told.
        if not (person.email_verified or unproven_email):
            raise EmailNotVerified()
        row = _insert(db, tables, person)
    # Last, so that whoever removed them meanwhile is seen.
    _refuse_if_removed(db, tables, person.subject)
    db.commit()
    return row


def rename(db: Session, tables: Tables, subject: str, full_name: str) -> Any | None:
    user = tables.user
    changed = update(user).where(user.better_auth_id == subject).values(full_name=full_name).returning(user)
    row = db.scalar(changed)
    db.commit()
    return row


def remove(db: Session, tables: Tables, subject: str, until: float) -> bool:
    """Removes the row, in the caller's transaction. Whether there was one."""
    _one_at_a_time(db, subject)
    if tables.removed is not None:
        noted = insertion(db)(tables.removed).values(better_auth_id=subject, until=int(until))
        db.execute(
            noted.on_conflict_do_update(
                index_elements=[tables.removed.better_auth_id], set_={"until": noted.excluded.until}
            )
        )
        db.execute(delete(tables.removed).where(tables.removed.until <= int(time.time())))
    gone = delete(tables.user).where(tables.user.better_auth_id == subject).returning(tables.user.better_auth_id)
    return db.scalar(gone) is not None


def _insert(db: Session, tables: Tables, person: Person) -> Any:
    user = tables.user
    row = insertion(db)(user).values(
        email=person.email, full_name=person.full_name, password_hash=EXTERNAL, better_auth_id=person.subject
    )
    # DO UPDATE of nothing new, and not DO NOTHING, because only an updated row is returned.
    statement = row.on_conflict_do_update(
        index_elements=[user.better_auth_id], set_={"better_auth_id": row.excluded.better_auth_id}
    ).returning(user)
    if _is_taken(db, tables, person):
        raise AccountConflict()
    try:
        return db.scalar(statement)
    except IntegrityError:
        db.rollback()
        if (known := find(db, tables, person.subject)) is not None:
            return known
        if _is_taken(db, tables, person):
            raise AccountConflict() from None
        raise


def _link(db: Session, tables: Tables, person: Person) -> Any | None:
    """The row from before with that address, if it is nobody's yet. Its password dies: its owner proved nothing."""
    user = tables.user
    nobodys = (func.lower(user.email) == person.email.lower(), user.better_auth_id.is_(None))
    values = {"better_auth_id": person.subject, "password_hash": EXTERNAL}
    try:
        rows = db.scalars(update(user).where(*nobodys).values(values).returning(user)).all()
    except IntegrityError:
        db.rollback()
        if (known := find(db, tables, person.subject)) is not None:
            return known
        # Two rows with one address in two spellings: which of them it is, nobody can say.
        raise AccountConflict() from None
    return rows[0] if rows else None


def _is_taken(db: Session, tables: Tables, person: Person) -> bool:
    """Whether another row has the address. Spelled otherwise it is the same mailbox, and no unique index says so."""
    user = tables.user
    others = user.better_auth_id.is_(None) | (user.better_auth_id != person.subject)
    return bool(db.scalar(select(select(user).where(func.lower(user.email) == person.email.lower(), others).exists())))


def _refuse_if_removed(db: Session, tables: Tables, subject: str) -> None:
    if tables.removed is None:
        return
    now = int(time.time())
    noted = select(tables.removed.until).where(tables.removed.better_auth_id == subject, tables.removed.until > now)
    if db.scalar(noted) is not None:
        db.rollback()
        raise InvalidToken("The account was removed.")


def _one_at_a_time(db: Session, subject: str) -> None:
    """Whoever makes a row and whoever removes it take turns. SQLite has one writer anyway."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('doorward ' || :sub, 0))"), {"sub": subject})


def insertion(db: Session) -> Any:
    dialect = db.get_bind().dialect.name
    if dialect not in DIALECTS:
        raise RuntimeError(f"Rows are made on SQLite and PostgreSQL; this is {dialect}")
    return DIALECTS[dialect]

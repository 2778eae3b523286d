"""Owns: the service's own users, and how someone whom Doorward vouches for becomes one."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from sqlalchemy import Text, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from .problems import InsufficientScope, InvalidToken
from .tokens import CurrentToken

NEEDED = "openid profile email"

EXTERNAL = "!external"
"""No hash of any password: nobody signs in here with one. Not empty, so that no careless comparison succeeds."""


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(Text, unique=True)
    full_name: Mapped[str | None] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    better_auth_id: Mapped[str] = mapped_column(Text, unique=True)
    """Doorward's `sub`. The only thing that says who somebody is; an e-mail address can change hands."""


async def database(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as session:
        yield session


Database = Annotated[AsyncSession, Depends(database)]


async def current(request: Request, token: CurrentToken, db: Database) -> User:
    known = await db.scalar(select(User).where(User.better_auth_id == token.subject))
    if known:
        return known
    # No connection is held while Doorward is asked.
    await db.rollback()
    # Access tokens carry no e-mail address; userinfo tells it once, and from then on requests stay offline.
    about = await request.app.state.issuer.userinfo(token.raw)
    # OpenID Connect Core §5.3.2: an answer about another subject must not be used.
    if about is None or about.get("sub") != token.subject:
        raise InvalidToken("The token is no longer valid.")
    if "email" not in about:
        raise InsufficientScope(NEEDED)
    return await create(db, token.subject, about["email"], about.get("name"))


async def create(db: AsyncSession, subject: str, email: str, full_name: str | None) -> User:
    """The row of that subject, made unless it is there: one statement, so that fifty first requests make one row."""
    insert = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[db.get_bind().dialect.name]
    row = insert(User).values(email=email, full_name=full_name, password_hash=EXTERNAL, better_auth_id=subject)
    # DO UPDATE of nothing new, and not DO NOTHING, because only an updated row is returned.
    statement = row.on_conflict_do_update(
        index_elements=[User.better_auth_id], set_={"better_auth_id": row.excluded.better_auth_id}
    ).returning(User)
    try:
        user = await db.scalar(statement)
        await db.commit()
    except IntegrityError as error:
        # The address belongs to another row. Handing that row over for an equal address would be a takeover.
        raise HTTPException(409, "Another account here has this e-mail address.") from error
    return user


CurrentUser = Annotated[User, Depends(current)]

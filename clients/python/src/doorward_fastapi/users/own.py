"""Owns: how a few statements run in a short transaction of their own, on a sync or an async SQLAlchemy.

Of their own, because a request's session belongs to the service: it is neither committed nor rolled back here, and
holds no connection while the issuer is asked.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Connection, Engine
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

T = TypeVar("T")

Database = Session | AsyncSession | Engine | AsyncEngine
"""A session says by what it is bound to which database is meant, so that a test's other database is followed."""


async def run(database: Database, model: Any, work: Callable[[Session], T]) -> T:
    if isinstance(database, AsyncEngine):
        async with AsyncSession(database) as session:
            return await session.run_sync(lambda sync: _work(sync.get_bind(model), work))
    if isinstance(database, AsyncSession):
        return await database.run_sync(lambda sync: _work(sync.get_bind(model), work))
    if isinstance(database, Session):
        return await run_in_threadpool(_work, database.get_bind(model), work)
    return await run_in_threadpool(_work, database, work)


def _work(bind: Engine | Connection, work: Callable[[Session], T]) -> T:
    # On the connection of a test that takes everything back at its end, what is done here is taken back too.
    with Session(bind, expire_on_commit=False, join_transaction_mode="create_savepoint") as own:
        return work(own)

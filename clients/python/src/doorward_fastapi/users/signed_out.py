"""Owns: sign-outs in a table that all workers share, read by each of them once a second at most."""

import logging
import time
from typing import Any, cast

from sqlalchemy import Engine, delete, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import Session

from ..denied import Kind, refused
from .own import run
from .rows import insertion

LOOK_AGAIN_AFTER = 1.0
"""Seconds: so a sign-out that another worker was told of is known here in less than two."""

log = logging.getLogger("doorward_fastapi")


class SignedOut:
    """`Auth(…, denied=SignedOut(Model, engine))`, where Model is your table with `SignedOutMixin`."""

    def __init__(self, model: Any, engine: Engine | AsyncEngine) -> None:
        self.model, self.engine = model, engine
        self._denied: dict[tuple[Kind, str], tuple[float, float]] = {}
        self._looked = float("-inf")

    async def deny(self, kind: Kind, value: str, before: float, until: float) -> None:
        model = self.model

        def note(db: Session) -> None:
            db.execute(delete(model).where(model.until <= time.time()))
            row = insertion(db)(model).values(kind=kind, value=value, before=before, until=until)
            later = {"before": row.excluded.before, "until": row.excluded.until}
            db.execute(
                row.on_conflict_do_update(
                    index_elements=[model.kind, model.value], set_=later, where=model.before < row.excluded.before
                )
            )
            db.commit()

        await run(self.engine, model, note)
        self._looked = float("-inf")

    async def denies(self, sid: str | None, sub: str, issued_at: float) -> bool:
        if time.monotonic() - self._looked >= LOOK_AGAIN_AFTER:
            await self._look()
        return refused(self._denied, sid, sub, issued_at, time.time())

    async def is_new(self, jti: str, until: float) -> bool:
        def note(db: Session) -> bool:
            db.add(self.model(kind="jti", value=jti[:255], before=0.0, until=until))
            try:
                db.commit()
            except IntegrityError:
                return False
            return True

        return await run(self.engine, self.model, note)

    async def _look(self) -> None:
        model, now = self.model, time.monotonic()
        first = self._looked == float("-inf")
        if not first:
            # Whoever comes meanwhile goes by what is known. At the first look nothing is, so everybody looks.
            self._looked = now

        def read(db: Session) -> dict[tuple[Kind, str], tuple[float, float]]:
            live = select(model).where(model.kind != "jti", model.until > time.time())
            return {(cast(Kind, row.kind), row.value): (row.before, row.until) for row in db.scalars(live)}

        try:
            self._denied, self._looked = await run(self.engine, model, read), now
        except SQLAlchemyError as error:
            if first:
                raise
            # What was known stays; whoever needs the database is told by the database.
            log.warning("Sign-outs could not be read: %s", type(error).__name__)

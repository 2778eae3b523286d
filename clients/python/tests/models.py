"""Owns: the tables of the services under test: the five columns, as SQLAlchemy has them and as SQLModel does."""

from doorward_fastapi.users import BetterAuthUserMixin, RemovedUserMixin, SignedOutMixin
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlmodel import Field, SQLModel


class Base(DeclarativeBase):
    pass


class User(BetterAuthUserMixin, Base):
    __tablename__ = "users"

    orders: Mapped[list["Order"]] = relationship()


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship(overlaps="orders")


class RemovedUser(RemovedUserMixin, Base):
    __tablename__ = "removed_users"


class SignedOutSession(SignedOutMixin, Base):
    __tablename__ = "signed_out_sessions"


class Member(SQLModel, table=True):
    """The same table as a SQLModel, which takes no mixin of SQLAlchemy's."""

    __tablename__ = "members"

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True)
    full_name: str | None = None
    password_hash: str
    better_auth_id: str | None = Field(default=None, unique=True, max_length=255)

"""Owns: the service under test as uvicorn's workers make it. Imports nothing of the tests, which are not there."""

import os

from doorward_fastapi import Auth
from doorward_fastapi.users import SignedOut
from fastapi import FastAPI
from models import SignedOutSession
from service import create_app
from sqlalchemy import create_engine


def create() -> FastAPI:
    engine = create_engine(os.environ["SIGNED_OUT_URL"])
    told = os.environ.get("LOGOUT_CLIENT_ID", ())
    return create_app(Auth(os.environ["ISSUER"], denied=SignedOut(SignedOutSession, engine), logout_client_ids=told))

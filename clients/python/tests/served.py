"""Owns: the service under test in processes of its own: uvicorn with two workers, as in production."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from house import free_port
from models import Base
from sqlalchemy import create_engine

HERE = Path(__file__).parent
READY_WITHIN = 60.0


@contextmanager
def served(folder: Path, port: int | None = None, **environment: str) -> Iterator[str]:
    """The URL of the service."""
    port = port or free_port()
    url, log = f"http://127.0.0.1:{port}", folder / "service.log"
    environment = {"SIGNED_OUT_URL": f"sqlite:///{folder}/signed_out.db"} | environment
    engine = create_engine(environment["SIGNED_OUT_URL"])
    Base.metadata.create_all(engine)
    engine.dispose()
    words = ["-m", "uvicorn", "--workers", "2", "--port", str(port), "--factory", "workers:create", "--no-access-log"]
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, *words], cwd=HERE, env=os.environ | environment, stdout=out, stderr=out
        )
    try:
        deadline = time.monotonic() + READY_WITHIN
        # The parent listens before a worker answers, so that a refused connection means that nobody is there.
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if httpx2.get(f"{url}/optional", timeout=2).status_code == 200:
                    break
            except httpx2.TransportError:
                time.sleep(0.05)
        else:
            raise RuntimeError(f"the service was not ready:\n{log.read_text()[-4000:]}")
        yield url
    finally:
        process.terminate()
        process.wait(15)

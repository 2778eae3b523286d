"""Owns: a real Doorward for a Python test: its own port, its own data folder, stopped and swept away afterwards.

DOORWARD_BIN names the binary; `make` sets it.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

READY_WITHIN = 60.0
STOPPED_WITHIN = 15.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class House:
    """One Doorward in development mode, as a newcomer meets it: no configuration file, http://localhost, loopback."""

    def __init__(self) -> None:
        self.binary = os.environ["DOORWARD_BIN"]
        self.port = free_port()
        self.issuer = f"http://localhost:{self.port}"
        self.folder = Path(tempfile.mkdtemp(prefix="doorward-house-"))
        self.log = self.folder / "doorward.log"
        self.process: subprocess.Popen | None = None
        # A developer's own DOORWARD__ settings must not reach the house under test.
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("DOORWARD_")} | {
            "DOORWARD__SERVER__LISTEN": f"127.0.0.1:{self.port}",
            "DOORWARD__SERVER__ISSUER": self.issuer,
            "DOORWARD__DATA_DIR": str(self.folder / "data"),
            "DOORWARD__DATABASE__URL": f"sqlite://{self.folder}/data/doorward.db",
        }

    def __enter__(self) -> "House":
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.binary], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"doorward ended with {self.process.returncode}:\n{self.log.read_text()[-4000:]}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.05)
        raise RuntimeError(f"doorward was not ready in {READY_WITHIN:.0f} s:\n{self.log.read_text()[-4000:]}")

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def run(self, *words: str, stdin: str = "") -> dict:
        """A verb of the command line against this house's data; its `--json` answer."""
        done = subprocess.run(
            [self.binary, *words, "--json"],
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
        )
        if done.returncode != 0:
            raise RuntimeError(f"doorward {' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def add_client(self, name: str, redirect_uri: str, *, public: bool = False) -> dict:
        return self.run("client", "add", name, "--redirect", redirect_uri, *(["--public"] if public else []))

    def add_user(self, email: str, name: str, password: str) -> dict:
        words = ("user", "add", email, "--name", name, "--password-stdin", "--email-verified")
        return self.run(*words, stdin=password + "\n")

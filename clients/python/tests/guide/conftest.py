"""Owns: where the guide's service keeps its rows while it is tested: not in the repository."""

import atexit
import os
import shutil
import tempfile

# Before the service is imported: it reads its settings then, as services do.
folder = tempfile.mkdtemp(prefix="doorward-guide-")
atexit.register(shutil.rmtree, folder, ignore_errors=True)
os.environ["DATABASE_URL"] = f"sqlite+aiosqlite:///{folder}/shop.db"

"""Owns: the Doorward that the Python relying parties share."""

from collections.abc import Iterator

import pytest
from house import House


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    with House() as running:
        yield running

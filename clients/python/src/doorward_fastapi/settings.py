"""Owns: what a service says about its issuer, checked when it says it and not at the first request."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

ALGORITHMS = frozenset({"ES256", "RS256", "PS256", "EdDSA"})
"""Ours, never the token's own word: a list with HS256 in it would take a public key for a shared secret."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Settings:
    issuer: str
    """Byte for byte as it stands in the discovery document, and so in `iss`."""

    audiences: frozenset[str]
    """What `aud` must contain one of."""

    algorithms: frozenset[str] = ALGORITHMS
    """Those that are accepted, of those that the issuer says it uses."""

    leeway: float = 30.0
    """Seconds that the clocks of the two machines may differ."""

    longest_token: float = 86_400.0
    """Seconds that an access token can live at most: for so long sign-outs and removals are remembered."""

    def __post_init__(self) -> None:
        if not is_safe(self.issuer):
            raise ValueError(f"The issuer must be an https URL, or http on this machine: {self.issuer!r}")
        if not self.audiences or not all(self.audiences):
            raise ValueError("An audience must be named, and not be empty")
        if not self.algorithms or not self.algorithms <= ALGORITHMS:
            raise ValueError(f"Algorithms can be {', '.join(sorted(ALGORITHMS))}, and one is needed")
        if not 0 <= self.leeway <= 300:
            raise ValueError("The leeway must be 0 to 300 seconds")


def is_safe(url: str) -> bool:
    """Whether what is fetched from there cannot be changed on the way: keys above all."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def names(given: str | Iterable[str]) -> frozenset[str]:
    """One name or several; a string is one name and not its letters."""
    return frozenset([given] if isinstance(given, str) else given)

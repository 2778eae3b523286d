"""Owns: letters of the real binary in production, taken by a real SMTP server: plain, STARTTLS, TLS, signed in."""

import http.client
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import pytest
from house import House
from post_office import PASSWORD, USERNAME, PostOffice, certificate
from visitor import Page, Visitor

ISSUER = "https://id.example"
EMAIL = "grace@example.com"


class Production(House):
    """A Doorward with a configuration file, which is what makes it production, behind https."""

    def __init__(self, mail: str) -> None:
        super().__init__()
        self.issuer = ISSUER
        self.environment["DOORWARD__SERVER__ISSUER"] = ISSUER
        (self.folder / "doorward.toml").write_text(mail)


class Proxy(urllib.request.HTTPSHandler):
    """The reverse proxy in front of production: takes https, asks the house in plain HTTP, as proxies do."""

    handler_order = 100

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        def connect(_host: str, timeout: float, **_: object) -> http.client.HTTPConnection:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

        return self.do_open(connect, request)


def visitor(house: House) -> Visitor:
    person = Visitor(ISSUER, EMAIL, "nanoseconds on a wire")
    person._opener.add_handler(Proxy(house.port))
    return person


def page(answer: Page | str) -> Page:
    assert isinstance(answer, Page), answer
    return answer


@contextmanager
def settings(security: str, folder: Path) -> Iterator[tuple[PostOffice, str]]:
    """A post office, and the settings that lead to it."""
    trusted, shown = certificate(folder)
    office = PostOffice(security, None if security == "none" else shown)
    office.start()
    try:
        lines = [
            "[mail]",
            'server = "localhost"' if security != "none" else 'server = "127.0.0.1"',
            f"port = {office.port}",
            f'security = "{security}"',
            'from = "Doorward <no-reply@id.example>"',
        ]
        if security != "none":
            (folder / "password").write_text(PASSWORD + "\n")
            lines += [f'username = "{USERNAME}"', f'password_file = "{folder}/password"', f'ca_file = "{trusted}"']
        yield office, "\n".join(lines) + "\n"
    finally:
        office.stop()


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_a_letter_leaves_production_and_its_link_works(security: str, tmp_path: Path) -> None:
    with settings(security, tmp_path) as (office, mail), Production(mail) as house:
        person = visitor(house)
        form = page(person.get(f"{ISSUER}/register"))
        page(person.submit(form, "register-form", "register-submit", email=EMAIL, password=person.password, name="G"))

        envelope, letter = office.next_letter()
        assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@id.example", [EMAIL])
        assert (office.signed_in > 0) == (security != "none")
        assert letter["From"] == "Doorward <no-reply@id.example>"
        assert (letter["To"], letter["Auto-Submitted"]) == (EMAIL, "auto-generated")
        assert letter["Message-ID"].endswith("@id.example>")
        assert letter["Date"].datetime.tzinfo is not None
        assert letter.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
        text, html = (part.get_content() for part in letter.iter_parts())
        [link] = re.findall(rf"{ISSUER}/\S+", text)
        assert re.findall(r'href="([^"]*)"', unescape(html)) == [link]

        # Whoever only opens the link changes nothing; the button does.
        asked = page(person.get(link))
        [form] = [id for id, form in asked.forms.items() if "verify-submit" in form.buttons]
        page(person.submit(asked, form, "verify-submit"))
        assert house.run("user", "show", EMAIL)["email_verified"]

        # The same letter does not come twice, and the log holds neither its link nor whom it is for.
        checks = {check["check"]: check["status"] for check in house.run("doctor")["checks"]}
        assert (checks["mail"], checks["outbox"]) == ("ok", "ok")
        house.stop()
        assert office.letters.empty()
        log = house.log.read_text()
        token = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)["token"][0]
        assert "a letter was sent" in log
        assert EMAIL not in log and token not in log and PASSWORD not in log


def test_a_server_that_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    for security in ("starttls", "tls"):
        with settings(security, tmp_path) as (office, mail):
            unknown = "".join(line for line in mail.splitlines(keepends=True) if not line.startswith("ca_file"))
            house = Production(unknown)
            try:
                with pytest.raises(RuntimeError, match="UnknownIssuer"):
                    house.run("doctor")
            finally:
                house.__exit__()
            assert office.signed_in == 0 and office.letters.empty()

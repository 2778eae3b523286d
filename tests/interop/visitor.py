"""Owns: a person at the hosted pages, by plain HTTP: cookies, redirects, forms. No browser, no script."""

import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar, DefaultCookiePolicy

MOST_STEPS = 15


@dataclass
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str | None, str]] = field(default_factory=dict)


class Page(HTMLParser):
    """An answered page: where it is, which ids it has, which forms can be sent from it."""

    def __init__(self, url: str, status: int, html: str) -> None:
        super().__init__()
        self.url, self.status, self.html = url, status, html
        self.ids: set[str] = set()
        self.forms: dict[str, Form] = {}
        self._form: Form | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if "id" in at:
            self.ids.add(at["id"])
        if tag == "form":
            self._form = Form(urllib.parse.urljoin(self.url, at.get("action", "")))
            self.forms[at.get("id", f"form-{len(self.forms)}")] = self._form
        elif self._form and tag == "button":
            self._form.buttons[at.get("id", "")] = (at.get("name"), at.get("value", ""))
        elif self._form and tag == "input" and "name" in at:
            if at.get("type") not in ("checkbox", "radio") or "checked" in at:
                self._form.fields[at["name"]] = at.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None


class _StayPut(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


class Visitor:
    def __init__(self, issuer: str, email: str, password: str) -> None:
        self.issuer, self.email, self.password = issuer, email, password
        # Browsers treat http://localhost as a trustworthy origin and send Secure cookies there; so does this one.
        self.cookies = CookieJar(DefaultCookiePolicy(secure_protocols=("http", "https")))
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies), _StayPut)

    def get(self, url: str) -> Page | str:
        """The page at the end of the redirects, or the URL as text once it leads away from the issuer."""
        return self._follow(urllib.request.Request(url))

    def submit(self, page: Page, form: str, button: str, **typed: str) -> Page | str:
        sent = page.forms[form]
        name, value = sent.buttons[button]
        fields = sent.fields | typed | ({name: value} if name else {})
        body = urllib.parse.urlencode(fields).encode()
        # What a browser says about where a form comes from; Doorward's CSRF check reads it.
        headers = {"Origin": self.issuer, "Referer": page.url, "Sec-Fetch-Site": "same-origin"}
        return self._follow(urllib.request.Request(sent.action, body, headers, method="POST"))

    def _follow(self, request: urllib.request.Request) -> Page | str:
        for _ in range(MOST_STEPS):
            try:
                answer = self._opener.open(request, timeout=30)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                if answer.status not in (302, 303):
                    return Page(request.full_url, answer.status, answer.read().decode())
                to = urllib.parse.urljoin(request.full_url, answer.headers["Location"])
            if not to.startswith(self.issuer + "/"):
                return to
            request = urllib.request.Request(to)
        raise AssertionError(f"still redirected after {MOST_STEPS} steps, last to {request.full_url}")

    def authorize(self, url: str, *, sign_up: str | None = None, approve: bool = True) -> str:
        """From an authorization URL through whatever page comes, to the relying party's callback URL."""
        at = self.get(url)
        for _ in range(MOST_STEPS):
            if isinstance(at, str):
                return at
            assert "error-summary" not in at.ids, f"{at.url} does not accept the form:\n{at.html}"
            if "login-form" in at.forms and sign_up:
                at = self.get(urllib.parse.urljoin(at.url, _href(at, "/register")))
            elif "login-form" in at.forms:
                at = self.submit(at, "login-form", "login-submit", email=self.email, password=self.password)
            elif "register-form" in at.forms:
                typed = {"email": self.email, "password": self.password, "name": sign_up or ""}
                at = self.submit(at, "register-form", "register-submit", **typed)
            elif "consent-form" in at.forms:
                at = self.submit(at, "consent-form", "consent-approve" if approve else "consent-deny")
            else:
                raise AssertionError(f"no way on from {at.url} ({at.status}):\n{at.html}")
        raise AssertionError("the pages lead in a circle")


def _href(page: Page, path: str) -> str:
    """The first link to `path`, with the query that carries the pending request."""
    hrefs: list[str] = []

    class Links(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            hrefs.extend(value for name, value in attrs if tag == "a" and name == "href" and value)

    Links().feed(page.html)
    return next(href for href in hrefs if urllib.parse.urlsplit(href).path == path)

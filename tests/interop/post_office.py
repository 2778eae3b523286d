"""Owns: a real SMTP server for a test (aiosmtpd), which keeps the letters it takes, and the certificate it shows."""

import datetime
import ipaddress
import queue
import ssl
import warnings
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USERNAME, PASSWORD = "doorward", "swallows over the bridge"
ARRIVES_WITHIN = 30.0


class PostOffice(Controller):
    """Listens on a port of its own. With `certificate` it speaks TLS and wants a sign-in: by STARTTLS, or at once."""

    def __init__(self, security: str, certificate: Path | None = None) -> None:
        self.security, self.letters = security, queue.Queue[tuple[Envelope, EmailMessage]]()
        self.signed_in = 0
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate)
        super().__init__(self, "127.0.0.1", 0, ssl_context=self.tls if security == "tls" else None)

    def factory(self) -> SMTP:
        wants = {
            "none": {},
            "starttls": {"tls_context": self.tls, "require_starttls": True, "auth_required": True},
            # aiosmtpd offers AUTH only after STARTTLS unless told otherwise, and then warns about connections that are
            # in the clear; here none is.
            "tls": {"auth_required": True, "auth_require_tls": False},
        }[self.security]
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS")
            return SMTP(self, authenticator=self.sign_in, **wants)

    def _trigger_server(self) -> None:
        """aiosmtpd would connect to the port that it was given, which is 0; the port that it got is known here."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def sign_in(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: object) -> AuthResult:
        right = isinstance(given, LoginPassword) and (given.login, given.password) == (
            USERNAME.encode(),
            PASSWORD.encode(),
        )
        self.signed_in += right
        return AuthResult(success=right)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.letters.put((envelope, BytesParser(policy=default).parsebytes(envelope.content)))
        return "250 taken"

    def next_letter(self) -> tuple[Envelope, EmailMessage]:
        return self.letters.get(timeout=ARRIVES_WITHIN)


def certificate(folder: Path) -> tuple[Path, Path]:
    """An authority of our own, and key and certificate of a server on this machine in one file."""
    now = datetime.datetime.now(datetime.UTC)

    def sign(name: str, key: ec.EllipticCurvePrivateKey, by: x509.Name, signer: ec.EllipticCurvePrivateKey, *more):
        builder = (
            x509.CertificateBuilder(by, x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )
        for extension, critical in more:
            builder = builder.add_extension(extension, critical)
        return builder.sign(signer, hashes.SHA256())

    authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "An authority for a test")])
    root = sign("An authority for a test", authority, name, authority, (x509.BasicConstraints(True, None), True))
    hosts = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    use = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH])
    leaf = sign("localhost", server, name, authority, (x509.SubjectAlternativeName(hosts), False), (use, False))

    trusted, shown = folder / "authority.pem", folder / "server.pem"
    trusted.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    key = server.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    shown.write_bytes(key + leaf.public_bytes(serialization.Encoding.PEM))
    return trusted, shown

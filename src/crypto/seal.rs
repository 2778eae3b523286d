//! Sealed boxes: bytes that leave our hands (or lie in the database) and that only we can read and
//! nobody can change (XChaCha20-Poly1305, random 192-bit nonce in front).

use std::io::{Read, Write};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    Key, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use entity::value::Sealed;
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{Root, cannot_go_on, secret::random};

/// What a box is for. Each purpose has a key of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Private keys at rest.
    SigningKey,
    /// Letters at rest.
    Letter,
    /// A pending authorization request in the URLs and forms of the pages.
    Flow,
    /// What the playground remembers between two pages.
    Playground,
    /// Client secrets that have to be read again (`client_secret_jwt`).
    ClientSecret,
    /// Pushed authorization requests at rest.
    PushedRequest,
    /// Notices that a session has ended, at rest.
    Notice,
    /// Whom a signed-out browser tells, and where it goes on, in the URL of the page that does it.
    Onward,
    /// Where a front end wants the reader of a letter to go on to.
    Callback,
    /// The page that somebody was on the way to when they had to sign in.
    Errand,
    /// What somebody who signs up has chosen, until their address is proven.
    SignUp,
    /// Tokens of providers at rest.
    ProviderToken,
    /// The PKCE verifier of somebody who was sent to a provider.
    UpstreamFlow,
    /// What a provider said of somebody who has no place here yet.
    UpstreamArrival,
    /// The address that an account has until another one is proven.
    ChangeEmail,
}

/// The box is not ours, not whole, or not for this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a box of ours")]
pub struct NotOurs;

/// Seals and opens.
pub struct Sealer {
    keys: [XChaCha20Poly1305; Purpose::ALL.len()],
}

const NONCE: usize = 24;

/// More than any request that we accept, so that nobody makes us inflate a bomb.
const MOST_INFLATED: u64 = 64 * 1024;

impl Purpose {
    const ALL: [Self; 15] = [
        Self::SigningKey,
        Self::Letter,
        Self::Flow,
        Self::Playground,
        Self::ClientSecret,
        Self::PushedRequest,
        Self::Notice,
        Self::Onward,
        Self::Callback,
        Self::Errand,
        Self::SignUp,
        Self::ProviderToken,
        Self::UpstreamFlow,
        Self::UpstreamArrival,
        Self::ChangeEmail,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::SigningKey => "seal/signing-key",
            Self::Letter => "seal/letter",
            Self::Flow => "seal/flow",
            Self::Playground => "seal/playground",
            Self::ClientSecret => "seal/client-secret",
            Self::PushedRequest => "seal/pushed-request",
            Self::Notice => "seal/notice",
            Self::Onward => "seal/onward",
            Self::Callback => "seal/callback",
            Self::Errand => "seal/errand",
            Self::SignUp => "seal/sign-up",
            Self::ProviderToken => "seal/provider-token",
            Self::UpstreamFlow => "seal/upstream-flow",
            Self::UpstreamArrival => "seal/upstream-arrival",
            Self::ChangeEmail => "seal/change-email",
        }
    }
}

fn token_place(account: Uuid, column: &str) -> String {
    format!("account|{column}|{account}")
}

impl Sealer {
    pub fn new(root: &Root) -> Self {
        Self {
            keys: Purpose::ALL
                .map(|purpose| XChaCha20Poly1305::new(&Key::from(*root.derive(purpose.label())))),
        }
    }

    /// Seals bytes for a column; `place` is the table, column and row that they are bound to.
    pub fn seal(&self, purpose: Purpose, place: &str, plain: &[u8]) -> Sealed {
        let nonce = random::<NONCE>();
        let payload = Payload {
            msg: plain,
            aad: place.as_bytes(),
        };
        let boxed = self.keys[purpose as usize].encrypt(&XNonce::from(nonce), payload);
        let mut sealed = nonce.to_vec();
        match boxed {
            Ok(boxed) => sealed.extend(boxed),
            // Only for messages of 256 GiB and more.
            Err(_) => cannot_go_on("a sealed box"),
        }
        Sealed(sealed)
    }

    /// Opens what was sealed for the same purpose and place.
    pub fn open(&self, purpose: Purpose, place: &str, sealed: &Sealed) -> Result<Vec<u8>, NotOurs> {
        let (nonce, boxed) = sealed.0.split_first_chunk::<NONCE>().ok_or(NotOurs)?;
        let payload = Payload {
            msg: boxed,
            aad: place.as_bytes(),
        };
        self.keys[purpose as usize]
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| NotOurs)
    }

    /// Seals a provider's token for its column of an `account` row.
    pub fn seal_token(&self, (account, column): (Uuid, &str), token: &str) -> Sealed {
        let place = token_place(account, column);
        self.seal(Purpose::ProviderToken, &place, token.as_bytes())
    }

    /// Opens such a token.
    pub fn open_token(&self, (account, column): (Uuid, &str), sealed: &Sealed) -> Option<String> {
        let place = token_place(account, column);
        let opened = self.open(Purpose::ProviderToken, &place, sealed).ok()?;
        String::from_utf8(opened).ok()
    }

    /// Seals a value into text for a URL or a form: JSON, deflated, sealed, base64url.
    pub fn wrap<T: Serialize>(&self, purpose: Purpose, value: &T) -> serde_json::Result<String> {
        let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
        let json = serde_json::to_vec(value)?;
        let bytes = deflated
            .write_all(&json)
            .and_then(|()| deflated.finish())
            .map_err(serde_json::Error::io)?;
        Ok(URL_SAFE_NO_PAD.encode(self.seal(purpose, "", &bytes).0))
    }

    /// Opens what [`Sealer::wrap`] made.
    pub fn unwrap<T: DeserializeOwned>(&self, purpose: Purpose, text: &str) -> Result<T, NotOurs> {
        let sealed = Sealed(URL_SAFE_NO_PAD.decode(text).map_err(|_| NotOurs)?);
        let deflated = self.open(purpose, "", &sealed)?;
        let mut json = Vec::new();
        DeflateDecoder::new(deflated.as_slice())
            .take(MOST_INFLATED)
            .read_to_end(&mut json)
            .map_err(|_| NotOurs)?;
        serde_json::from_slice(&json).map_err(|_| NotOurs)
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer() -> Sealer {
        Sealer::new(&Root::parse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap())
    }

    #[test]
    fn opens_only_for_the_same_purpose_and_place() {
        let sealer = sealer();
        let sealed = sealer.seal(Purpose::SigningKey, "signing_key|private_key|k1", b"secret");
        let place = "signing_key|private_key|k1";
        assert_eq!(
            sealer.open(Purpose::SigningKey, place, &sealed).unwrap(),
            b"secret"
        );
        assert!(sealer.open(Purpose::Letter, place, &sealed).is_err());
        assert!(
            sealer
                .open(Purpose::SigningKey, "signing_key|private_key|k2", &sealed)
                .is_err()
        );
    }

    #[test]
    fn a_changed_or_cut_box_does_not_open() {
        let sealer = sealer();
        let text = sealer.wrap(Purpose::Flow, &"a pending request").unwrap();
        assert_eq!(
            sealer.unwrap::<String>(Purpose::Flow, &text).unwrap(),
            "a pending request"
        );
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            // The last character may carry bits that base64 does not use; then it is refused too.
            assert!(
                sealer.unwrap::<String>(Purpose::Flow, &changed).is_err(),
                "at {at}"
            );
            assert!(
                sealer.unwrap::<String>(Purpose::Flow, &text[..at]).is_err(),
                "cut at {at}"
            );
        }
    }
}

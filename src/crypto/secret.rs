//! Secrets that we hand out: 256 random bits with a prefix that names their kind, kept as a digest
//! under a key of that kind. A secret of one kind is nothing in another kind's slot.

pub mod mail_code;
#[cfg(test)]
mod tests;
pub mod user_code;

use aws_lc_rs::{hmac, rand};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::value::Digest;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::{Root, cannot_go_on, sha256};

/// The kinds of secrets. The prefix also lets secret scanners find one that leaked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// `ac_`: an authorization code.
    AuthorizationCode,
    /// `rt_`: a refresh token.
    RefreshToken,
    /// `cs_`: a client secret.
    ClientSecret,
    /// `ss_`: the value of the session cookie.
    Session,
    /// `ve_`: the secret in a link that proves an address.
    VerifyEmail,
    /// `su_`: the secret in a link that proves the address of somebody who signs up.
    SignUp,
    /// `rp_`: the secret in a link to a page for a new password.
    Recover,
    /// `ce_`: the secret in a link that proves a new address.
    ChangeEmail,
    /// `ka_`: the secret in a link by which an account is kept that was to be removed.
    KeepAccount,
    /// `vi_`: the value of the visitor cookie, which binds forms and flows to a browser.
    Visitor,
    /// `ra_`: the token with which a client manages what it registered (RFC 7592 §1.2).
    RegistrationAccess,
    /// `pr_`: the random part of the `request_uri` of a pushed request.
    PushedRequest,
    /// `dc_`: what a device polls with (RFC 8628 §3.2).
    DeviceCode,
    /// `us_`: the `state` of an authorization request of ours to a provider.
    UpstreamState,
    /// `ua_`: what a browser goes on with that came back from a provider and has no place yet.
    UpstreamArrival,
}

/// A new secret, to be shown once, and what to keep of it.
#[derive(Debug)]
pub struct Minted {
    pub secret: SecretString,
    pub digest: Digest,
}

/// Makes secrets, digests and macs with the purpose keys of this installation.
#[derive(Debug)]
pub struct Secrets {
    digests: [hmac::Key; SecretKind::ALL.len()],
    successor: hmac::Key,
    form: hmac::Key,
    dpop_nonce: hmac::Key,
    pairwise: hmac::Key,
    one_time: hmac::Key,
    user_code: hmac::Key,
    mail_code: hmac::Key,
    limited: hmac::Key,
}

/// `ac_` and the like, and 43 characters of base64url.
const LENGTH: usize = 3 + 43;

impl SecretKind {
    const ALL: [Self; 15] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientSecret,
        Self::Session,
        Self::VerifyEmail,
        Self::SignUp,
        Self::Recover,
        Self::ChangeEmail,
        Self::KeepAccount,
        Self::Visitor,
        Self::RegistrationAccess,
        Self::PushedRequest,
        Self::DeviceCode,
        Self::UpstreamState,
        Self::UpstreamArrival,
    ];

    fn prefix(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "ac_",
            Self::RefreshToken => "rt_",
            Self::ClientSecret => "cs_",
            Self::Session => "ss_",
            Self::VerifyEmail => "ve_",
            Self::SignUp => "su_",
            Self::Recover => "rp_",
            Self::ChangeEmail => "ce_",
            Self::KeepAccount => "ka_",
            Self::Visitor => "vi_",
            Self::RegistrationAccess => "ra_",
            Self::PushedRequest => "pr_",
            Self::DeviceCode => "dc_",
            Self::UpstreamState => "us_",
            Self::UpstreamArrival => "ua_",
        }
    }
}

impl Secrets {
    pub fn new(root: &Root) -> Self {
        Self {
            digests: SecretKind::ALL.map(|kind| root.mac_key(&format!("digest/{}", kind.prefix()))),
            successor: root.mac_key("refresh-token/successor"),
            form: root.mac_key("form"),
            dpop_nonce: root.mac_key("dpop-nonce"),
            pairwise: root.mac_key("pairwise"),
            one_time: root.mac_key("one-time"),
            user_code: root.mac_key("user-code"),
            mail_code: root.mac_key("mail-code"),
            limited: root.mac_key("limited"),
        }
    }

    /// A new secret of `kind`.
    pub fn mint(&self, kind: SecretKind) -> Minted {
        self.minted(kind, &random::<32>())
    }

    /// The digest by which `presented` would be found, or none if it has not the form of `kind`:
    /// such a thing was never handed out, so there is nothing to look up.
    pub fn digest(&self, kind: SecretKind, presented: &str) -> Option<Digest> {
        let random = presented.strip_prefix(kind.prefix())?;
        let well_formed = presented.len() == LENGTH
            && random
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        well_formed.then(|| self.digest_of(kind, presented))
    }

    /// The refresh token that follows `spent`. The same token always has the same successor, so a
    /// client whose answer was lost gets that answer again, and nothing secret has to be stored;
    /// whoever only has `spent` cannot compute it.
    pub fn successor(&self, spent: &str) -> Minted {
        let tag = hmac::sign(&self.successor, spent.as_bytes());
        let mut bytes = [0u8; 32];
        bytes.copy_from_slice(tag.as_ref());
        self.minted(SecretKind::RefreshToken, &bytes)
    }

    /// Whether two digests are of the same secret, in a time that does not tell where they differ.
    pub fn same(one: &Digest, other: &Digest) -> bool {
        one == other
    }

    /// The digest under which a one-time token is remembered: of its kind, of who sent it, and of the
    /// name that they gave it.
    pub fn one_time(&self, parts: &[&str]) -> Digest {
        Digest(URL_SAFE_NO_PAD.encode(hmac::sign(&self.one_time, &framed(parts))))
    }

    /// The key under which somebody's uses of something limited are counted.
    pub fn limited(&self, parts: &[&str]) -> Digest {
        Digest(URL_SAFE_NO_PAD.encode(hmac::sign(&self.limited, &framed(parts))))
    }

    /// The name of `subject` within `sector`: always the same there, and no more to be traced to the
    /// subject than to its name in another sector (OpenID Connect Core §8.1).
    pub fn pairwise(&self, sector: &str, subject: &str) -> String {
        // No host holds a NUL, so no two pairs are the same bytes.
        let pair = [sector.as_bytes(), &[0], subject.as_bytes()].concat();
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.pairwise, &pair))
    }

    /// A tag over `parts` for a form: whoever holds it was given that form by us.
    pub fn form_tag(&self, parts: &[&str]) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.form, &framed(parts)))
    }

    /// Whether `tag` is the tag over `parts`.
    pub fn form_tag_fits(&self, parts: &[&str], tag: &str) -> bool {
        URL_SAFE_NO_PAD
            .decode(tag)
            .is_ok_and(|tag| hmac::verify(&self.form, &framed(parts), &tag).is_ok())
    }

    /// The nonce of a slot of time, which nobody knows before it is given out (RFC 9449 §8).
    pub fn dpop_nonce(&self, slot: i64) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.dpop_nonce, &slot.to_be_bytes()))
    }

    /// Whether `nonce` is that of a slot of time.
    pub fn is_dpop_nonce(&self, slot: i64, nonce: &str) -> bool {
        URL_SAFE_NO_PAD
            .decode(nonce)
            .is_ok_and(|tag| hmac::verify(&self.dpop_nonce, &slot.to_be_bytes(), &tag).is_ok())
    }

    fn minted(&self, kind: SecretKind, random: &[u8; 32]) -> Minted {
        let secret = format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(random));
        let digest = self.digest_of(kind, &secret);
        Minted {
            secret: SecretString::from(secret),
            digest,
        }
    }

    fn digest_of(&self, kind: SecretKind, secret: &str) -> Digest {
        let tag = hmac::sign(&self.digests[kind as usize], secret.as_bytes());
        Digest(URL_SAFE_NO_PAD.encode(tag))
    }
}

impl Minted {
    /// The secret itself, to hand out.
    pub fn expose(&self) -> &str {
        self.secret.expose_secret()
    }
}

/// Whether two texts are the same, in a time that does not tell where they differ or how long the
/// expected one is.
pub fn is_same_text(one: &str, other: &str) -> bool {
    sha256(one.as_bytes())
        .ct_eq(&sha256(other.as_bytes()))
        .into()
}

/// `N` random bytes in base64url: an identifier that does not repeat, or a secret of somebody else's
/// making, such as a relying party's `state`.
pub fn random_id<const N: usize>() -> String {
    URL_SAFE_NO_PAD.encode(random::<N>())
}

/// `N` random bytes from the operating system's generator.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0u8; N];
    match rand::fill(&mut bytes) {
        Ok(()) => bytes,
        Err(_) => cannot_go_on("randomness"),
    }
}

/// Lengths in front, so that no two lists of parts read the same.
fn framed(parts: &[&str]) -> Vec<u8> {
    let mut all = Vec::new();
    for part in parts {
        all.extend((part.len() as u64).to_be_bytes());
        all.extend(part.as_bytes());
    }
    all
}

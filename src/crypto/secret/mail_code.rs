//! Mail codes: six digits in a letter, for people who read their mail on another device than the one
//! on which they began. So few that they protect nothing unless guesses are counted.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::value::Digest;

use super::{Secrets, framed, random};

const CODES: u64 = 1_000_000;

/// A new code, as it is shown, and what to keep of it.
#[derive(Debug)]
pub struct MailCode {
    /// `123456`.
    pub shown: String,
    pub digest: Digest,
}

impl Secrets {
    /// A new code that goes with the link of `token`. Bound to it, so that equal codes have different
    /// digests.
    pub fn mint_mail_code(&self, token: &Digest) -> MailCode {
        // 2^64 is so much more than the codes that none is likelier than another.
        let shown = format!("{:06}", u64::from_be_bytes(random::<8>()) % CODES);
        MailCode {
            digest: self.mail_code_of(token, &shown),
            shown,
        }
    }

    /// The digest of a code as a person typed it, perhaps with spaces or a hyphen; none if it is none.
    pub fn mail_code(&self, token: &Digest, typed: &str) -> Option<Digest> {
        let kept = |c: &char| !c.is_whitespace() && *c != '-';
        let digits: String = typed.chars().filter(kept).take(7).collect();
        let is_code = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit());
        is_code.then(|| self.mail_code_of(token, &digits))
    }

    fn mail_code_of(&self, token: &Digest, digits: &str) -> Digest {
        let bound = framed(&[token.0.as_str(), digits]);
        Digest(URL_SAFE_NO_PAD.encode(hmac::sign(&self.mail_code, &bound)))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Root, *};

    #[test]
    fn a_code_is_known_however_it_is_typed_and_only_beside_its_link() {
        let root = Root::parse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
        let secrets = Secrets::new(&root);
        let (token, other) = (Digest("a".into()), Digest("b".into()));
        let code = secrets.mint_mail_code(&token);
        assert_eq!(code.shown.len(), 6);
        let (front, back) = code.shown.split_at(3);
        for typed in [
            code.shown.clone(),
            format!(" {front} {back}\n"),
            format!("{front}-{back}"),
        ] {
            assert_eq!(secrets.mail_code(&token, &typed), Some(code.digest.clone()));
            assert_ne!(secrets.mail_code(&other, &typed), Some(code.digest.clone()));
        }
        for none in [
            "",
            "12345",
            "1234567",
            "12345a",
            "\u{661}23456",
            "000000000000",
        ] {
            assert_eq!(secrets.mail_code(&token, none), None, "{none}");
        }
    }
}

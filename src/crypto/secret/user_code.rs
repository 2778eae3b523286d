//! User codes: what a person types to answer for a device (RFC 8628 §6.1). Short enough to be typed,
//! so they protect nothing for long and only as long as guesses are counted.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::value::Digest;

use super::{Secrets, random};

/// Twenty consonants: no word can come of them, and none is taken for a digit.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// 20^8 codes: 34.5 bits.
const LENGTH: usize = 8;

/// A new code, as it is shown, and what to keep of it.
#[derive(Debug)]
pub struct UserCode {
    /// `XXXX-XXXX`.
    pub shown: String,
    pub digest: Digest,
}

impl Secrets {
    /// A new user code.
    pub fn mint_user_code(&self) -> UserCode {
        let mut letters = String::new();
        while letters.len() < LENGTH {
            // Bytes from 240 on would make the first letters likelier than the others.
            let fair = random::<16>().into_iter().filter(|byte| *byte < 240);
            let missing = LENGTH - letters.len();
            letters.extend(fair.take(missing).map(letter));
        }
        UserCode {
            digest: self.user_code_of(&letters),
            shown: shown(&letters),
        }
    }

    /// The digest of a code as a person typed it, and the code as we show it; none if it is none.
    pub fn user_code(&self, typed: &str) -> Option<UserCode> {
        let letters = letters(typed)?;
        Some(UserCode {
            digest: self.user_code_of(&letters),
            shown: shown(&letters),
        })
    }

    fn user_code_of(&self, letters: &str) -> Digest {
        Digest(URL_SAFE_NO_PAD.encode(hmac::sign(&self.user_code, letters.as_bytes())))
    }
}

fn letter(byte: u8) -> char {
    LETTERS[usize::from(byte) % LETTERS.len()].into()
}

fn shown(letters: &str) -> String {
    let (one, other) = letters.split_at(LENGTH / 2);
    format!("{one}-{other}")
}

/// RFC 8628 §6.1: in any case, with or without what was put between the letters to read them better.
fn letters(typed: &str) -> Option<String> {
    let mut letters = String::new();
    for c in typed.chars() {
        match c.to_ascii_uppercase() {
            c if c.is_ascii() && LETTERS.contains(&(c as u8)) => letters.push(c),
            '-' | '_' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}' => {}
            c if c.is_whitespace() => {}
            _ => return None,
        }
        if letters.len() > LENGTH {
            return None;
        }
    }
    (letters.len() == LENGTH).then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Root;

    fn secrets() -> Secrets {
        Secrets::new(&Root::parse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap())
    }

    #[test]
    fn a_code_is_eight_consonants_and_found_however_it_is_typed() {
        let secrets = secrets();
        let code = secrets.mint_user_code();
        let bare = code.shown.replace('-', "");
        assert_eq!((code.shown.len(), bare.len()), (9, 8));
        assert!(bare.bytes().all(|b| LETTERS.contains(&b)), "{bare}");
        let lower = bare.to_lowercase();
        let (one, other) = lower.split_at(3);
        for typed in [
            &code.shown,
            &bare,
            &lower,
            &format!("  {one} {other}\n"),
            &format!("{one}\u{2013}{other}"),
            &format!("{one}\u{a0}--{other}"),
        ] {
            let found = secrets.user_code(typed).unwrap();
            assert_eq!(
                (found.digest, found.shown),
                (code.digest.clone(), code.shown.clone())
            );
        }
        for bad in [
            &bare[..7],
            &format!("{bare}B"),
            &format!("{}A", &bare[..7]),
            &format!("{}0", &bare[..7]),
            &format!("{}\u{43a}", &bare[..7]),
            "",
        ] {
            assert!(secrets.user_code(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn every_letter_comes_about_as_often() {
        let secrets = secrets();
        let all: String = (0..1000).map(|_| secrets.mint_user_code().shown).collect();
        for letter in LETTERS {
            let times = all.bytes().filter(|b| b == letter).count();
            // 400 are expected, and 6 standard deviations are 117.
            assert!(
                (280..520).contains(&times),
                "{} came {times} times",
                *letter as char
            );
        }
    }
}

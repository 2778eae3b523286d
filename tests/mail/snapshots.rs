//! Snapshots: every letter as it is read, word for word, in `tests/mail/letters/`, and the rules that
//! all of them keep. `UPDATE_LETTERS=1` writes the files anew; what changed then shows in the diff.

use std::{env, fs, path::PathBuf};

use doorward::{
    mail::{
        Letter,
        letters::{Envelope, Message},
        write,
    },
    templates::Templates,
};
use entity::value::LetterKind;
use html5gum::{Token, Tokenizer};
use sea_orm::{ActiveEnum, Iterable};

use crate::support::page::Page;

const ISSUER: &str = "https://id.example.com";
const EMAIL: &str = "ada@example.com";
const NEW_EMAIL: &str = "ada@new.example";
const BROWSER: &str = "Firefox on Linux";
const PLACE: &str = "192.0.2.7";
const NOW: &str = "24 November 2026, 07:10 UTC";
const LATER: &str = "24 November 2026, 07:40 UTC";
const CODE: &str = "024680";
const PROVIDER: &str = "GitHub";

/// A link with a secret as long as ours are, which are never the same twice.
fn link(path: &str, kind: &str) -> String {
    format!("{ISSUER}{path}?token={kind}_{}", "M".repeat(43))
}

/// Each letter with the same moment, person and browser. None for what is no letter. A new kind of
/// letter must be added here, and its files with it.
fn sample(templates: &Templates, kind: LetterKind) -> Option<Letter> {
    let (at, expires, code) = (NOW.to_owned(), LATER.to_owned(), CODE.to_owned());
    let mut email = EMAIL;
    let message = match kind {
        LetterKind::VerifyEmail => Message::VerifyEmail {
            link: link("/verify-email", "ve"),
            code,
            expires,
        },
        LetterKind::SignUp => Message::SignUp {
            link: link("/register/confirm", "su"),
            code,
            expires,
        },
        LetterKind::AddressTaken => Message::AddressTaken {
            link: format!("{ISSUER}/login"),
            recover: format!("{ISSUER}/recover"),
            at,
        },
        LetterKind::Recover => Message::Recover {
            link: link("/reset-password", "rp"),
            expires,
        },
        LetterKind::PasswordChanged => Message::PasswordChanged { at },
        LetterKind::ChangeEmail => {
            email = NEW_EMAIL;
            Message::ChangeEmail {
                link: link("/confirm-email", "ce"),
                code,
                expires,
            }
        }
        LetterKind::EmailChanged => Message::EmailChanged {
            new_email: NEW_EMAIL,
            at,
        },
        LetterKind::AccountLeaving => Message::AccountLeaving {
            link: link("/keep-account", "ka"),
            leaves: expires,
        },
        LetterKind::ProviderLinked => Message::ProviderLinked {
            provider: PROVIDER,
            display: "ada-l",
            at,
        },
        LetterKind::ProviderUnlinked => Message::ProviderUnlinked {
            provider: PROVIDER,
            display: "ada-l",
            at,
        },
        LetterKind::ProviderCode => Message::ProviderCode {
            provider: PROVIDER,
            display: "ada-l",
            code: CODE,
            expires,
        },
        LetterKind::LogoutNotice => return None,
    };
    let envelope = Envelope {
        issuer: ISSUER,
        email,
        browser: BROWSER.to_owned(),
        place: PLACE,
    };
    Some(write(templates, &envelope, &message).expect("a letter that can be written"))
}

/// Every letter, by the name of its files.
fn letters() -> Vec<(String, Letter)> {
    let templates = Templates::load().expect("the templates");
    let all = LetterKind::iter().filter_map(|kind| {
        let letter = sample(&templates, kind)?;
        Some((kind.to_value(), letter))
    });
    all.collect()
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail/letters"))
}

#[test]
fn every_letter_reads_as_it_did() {
    let anew = env::var("UPDATE_LETTERS").is_ok_and(|value| value == "1");
    let mut differ = Vec::new();
    for (name, letter) in letters() {
        let text = format!("Subject: {}\n\n{}\n", letter.subject, letter.text);
        for (file, now) in [
            (format!("{name}.txt"), text),
            (format!("{name}.html"), letter.html + "\n"),
        ] {
            let path = folder().join(&file);
            if anew {
                fs::create_dir_all(folder()).expect("a folder");
                fs::write(&path, &now).expect("a file");
            }
            if fs::read_to_string(&path).ok().as_deref() != Some(now.as_str()) {
                differ.push(file);
            }
        }
    }
    assert!(
        differ.is_empty(),
        "not as in tests/mail/letters/: {differ:?}; if that is wanted, run it with UPDATE_LETTERS=1"
    );
}

#[test]
fn no_snapshot_is_of_a_letter_that_is_not_written_any_more() {
    let names: Vec<String> = letters().into_iter().map(|(name, _)| name).collect();
    for entry in fs::read_dir(folder()).expect("the snapshots") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        assert!(names.contains(&name), "{path:?}");
    }
}

#[test]
fn a_letter_says_to_whom_from_where_and_until_when() {
    for (name, letter) in letters() {
        let has_secret = letter.text.contains("?token=") || letter.text.contains(CODE);
        for (part, said) in [("text", &letter.text), ("html", &letter.html)] {
            let says =
                |word: &str| assert!(said.contains(word), "{name}.{part}: no {word}:\n{said}");
            says("ada@");
            says(BROWSER);
            says(PLACE);
            says(&format!(
                "Sent by {}",
                if part == "text" { ISSUER } else { "<span" }
            ));
            // Absolute, because nobody knows when it is read.
            says(if has_secret { LATER } else { NOW });
            assert!(
                !said.contains("Ada Lovelace"),
                "{name}.{part}: a name is what a stranger chose"
            );
        }
        assert!(
            !letter.subject.contains(EMAIL) && !letter.subject.contains(CODE),
            "{name}"
        );
        let long = letter
            .text
            .lines()
            .find(|line| line.len() > 78 && !line.contains("://"));
        assert_eq!(long, None, "{name}: RFC 5322 §2.1.1");
    }
}

#[test]
fn a_letter_has_one_button_and_its_plain_address() {
    for (name, letter) in letters() {
        let mut hrefs = Vec::new();
        for Ok(token) in Tokenizer::new(&letter.html) {
            let Token::StartTag(tag) = token else {
                continue;
            };
            let tag_name = String::from_utf8_lossy(&tag.name).into_owned();
            let loads = [
                "img", "script", "link", "iframe", "object", "style", "form", "base",
            ];
            assert!(!loads.contains(&tag_name.as_str()), "{name}: <{tag_name}>");
            for (attribute, value) in &tag.attributes {
                let attribute = String::from_utf8_lossy(attribute).into_owned();
                let value = String::from_utf8_lossy(&value.value).into_owned();
                assert!(
                    !["src", "srcset", "background"].contains(&attribute.as_str()),
                    "{name}"
                );
                assert!(!value.contains("url("), "{name}: {value}");
                if attribute == "href" {
                    assert_eq!(tag_name, "a", "{name}");
                    hrefs.push(value);
                }
            }
        }
        // Its code is typed where the browser stands; there is nowhere else to go.
        if name == LetterKind::ProviderCode.to_value() {
            assert!(hrefs.is_empty(), "{name}: {hrefs:?}");
            continue;
        }
        let [href] = &hrefs[..] else {
            panic!("{name}: {hrefs:?}")
        };
        assert!(href.starts_with(&format!("{ISSUER}/")), "{name}: {href}");
        assert!(
            letter.text.lines().any(|line| line == href),
            "{name}: no line {href}"
        );
        let said = Page::read(&letter.html).text;
        assert!(
            said.contains(href.as_str()),
            "{name}: {href} is not to be read"
        );
    }
}

//! Choosing and changing a password.

use entity::{authorization_code, device_code, token_family, user, value::EventKind};

use super::AccountError;
use crate::{
    app::App,
    crypto::{
        password::{Password, PasswordLength, Verdict},
        secret::Minted,
    },
    events,
    mail::{self, letters::PasswordChanged},
    sessions::{self, Browser, Proof, SignedIn},
};

/// How long a letter about a change may wait to be delivered.
const LETTER_KEEPS: chrono::TimeDelta = chrono::TimeDelta::days(3);

/// How much of a password is estimated. The time that it takes grows steeply with length, and what
/// comes after so many characters only adds strength.
const ESTIMATED: usize = 32;

/// A password of a length that can be set; whether it may be is for [`choose`] to say.
pub fn of_length(typed: &str) -> Result<Password, AccountError> {
    Password::new(typed).map_err(|length| match length {
        PasswordLength::TooShort => AccountError::PasswordTooShort,
        PasswordLength::TooLong => AccountError::PasswordTooLong,
    })
}

/// A password that may be set: long enough, and not one that guessers try early. `context` are
/// words that are about the person, such as the address. Waits for a core as hashing does, because
/// the estimate costs as much.
pub async fn choose(app: &App, typed: &str, context: &[&str]) -> Result<Password, AccountError> {
    let password = of_length(typed)?;
    let context: Vec<String> = context.iter().map(|word| (*word).to_owned()).collect();
    let judged = move || match is_guessable(&password, &context) {
        true => Err(AccountError::PasswordGuessable),
        false => Ok(password),
    };
    app.passwords.on_a_core(judged).await?
}

fn is_guessable(password: &Password, context: &[String]) -> bool {
    let start: String = password.expose().chars().take(ESTIMATED).collect();
    let words: Vec<&str> = context
        .iter()
        .map(String::as_str)
        .flat_map(|word| {
            let parts = word.split(['@', '.', ' ', '+', '-', '_']);
            [word].into_iter().chain(word.split('@')).chain(parts)
        })
        .filter(|word| word.len() > 2)
        .chain(["doorward"])
        .collect();
    let score = zxcvbn::zxcvbn(&start, &words).score();
    matches!(score, zxcvbn::Score::Zero | zxcvbn::Score::One)
}

/// Changes the password of a person who knows the current one. Whoever else was signed in with the
/// old one is not any more: other sessions and all refresh tokens end, and this browser's cookie
/// gets a new value.
pub async fn change(
    app: &App,
    signed_in: &SignedIn,
    (current, new): (&str, &str),
    browser: &Browser,
) -> Result<Minted, AccountError> {
    let user = &signed_in.user;
    let known = user.password_hash.as_deref();
    if app.passwords.verify(current, known).await? == Verdict::Wrong {
        return Err(AccountError::NotRecognised);
    }
    let words = [
        user.email.as_str(),
        user.name.as_deref().unwrap_or_default(),
    ];
    let password = choose(app, new, &words).await?;
    let hash = app.passwords.hash(&password).await?;
    let now = app.clock.now();
    let tx = app.db.begin().await?;
    if !user::replace_password(&tx, user.id, known, &hash, now).await? {
        // Somebody changed it between the check and now; what was typed is no longer current.
        return Err(AccountError::NotRecognised);
    }
    sessions::end_all(app, &tx, user.id, Some(signed_in.session.id)).await?;
    token_family::revoke_user(&tx, user.id, now).await?;
    authorization_code::forget_user(&tx, user.id).await?;
    device_code::forget_user(&tx, user.id).await?;
    let proven = (user.clone(), Proof::password(now));
    let (minted, _) = sessions::start(app, &tx, proven, Some(signed_in), browser).await?;
    let about = browser.about(Some(user.id));
    events::record(&tx, EventKind::PasswordChanged, about, now).await?;
    let letter = PasswordChanged {
        issuer: &app.config.server.issuer,
        name: user.name.as_deref(),
        email: &user.email,
        at: now.format("%-d %B %Y, %H:%M UTC").to_string(),
        browser: browser.name(),
        place: browser.place(),
    };
    let post = (&app.templates, &app.sealer);
    mail::post(&tx, post, &user.email, &letter, (now, now + LETTER_KEEPS)).await?;
    tx.commit().await?;
    Ok(minted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_guessers_try_first_is_refused() {
        let context = [
            "ada.lovelace@example.com".to_owned(),
            "Ada Lovelace".to_owned(),
        ];
        let guessable = |typed: &str| is_guessable(&of_length(typed).unwrap(), &context);
        for bad in [
            "password",
            "12345678",
            "qwertyuiop",
            "ada.lovelace",
            "lovelace1",
            "doorward1",
        ] {
            assert!(guessable(bad), "{bad}");
        }
        for good in [
            "correct horse battery staple",
            "p\u{e4}ssw\u{f6}rd-of-mine",
            "tr0ub4dor&3xyz",
        ] {
            assert!(!guessable(good), "{good}");
        }
    }

    #[test]
    fn a_password_has_a_length() {
        assert!(matches!(
            of_length("short"),
            Err(AccountError::PasswordTooShort)
        ));
        let long = "x".repeat(1025);
        assert!(matches!(
            of_length(&long),
            Err(AccountError::PasswordTooLong)
        ));
    }
}

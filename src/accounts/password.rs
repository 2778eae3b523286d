//! Choosing and changing a password.

use entity::{token_family, user, value::EventKind};

use super::AccountError;
use crate::{
    app::App,
    crypto::{
        password::{Password, PasswordLength, Verdict},
        secret::Minted,
    },
    events::{self, About},
    mail::{self, letters::PasswordChanged},
    sessions::{self, Browser, SignedIn},
};

/// How long a letter about a change may wait to be delivered.
const LETTER_KEEPS: chrono::TimeDelta = chrono::TimeDelta::days(3);

/// A password that may be set: long enough, and not one that guessers try early. `context` are
/// words that are about the person, such as the address.
pub fn choose(typed: &str, context: &[&str]) -> Result<Password, AccountError> {
    let password = Password::new(typed).map_err(|length| match length {
        PasswordLength::TooShort => AccountError::PasswordTooShort,
        PasswordLength::TooLong => AccountError::PasswordTooLong,
    })?;
    // Estimating takes time that grows with length; what is left after this many characters
    // only adds strength.
    let start: String = password.expose().chars().take(100).collect();
    let words: Vec<&str> = context
        .iter()
        .flat_map(|word| {
            [*word]
                .into_iter()
                .chain(word.split(['@', '.', ' ', '+', '-', '_']))
        })
        .filter(|word| word.len() > 2)
        .chain(["doorward"])
        .collect();
    match zxcvbn::zxcvbn(&start, &words).score() {
        zxcvbn::Score::Zero | zxcvbn::Score::One => Err(AccountError::PasswordGuessable),
        _ => Ok(password),
    }
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
    let password = choose(
        new,
        &[&user.email, user.name.as_deref().unwrap_or_default()],
    )?;
    let hash = app.passwords.hash(&password).await?;
    let now = app.clock.now();
    let tx = app.db.begin().await?;
    if !user::replace_password(&tx, user.id, known, &hash, now).await? {
        // Somebody changed it between the check and now; what was typed is no longer current.
        return Err(AccountError::NotRecognised);
    }
    sessions::end_all(app, &tx, user.id, Some(signed_in.session.id)).await?;
    token_family::revoke_user(&tx, user.id, now).await?;
    let (minted, _) = sessions::start(app, &tx, user.clone(), Some(signed_in), browser).await?;
    let about = About::user(user.id).from_ip(browser.ip.as_deref());
    events::record(&tx, EventKind::PasswordChanged, about, now).await?;
    let letter = PasswordChanged {
        issuer: &app.config.server.issuer,
        name: user.name.as_deref(),
        email: &user.email,
        at: now.format("%-d %B %Y, %H:%M UTC").to_string(),
        browser: browser
            .user_agent
            .as_deref()
            .unwrap_or("an unknown browser"),
        place: browser.ip.as_deref().unwrap_or("an unknown address"),
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
        let context = ["ada.lovelace@example.com", "Ada Lovelace"];
        for bad in [
            "password",
            "12345678",
            "qwertyuiop",
            "ada.lovelace",
            "lovelace1",
            "doorward1",
        ] {
            let refused = choose(bad, &context);
            assert!(
                matches!(refused, Err(AccountError::PasswordGuessable)),
                "{bad}"
            );
        }
        assert!(matches!(
            choose("short", &[]),
            Err(AccountError::PasswordTooShort)
        ));
        assert!(matches!(
            choose(&"x".repeat(1025), &[]),
            Err(AccountError::PasswordTooLong)
        ));
        for good in [
            "correct horse battery staple",
            "p\u{e4}ssw\u{f6}rd-of-mine",
            "tr0ub4dor&3xyz",
        ] {
            assert!(choose(good, &context).is_ok(), "{good}");
        }
    }
}

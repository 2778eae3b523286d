//! Recovering: what the tests of `/recover` and `/reset-password` begin with.

use doorward::{
    accounts::operate::{self, Wanted},
    mail, paths,
};
use entity::{
    outbox, user,
    value::{LetterKind, Role},
};

use crate::support::{
    browser::Browser,
    house::{House, Person},
};

/// What is chosen.
pub const NEW: &str = "eleven herons by the mill";

/// What the page says of a link that does not work.
pub const DEAD: &str = "This link no longer works";

/// Asks for a letter, on a fresh page without any flow.
pub async fn ask(browser: &mut Browser<'_>, email: &str) {
    browser
        .get(paths::RECOVER)
        .await
        .shown(200, "Forgot your password?");
    asked(browser, email).await;
}

/// Asks for a letter on the page that is on the screen.
pub async fn asked(browser: &mut Browser<'_>, email: &str) {
    let page = browser.submit("#recover-form", &[("email", email)]).await;
    let said = format!("If an account exists for {email}, a letter is on its way.");
    page.shown(200, &said);
}

/// The link in the newest letter for a new password, if there is one.
pub async fn newest_link(house: &House) -> Option<String> {
    let letters = outbox::newest(&house.app.db.read, 100)
        .await
        .expect("the letters");
    let newest = letters.iter().find(|row| row.kind == LetterKind::Recover)?;
    let letter = mail::open(&house.app.sealer, newest).expect("a letter of ours");
    let link = letter
        .text
        .lines()
        .find(|line| line.contains("://") && line.contains("token"));
    Some(link.expect("a link in the letter").to_owned())
}

/// The link of the letter that was just asked for.
pub async fn link(house: &House) -> String {
    newest_link(house)
        .await
        .expect("a letter for a new password")
}

/// The secret in a link.
#[track_caller]
pub fn secret(link: &str) -> &str {
    link.split_once("token=").expect("a token").1
}

/// Opens a link and sets a password on the page.
pub async fn choose(browser: &mut Browser<'_>, link: &str, password: &str) {
    browser
        .get_from_stranger(link)
        .await
        .shown(200, "Choose a new password");
    browser
        .submit("#reset-form", &[("new_password", password)])
        .await
        .sent_to(paths::LOGIN);
}

/// Whether somebody can sign in with this password.
pub async fn opens_for(house: &House, email: &str, password: &str) -> bool {
    let mut browser = house.browser();
    browser.get(paths::LOGIN).await;
    let answer = browser
        .submit("#login-form", &[("email", email), ("password", password)])
        .await;
    match answer.status {
        303 => true,
        _ => {
            answer.shown(422, "The e-mail address or the password is wrong.");
            false
        }
    }
}

/// How many letters of each kind there are for somebody, newest first.
pub async fn letters(house: &House, email: &str) -> Vec<LetterKind> {
    let letters = outbox::newest(&house.app.db.read, 100)
        .await
        .expect("the letters");
    let own = letters.iter().filter(|row| row.recipient == email);
    own.map(|row| row.kind).collect()
}

/// Somebody whom an operator adds; without a password if there is none.
pub async fn somebody(house: &House, person: Person, password: bool, proven: bool) -> user::Model {
    let wanted = Wanted {
        email: person.email,
        name: person.name,
        password: password.then_some(person.password),
        email_verified: proven,
        role: Role::User,
        claims: None,
        image: None,
    };
    operate::add(&house.app, wanted).await.expect("a new user")
}

/// A form of the page at `/reset-password`, sent as this browser would.
pub async fn pressed(browser: &mut Browser<'_>, csrf: &str, token: &str, more: &[(&str, &str)]) {
    let mut form = vec![("csrf", csrf), ("token", token), ("new_password", NEW)];
    form.extend(more);
    browser.post_form(paths::RESET_PASSWORD, &form).await;
}

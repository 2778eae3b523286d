//! Guarding: what the tests of proving again, of another address, of leaving and of the copy begin with.

use chrono::TimeDelta;
use doorward::{
    accounts::operate::{self, Wanted},
    crypto::secret::SecretKind,
    mail::{self, Letter},
    paths,
};
use entity::{
    event, outbox, session,
    value::{EventKind, LetterKind, Role},
};
use poem::http::Method;
use sea_orm::EntityTrait;

use crate::support::{
    answer::Answer,
    browser::Browser,
    call::Call,
    house::{House, Person},
};

/// The name of the session cookie on `http://localhost`.
const SESSION: &str = "doorward_session";

/// A second person.
pub const GRACE: Person = Person {
    email: "grace@example.com",
    password: "nanoseconds on a wire",
    name: "Grace Hopper",
};

/// A new address.
pub const NEW: &str = "countess@example.com";

/// What is only for somebody who has just proven who they are.
pub const GUARDED: [(&str, &str); 3] = [
    (paths::ACCOUNT_EMAIL, "Change your e-mail address"),
    (paths::ACCOUNT_EXPORT, "Take a copy of your data"),
    (paths::ACCOUNT_DELETE, "Delete your account"),
];

/// Longer than a proof is fresh.
pub fn stale(house: &House) {
    house.turn(house.app.config.sessions.fresh() + TimeDelta::seconds(1));
}

/// Gives somebody an account with a proven address.
pub async fn add(house: &House, person: Person) {
    let wanted = Wanted {
        email: person.email,
        name: person.name,
        password: Some(person.password),
        email_verified: true,
        role: Role::User,
        claims: None,
        image: None,
    };
    operate::add(&house.app, wanted).await.expect("a new user");
}

/// A browser in which somebody has just signed in.
pub async fn browser_of(house: &House, person: Person) -> Browser<'_> {
    let mut browser = house.browser();
    browser.get(paths::LOGIN).await.shown(200, "Sign in");
    typed(&mut browser, person).await.sent_to(paths::ACCOUNT);
    browser
}

/// Signs in on the page that is on the screen.
pub async fn typed<'b>(browser: &'b mut Browser<'_>, person: Person) -> &'b Answer {
    let typed = [("email", person.email), ("password", person.password)];
    browser.submit("#login-form", &typed).await
}

/// The value of the session cookie.
#[track_caller]
pub fn session(browser: &Browser<'_>) -> String {
    let value = browser.jar.value(SESSION);
    value.expect("a session cookie").to_owned()
}

/// The row of the session that a browser is in.
pub async fn session_of(house: &House, browser: &Browser<'_>) -> session::Model {
    let app = &house.app;
    let digest = app.secrets.digest(SecretKind::Session, &session(browser));
    let digest = digest.expect("a secret of that kind");
    let live = session::live(&app.db.read, &digest, app.clock.now()).await;
    live.expect("a look-up").expect("a live session").session
}

/// Whether a session cookie opens the account.
pub async fn opens(house: &House, cookie: &str) -> bool {
    let cookie = format!("{SESSION}={cookie}");
    let answer = house.get(paths::ACCOUNT).header("Cookie", &cookie).await;
    answer.status == 200
}

/// The newest letter of a kind to somebody.
pub async fn letter(house: &House, kind: LetterKind, to: &str) -> Letter {
    let letters = outbox::newest(&house.app.db.read, 200).await;
    let letters = letters.expect("the letters");
    let found = letters
        .iter()
        .find(|row| row.kind == kind && row.recipient == to);
    let found = found.unwrap_or_else(|| panic!("no {kind:?} to {to}"));
    mail::open(&house.app.sealer, found).expect("a letter of ours")
}

/// The letters in the outbox, oldest first.
pub async fn letters(house: &House) -> Vec<(LetterKind, String)> {
    let letters = outbox::newest(&house.app.db.read, 200).await;
    let letters = letters.expect("the letters").into_iter().rev();
    letters.map(|row| (row.kind, row.recipient)).collect()
}

/// The link of a letter to a page.
#[track_caller]
pub fn link(letter: &Letter, path: &str) -> String {
    let mut words = letter.text.split_whitespace();
    let start = format!("{path}?token=");
    let link = words.find(|word| word.contains(&start));
    link.unwrap_or_else(|| panic!("no link to {path}: {}", letter.text))
        .to_owned()
}

/// The code of a letter.
#[track_caller]
fn code(letter: &Letter) -> String {
    let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|b| b.is_ascii_digit());
    let code = letter.text.lines().map(str::trim).find(is_code);
    code.unwrap_or_else(|| panic!("no code: {}", letter.text))
        .to_owned()
}

/// How many events of a kind there are.
pub async fn events(house: &House, kind: EventKind) -> usize {
    let all = event::Entity::find().all(&house.app.db.read).await;
    let all = all.expect("the events");
    all.iter().filter(|event| event.kind == kind).count()
}

/// A form of the page on the screen, as a call: to be sent many times at once.
pub fn form_call(house: &House, browser: &Browser<'_>, form: &str) -> Call {
    let page = browser.last().page();
    let form = page.form(form);
    let pairs = form.pairs();
    let url = browser.last().url.join(&form.action).expect("an address");
    let cookies = browser.jar.header("/", false, house.app.clock.now());
    Call::new(house.doors.clone(), Method::POST, url)
        .header("Sec-Fetch-Site", "same-origin")
        .header("Origin", &house.app.config.server.origin())
        .header("Cookie", &cookies.expect("cookies"))
        .form(&pairs)
}

/// Asks for another address, on a page that is opened for it.
pub async fn ask(browser: &mut Browser<'_>, email: &str) {
    browser.get(paths::ACCOUNT_EMAIL).await.is(200);
    let asked = browser.submit("#email-form", &[("email", email)]).await;
    asked.sent_to(paths::ACCOUNT_EMAIL);
    let said = format!("We sent a letter to {email}.");
    browser.follow().await.shown(200, &said);
}

/// The link and the code in the newest letter to a new address.
pub async fn sent(house: &House, email: &str) -> (String, String) {
    let letter = letter(house, LetterKind::ChangeEmail, email).await;
    (link(&letter, paths::CONFIRM_EMAIL), code(&letter))
}

/// Leaves, as far as the page that says when the account goes.
pub async fn leave(browser: &mut Browser<'_>) {
    browser.get(paths::ACCOUNT_DELETE).await.is(200);
    let ticked = [("understand", "yes")];
    browser.submit("#delete-form", &ticked).await;
    browser.last().sent_to(paths::KEEP_ACCOUNT);
    browser.follow().await.is(200);
}

/// HEAD and GET, as a mail scanner sends them: without any cookie, and more than once.
pub async fn scanned(house: &House, link: &str) {
    for method in [Method::HEAD, Method::GET, Method::GET] {
        let url = house.url(link);
        Call::new(house.doors.clone(), method, url).await.is(200);
    }
}

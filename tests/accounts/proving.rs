//! Proving: what the tests of signing up and of proven addresses begin with.

use doorward::{
    accounts::operate::{self, Wanted},
    mail::{self, Letter},
    paths,
};
use entity::{
    outbox, user,
    value::{LetterKind, Role},
};

use crate::support::{
    browser::Browser,
    database::Database,
    house::{House, Person},
};

/// A house in which nobody has an account before the address is proven.
pub async fn proven_first(db: Database) -> House {
    House::with(db, |config| config.accounts.verified_email_only = true).await
}

/// A letter as its reader has it.
pub struct Read {
    pub to: String,
    pub letter: Letter,
}

impl Read {
    /// The one link that leads to this page.
    #[track_caller]
    pub fn link(&self, path: &str) -> &str {
        let mut words = self.letter.text.split_whitespace();
        let link = words.find(|word| word.contains(path));
        link.expect("a link in the letter")
    }

    #[track_caller]
    pub fn code(&self) -> &str {
        let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
        let mut codes = self.letter.text.split_whitespace().filter(is_code);
        let code = codes.next().expect("a code in the letter");
        assert_eq!(codes.next(), None, "two codes: {}", self.letter.text);
        code
    }

    /// One that it is not.
    #[track_caller]
    pub fn wrong_code(&self) -> &'static str {
        match self.code() {
            "123456" => "654321",
            _ => "123456",
        }
    }
}

/// The letters of a kind, newest first.
pub async fn letters(house: &House, kind: LetterKind) -> Vec<Read> {
    let rows = outbox::newest(&house.app.db.read, 100).await;
    let rows = rows.expect("the letters").into_iter();
    let read = |row: outbox::Model| Read {
        letter: mail::open(&house.app.sealer, &row).expect("a letter of ours"),
        to: row.recipient,
    };
    rows.filter(|row| row.kind == kind).map(read).collect()
}

/// The newest letter of a kind.
pub async fn newest(house: &House, kind: LetterKind) -> Read {
    let mut letters = letters(house, kind).await;
    assert!(!letters.is_empty(), "no letter of {kind:?}");
    letters.remove(0)
}

/// Fills in the sign-up page in a browser; the answer is on the screen.
pub async fn sign_up(browser: &mut Browser<'_>, person: Person) {
    browser
        .get(paths::REGISTER)
        .await
        .shown(200, "Create your account");
    let typed = [
        ("email", person.email),
        ("password", person.password),
        ("name", person.name),
    ];
    browser.submit("#register-form", &typed).await;
}

/// A browser in which somebody signed up and waits for the letter.
pub async fn waiting(house: &House, person: Person) -> Browser<'_> {
    let mut browser = house.browser();
    sign_up(&mut browser, person).await;
    browser.last().sent_to(paths::CONFIRM_SIGN_UP);
    browser.follow().await.shown(200, "Check your mail");
    browser
}

/// Types a code on the page on the screen that waits for one.
pub async fn type_code(browser: &mut Browser<'_>, form: &str, code: &str) {
    browser.submit(form, &[("code", code)]).await;
}

/// Somebody whom an operator adds, with or without a proven address.
pub async fn add(house: &House, person: Person, proven: bool) -> user::Model {
    let wanted = Wanted {
        email: person.email,
        name: person.name,
        password: Some(person.password),
        email_verified: proven,
        role: Role::User,
        claims: None,
        image: None,
    };
    operate::add(&house.app, wanted).await.expect("a new user")
}

/// Somebody by their address.
pub async fn found(house: &House, email: &str) -> Option<user::Model> {
    let found = user::by_email(&house.app.db.read, email).await;
    found.expect("a look-up")
}

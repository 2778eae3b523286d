//! World: what the tests of the pages begin with, and what must be the same before and after.

use std::collections::BTreeMap;

use doorward::{mail, paths};
use entity::{outbox, user, value::LetterKind};
use poem::http::Method;
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, Statement};

use crate::support::{
    browser::Browser,
    call::Call,
    catalogue::tables,
    database::Database,
    house::{House, Person},
};

/// The name of the session cookie on `http://localhost`.
pub const SESSION: &str = "doorward_session";

/// A browser in which the house's own person looks at the account.
pub async fn signed_in(house: &House) -> Browser<'_> {
    let mut browser = house.browser();
    sign_in(&mut browser, house.person().await).await;
    browser.follow().await.shown(200, "Your account");
    browser
}

/// Signs somebody in on a fresh sign-in page, without any flow.
pub async fn sign_in(browser: &mut Browser<'_>, person: Person) {
    browser.get(paths::LOGIN).await.shown(200, "Sign in");
    let typed = [("email", person.email), ("password", person.password)];
    browser
        .submit("#login-form", &typed)
        .await
        .sent_to(paths::ACCOUNT);
}

/// A second person, who signed up on the page.
pub const GRACE: Person = Person {
    email: "grace@example.com",
    password: "nanoseconds on a wire",
    name: "Grace Hopper",
};

/// A third one.
pub const LIN: Person = Person {
    email: "lin@example.com",
    password: "four gates of granite",
    name: "Lin Huiyin",
};

/// A browser in which somebody signed up; the account's page is open.
pub async fn signed_up(house: &House, person: Person) -> Browser<'_> {
    let mut browser = house.browser();
    browser.get(paths::REGISTER).await;
    let typed = [
        ("email", person.email),
        ("password", person.password),
        ("name", person.name),
    ];
    browser
        .submit("#register-form", &typed)
        .await
        .sent_to(paths::ACCOUNT);
    browser.follow().await.shown(200, "Your account");
    browser
}

/// The session cookie of a browser.
#[track_caller]
pub fn session(browser: &Browser<'_>) -> String {
    let value = browser.jar.value(SESSION);
    value.expect("a session cookie").to_owned()
}

/// Whether a session cookie opens the account.
pub async fn opens(house: &House, cookie: &str) -> bool {
    let cookie = format!("{SESSION}={cookie}");
    let answer = house.get(paths::ACCOUNT).header("Cookie", &cookie).await;
    match answer.status {
        200 => true,
        _ => {
            answer.sent_to(paths::LOGIN);
            false
        }
    }
}

/// Plants a session cookie, as somebody could who sat at this browser before.
pub fn planted<'a>(house: &'a House, value: &str) -> Browser<'a> {
    let mut browser = house.browser();
    let line = format!("{SESSION}={value}; Path=/");
    browser.jar.take(&line, house.app.clock.now());
    browser
}

/// The form token that the page on the screen holds.
#[track_caller]
pub fn csrf(browser: &Browser<'_>, form: &str) -> String {
    let pairs = browser.last().page().form(form).pairs();
    let token = pairs.into_iter().find(|(name, _)| name == "csrf");
    token.expect("a form token").1
}

/// HEAD with a browser's cookies.
pub fn head(house: &House, browser: &Browser<'_>, path: &str) -> Call {
    let call = Call::new(house.doors.clone(), Method::HEAD, house.url(path));
    match cookies(house, browser) {
        Some(cookies) => call.header("Cookie", &cookies),
        None => call,
    }
}

/// What a browser sends as `Cookie` to our own pages.
pub fn cookies(house: &House, browser: &Browser<'_>) -> Option<String> {
    browser.jar.header("/", false, house.app.clock.now())
}

/// The link in the newest letter that asks to confirm an address.
pub async fn verify_link(house: &House) -> String {
    let letters = outbox::newest(&house.app.db.read, 10).await;
    let letters = letters.expect("the letters");
    let newest = letters
        .iter()
        .find(|row| row.kind == LetterKind::VerifyEmail)
        .expect("a letter");
    let letter = mail::open(&house.app.sealer, newest).expect("a letter of ours");
    let mut words = letter.text.split_whitespace();
    let link = words.find(|word| word.contains(paths::VERIFY_EMAIL));
    link.expect("a link in the letter").to_owned()
}

/// The row of somebody.
pub async fn user(house: &House, email: &str) -> user::Model {
    let found = user::by_email(&house.app.db.read, email).await;
    found.expect("a look-up").expect("a user")
}

/// Everything that is in the database, as text: what changed nothing leaves it the same.
pub async fn contents(house: &House) -> BTreeMap<String, Vec<String>> {
    let db = &house.app.db.read;
    let mut contents = BTreeMap::new();
    for table in tables(db).await {
        let row = match db.get_database_backend() {
            DatabaseBackend::Postgres => "t::text".to_owned(),
            _ => {
                let names = format!("SELECT name AS said FROM pragma_table_info('{table}')");
                let names = said(db, names).await;
                let quoted: Vec<_> = names
                    .iter()
                    .map(|name| format!("quote(\"{name}\")"))
                    .collect();
                quoted.join(" || ', ' || ")
            }
        };
        let rows = format!("SELECT {row} AS said FROM \"{table}\" AS t ORDER BY 1");
        let rows = said(db, rows).await;
        contents.insert(table, rows);
    }
    contents
}

/// Changes the database as no page does.
pub async fn run(house: &House, sql: &str) {
    let done = house.app.db.write.execute_unprepared(sql).await;
    done.expect("a statement that runs");
}

/// A house in production, behind https.
pub async fn production(db: Database) -> House {
    House::with(db, |config| {
        config.development = false;
        config.server.issuer = "https://id.example.com".to_owned();
    })
    .await
}

async fn said(db: &DatabaseConnection, sql: String) -> Vec<String> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.expect("rows");
    rows.iter()
        .map(|row| row.try_get("", "said").expect("a text"))
        .collect()
}

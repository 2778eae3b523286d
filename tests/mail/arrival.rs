//! Letters that arrive: what is in them, once each, and nobody waits for them.

use doorward::{config::Security, jobs::letters, mail, paths};
use tokio::task::JoinSet;

use super::{
    GRACE, house, house_with,
    letter::Part,
    post_office::{Does, POLITE, PostOffice, does},
    seconds, sign_up,
};
use crate::support::{
    database::{Database, both},
    house::House,
};

both! {
    async fn a_letter_arrives_with_both_parts_and_one_link(db: Database) {
        let office = PostOffice::polite().await;
        let house = house(db, &office).await;
        sign_up(&house, GRACE).await;
        let row = house.letter().await;
        house.turn(seconds(3_600));
        assert_eq!(house.deliver().await, 1);

        let [received] = &office.taken()[..] else { panic!("{:?}", office.taken()) };
        let received = Part::read(received);
        let date = row.created_at.format("%a, %d %b %Y %H:%M:%S +0000").to_string();
        for (name, value) in [
            ("from", r#""The Door" <no-reply@id.example>"#),
            ("to", GRACE),
            ("subject", "Confirm your e-mail address"),
            ("date", &date),
            ("message-id", &format!("<{}@id.example>", row.id)),
            ("auto-submitted", "auto-generated"),
            ("mime-version", "1.0"),
        ] {
            assert_eq!(received.header(name), value, "{name}");
        }
        assert_eq!(received.headers.len(), 8, "{:?}", received.headers);
        let kind = received.header("content-type");
        assert!(kind.starts_with("multipart/alternative; boundary="), "{kind}");

        let written = mail::open(&house.app.sealer, &row).expect("a letter of ours");
        let [text, html] = &received.parts()[..] else { panic!("{received:?}") };
        assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(html.header("content-type"), "text/html; charset=utf-8");
        let (text, html) = (text.text(), html.text());
        assert_eq!(text, written.text.trim_end());
        assert_eq!(html, written.html.trim_end());

        let issuer = house.app.config.server.issuer.as_str();
        let words = text.split_whitespace();
        let links: Vec<&str> = words.filter(|word| word.contains("://") && *word != issuer).collect();
        let [link] = links[..] else { panic!("{text}") };
        let html = html.replace("&#x2f;", "/");
        assert_eq!(html.matches("href=").count(), 1, "{html}");
        assert!(html.contains(&format!("href=\"{link}\"")), "{html}");
        let mut browser = house.browser();
        browser.get(link).await.is(200);
        browser.get(paths::DEV_MAIL).await.shown(200, "so letters are sent");

        let row = house.letter().await;
        assert!(row.sent_at.is_some_and(|at| at >= row.created_at + seconds(3_600)), "{row:?}");
        assert_eq!((row.attempts, row.next_attempt_at, row.failed_at), (1, None, None));
    }

    async fn many_processes_at_once_carry_each_letter_once(db: Database) {
        let office = PostOffice::polite().await;
        let house = house(db, &office).await;
        for number in 0..6 {
            sign_up(&house, &format!("grace{number}@example.com")).await;
        }
        let mut processes = JoinSet::new();
        for _ in 0..8 {
            let app = house.app.clone();
            processes.spawn(async move {
                let mailer = app.mailer.as_ref().expect("a mailer");
                let taken = letters::deliver(&app, mailer).await;
                taken.expect("a database that answers")
            });
        }
        assert_eq!(processes.join_all().await.iter().sum::<usize>(), 6);
        let taken = office.taken();
        let mut to: Vec<String> = taken.iter().map(|letter| Part::read(letter).header("to").to_owned()).collect();
        to.sort();
        to.dedup();
        assert_eq!((taken.len(), to.len()), (6, 6), "{to:?}");
        house.turn(seconds(86_000));
        assert_eq!((house.deliver().await, office.taken().len()), (0, 6));
    }

    async fn nobody_waits_for_a_post_office_that_stalls(db: Database) {
        let office = PostOffice::with(&[does("connect", Does::Stalls), POLITE]).await;
        let house = house(db, &office).await;
        sign_up(&house, GRACE).await;
        let app = house.app.clone();
        let under_way = tokio::spawn(async move {
            let mailer = app.mailer.as_ref().expect("a mailer");
            letters::deliver(&app, mailer).await
        });
        office.somebody_waits().await;
        // Pages are answered and another letter goes, while the first one is nobody else's.
        sign_up(&house, "ada@example.com").await;
        assert_eq!((house.deliver().await, office.taken().len()), (1, 1));
        assert!(!under_way.is_finished());

        // A process that ends on the way loses nothing: in time another one sets out.
        under_way.abort();
        house.turn(seconds(89));
        assert_eq!(house.deliver().await, 0);
        house.turn(seconds(2));
        assert_eq!(house.deliver().await, 1);
        assert!(office.taken()[1].contains(GRACE));
    }
}

#[tokio::test]
async fn a_name_and_password_are_said_where_they_are_asked_for() {
    let office = PostOffice::polite().await;
    let db = Database::sqlite().await;
    let house = house_with(db, &office, |config| {
        config.mail.username = Some("ada".to_owned());
        config.mail.password = Some("swallow".into());
    })
    .await;
    sign_up(&house, GRACE).await;
    assert_eq!(house.deliver().await, 1);
    let heard = office.heard();
    // RFC 4616 §2: base64 of NUL ada NUL swallow.
    assert!(
        heard.contains(&"AUTH PLAIN AGFkYQBzd2FsbG93".to_owned()),
        "{heard:?}"
    );
}

#[tokio::test]
async fn nothing_is_said_in_the_clear_where_starttls_is_wanted() {
    let office = PostOffice::polite().await;
    let db = Database::sqlite().await;
    let house = house_with(db, &office, |config| {
        config.mail.security = Security::Starttls;
        config.mail.username = Some("ada".to_owned());
        config.mail.password = Some("swallow".into());
    })
    .await;
    sign_up(&house, GRACE).await;
    assert_eq!(house.deliver().await, 0);
    let heard = office.heard().join(" ");
    for secret in ["AUTH", "MAIL", "RCPT", "DATA"] {
        assert!(!heard.contains(secret), "{heard}");
    }
    assert!(house.letter().await.next_attempt_at.is_some());
}

#[tokio::test]
async fn without_a_server_letters_are_kept() {
    let db = Database::sqlite().await;
    let house = House::new(db).await;
    assert!(house.app.mailer.is_none());
    sign_up(&house, GRACE).await;
    // The job has nothing to do and says so by ending.
    letters::run(&house.app).await;
    let row = house.letter().await;
    assert_eq!((row.attempts, row.sent_at), (0, None));
    house.browser().get(paths::DEV_MAIL).await.shown(200, GRACE);
}

//! CN-10: what a person sees of who asks: the name as text, the place where the answer goes, which no
//! client can make up, and what it wants; and no name that could be somebody else's.

use doorward::{
    clients::register::{self, NewClient},
    paths,
};
use entity::value::ApplicationType;

use crate::support::{browser::Browser, database::both, house::House, rp::Rp};

/// The page on which the person is asked.
async fn asked<'b>(
    browser: &'b mut Browser<'_>,
    rp: &Rp<'_>,
) -> &'b crate::support::answer::Answer {
    let person = rp.house.person().await;
    browser.get_from_stranger(&rp.authorize_url(&[])).await;
    if browser.follow().await.url.path() == paths::LOGIN {
        let typed = [("email", person.email), ("password", person.password)];
        browser.submit("#login-form", &typed).await;
    }
    browser.follow().await
}

both! {
    async fn cn_10_the_page_says_where_the_answer_goes(db: Database) {
        let house = House::new(db).await;
        for (name, uri, kind, place) in [
            ("Your Bank", "https://app.example/cb", ApplicationType::Web, "app.example"),
            ("Your Bank", "https://app.example:8443/your-bank.example/cb", ApplicationType::Web, "app.example:8443"),
            ("https://your-bank.example", "https://xn--bnk-qla.example/cb", ApplicationType::Web, "xn--bnk-qla.example"),
            ("your-bank.example", "https://your-bank.example.evil.example/cb", ApplicationType::Web, "your-bank.example.evil.example"),
            ("An app", "com.example.app:/cb", ApplicationType::Native, "com.example.app:"),
            ("A tool", "http://127.0.0.1/cb", ApplicationType::Native, "127.0.0.1"),
        ] {
            let rp = Rp::with(&house, |new| {
                new.name = name.to_owned();
                new.application_type = kind;
                new.redirect_uris = vec![uri.to_owned()];
            })
            .await;
            let mut browser = house.browser();
            let page = asked(&mut browser, &rp).await;
            page.shown(200, &format!("{name} wants to use your account"));
            page.shown(200, &format!("Your answer goes to {place}. "));
            for asked in ["Sign you in", "See your e-mail address", "Keep access while you are away"] {
                page.shown(200, asked);
            }
        }
    }

    async fn cn_10_no_name_hides_or_turns_around(db: Database) {
        let house = House::new(db).await;
        let rows = house.rows().await;
        let long = "a".repeat(101);
        for name in [
            "", "  ", "\u{3164}", "Your\u{200b}Bank", "Your\u{200d} Bank", "\u{202e}knaB ruoY", "\u{2066}Your Bank\u{2069}",
            "Bank\u{ad}", "\u{feff}Bank", "Bank\u{e0041}", "Bank\nSigned in as you", "Bank\u{0}", "Ba\u{2028}nk", "Ban\u{2060}k", &long,
        ] {
            let new = NewClient {
                redirect_uris: vec!["https://app.example/cb".to_owned()],
                ..NewClient::named(name)
            };
            assert!(register::add(&house.app, new).await.is_err(), "{name:?}");
        }
        assert_eq!(house.rows().await, rows);
    }
}

//! Tampering: forms, addresses and cookies that come back changed, from elsewhere, or from another
//! browser than the one they were given to.

use chrono::TimeDelta;
use doorward::{accounts::operate, paths};
use entity::value::Role;

use super::jwt;
use crate::support::{answer::Answer, browser::Browser, database::both, house::House, rp::Rp};

/// Goes as far as the consent page. Answers the fields of its form.
async fn at_consent(browser: &mut Browser<'_>, house: &House, rp: &Rp<'_>) -> Form {
    browser.get_from_stranger(&rp.authorize_url(&[])).await;
    if browser.follow().await.url.path() == paths::LOGIN {
        let person = house.person().await;
        let typed = [("email", person.email), ("password", person.password)];
        browser.submit("#login-form", &typed).await;
    }
    browser
        .follow()
        .await
        .shown(200, "wants to use your account");
    Form(browser.last().page().form("#consent-approve").pairs())
}

/// The fields of a form, to be changed.
#[derive(Clone)]
struct Form(Vec<(String, String)>);

impl Form {
    #[track_caller]
    fn value(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(own, _)| own == name);
        &found.unwrap_or_else(|| panic!("no {name}")).1
    }

    fn with(&self, name: &str, value: &str) -> Self {
        let mut form = self.without(name);
        form.0.push((name.to_owned(), value.to_owned()));
        form
    }

    fn without(&self, name: &str) -> Self {
        Self(
            self.0
                .iter()
                .filter(|(own, _)| own != name)
                .cloned()
                .collect(),
        )
    }

    fn pairs(&self) -> Vec<(&str, &str)> {
        self.0
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect()
    }
}

#[track_caller]
fn expired(answer: &Answer) {
    answer.shown(403, "This form has expired");
}

both! {
    async fn cn_3_nobody_else_can_press_the_button(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        let form = at_consent(&mut browser, &house, &rp).await;
        let consent = browser.last().url.to_string();
        let mut other = house.browser();
        let foreign = at_consent(&mut other, &house, &rp).await;
        let before = house.rows().await;

        // The whole form, by a page of somebody else.
        expired(browser.post_from_stranger(paths::CONSENT, &form.pairs()).await);
        for changed in [
            form.without("csrf"),
            form.with("csrf", ""),
            form.with("csrf", "x"),
            form.with("csrf", foreign.value("csrf")),
            form.with("csrf", &form.value("csrf")[1..]),
            form.with("csrf", form.value("flow")),
            form.without("flow"),
        ] {
            expired(browser.post_form(paths::CONSENT, &changed.pairs()).await);
        }
        let approving = format!("{consent}&decision=approve&csrf={}", form.value("csrf"));
        let page = browser.get(&approving).await;
        page.shown(200, "wants to use your account");
        assert_eq!(house.rows().await, before);

        // Fetch Metadata and Origin, by themselves: the form is whole and the cookies are there.
        let cookies = browser.jar.header(paths::CONSENT, false, house.app.clock.now());
        let cookies = cookies.expect("cookies");
        for headers in [
            &[("Sec-Fetch-Site", "cross-site")][..],
            &[("Sec-Fetch-Site", "same-site")],
            &[("Sec-Fetch-Site", "none")],
            &[("Sec-Fetch-Site", "")],
            &[("Origin", "https://elsewhere.example")],
            &[("Origin", "null")],
            &[("Origin", "http://localhost:8081")],
            &[("Origin", "https://localhost:8080")],
            &[("Origin", "http://localhost:8080.elsewhere.example")],
            &[("Sec-Fetch-Site", "cross-site"), ("Origin", "http://localhost:8080")],
        ] {
            let mut call = house.post(paths::CONSENT).header("Cookie", &cookies);
            for (name, value) in headers {
                call = call.header(name, value);
            }
            expired(&call.form(&form.pairs()).await);
        }
        assert_eq!(house.rows().await, before);
        browser.post_form(paths::CONSENT, &form.pairs()).await.code();
    }

    async fn cn_3_the_form_of_an_earlier_sign_in_is_no_good(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        let old = at_consent(&mut browser, &house, &rp).await;
        house.turn(TimeDelta::seconds(2));
        browser.get_from_stranger(&rp.authorize_url(&[("prompt", Some("login"))])).await;
        browser.follow().await;
        let typed = [("password", house.person().await.password)];
        browser.submit("#login-form", &typed).await;
        let before = house.rows().await;
        expired(browser.post_form(paths::CONSENT, &old.pairs()).await);
        assert_eq!(house.rows().await, before);
    }

    async fn cn_4_an_approval_is_for_what_the_page_showed(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let other_rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        let form = at_consent(&mut browser, &house, &rp).await;
        let other_flow = at_consent(&mut browser, &house, &other_rp).await;
        let mut other = house.browser();
        let other_browser = at_consent(&mut other, &house, &rp).await;
        let before = house.rows().await;
        for mixed in [
            form.with("flow", other_flow.value("flow")),
            form.with("flow", other_browser.value("flow")),
            form.with("csrf", other_flow.value("csrf")),
            other_browser.clone(),
        ] {
            expired(browser.post_form(paths::CONSENT, &mixed.pairs()).await);
        }
        for decision in ["", "Approve", "yes", "approve deny"] {
            let unclear = form.with("decision", decision);
            let page = browser.post_form(paths::CONSENT, &unclear.pairs()).await;
            page.shown(400, "neither Allow nor Deny");
        }
        assert_eq!(house.rows().await, before);
    }

    async fn cn_4_an_approval_is_by_the_person_to_whom_it_was_shown(db: Database) {
        let house = House::new(db).await;
        let wanted = operate::Wanted {
            email: "bob@example.com",
            name: "Bob",
            password: Some("seven green umbrellas"),
            email_verified: true,
            role: Role::User,
            claims: None,
            image: None,
        };
        operate::add(&house.app, wanted).await.expect("a new user");
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        let shown_to_ada = at_consent(&mut browser, &house, &rp).await;
        let select = rp.authorize_url(&[("prompt", Some("select_account"))]);
        browser.get_from_stranger(&select).await;
        browser.follow().await;
        let bob = [("email", wanted.email), ("password", "seven green umbrellas")];
        let resumed = browser.submit("#login-form", &bob).await.sent_to(paths::AUTHORIZE);
        let resumed = resumed.location().expect("a Location");
        let before = house.rows().await;
        expired(browser.post_form(paths::CONSENT, &shown_to_ada.pairs()).await);
        assert_eq!(house.rows().await, before);

        // Nor by nobody: the session has ended meanwhile.
        browser.get(resumed.as_str()).await;
        let shown_to_bob = browser.follow().await.page().form("#consent-approve").pairs();
        house.turn(TimeDelta::hours(13));
        let before = house.rows().await;
        let form = Form(shown_to_bob);
        expired(browser.post_form(paths::CONSENT, &form.pairs()).await);
        assert_eq!(house.rows().await, before);
    }

    async fn cn_5_what_is_sent_along_changes_nothing(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let evil = [
            ("response_type", "token"),
            ("response_mode", "fragment"),
            ("scope", "openid phone address"),
            ("nonce", "changed"),
            ("state", "changed"),
            ("redirect_uri", "https://elsewhere.example/cb"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("prompt", "none"),
            ("max_age", "0"),
            ("user", "somebody"),
        ];
        let more: String = evil.iter().map(|(name, value)| format!("&{name}={value}")).collect();
        let mut browser = house.browser();
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        let login = browser.last().location().expect("a Location");
        browser.get(&format!("{login}{more}")).await.shown(200, "Sign in");
        let form = Form(browser.last().page().form("#login-form").pairs());
        let person = house.person().await;
        let typed = form.with("email", person.email).with("password", person.password);
        let with_more = [&typed.pairs()[..], &evil].concat();
        browser.post_form(&format!("{}?{more}", paths::LOGIN), &with_more).await;
        let resumed = browser.last().sent_to(paths::AUTHORIZE).location().expect("a Location");
        assert!(!resumed.as_str().contains("elsewhere"), "{resumed}");
        browser.get(&format!("{resumed}{more}")).await.sent_to(paths::CONSENT);
        let consent = browser.last().location().expect("a Location");
        browser.get(&format!("{consent}{more}")).await.shown(200, "app.example");
        let form = Form(browser.last().page().form("#consent-approve").pairs());
        let with_more = [&form.pairs()[..], &evil].concat();
        browser.post_form(&format!("{}?{more}", paths::CONSENT), &with_more).await;

        let to = browser.last().location().expect("a Location");
        assert!(to.as_str().starts_with("https://app.example/cb?code="), "{to}");
        let of = |name: &str| to.query_pairs().find(|(own, _)| own == name);
        assert_eq!(of("state").expect("a state").1, rp.state.as_str());
        let code = of("code").expect("a code").1.into_owned();
        let tokens = rp.exchange(&code).await.tokens();
        assert_eq!(tokens.scope.as_deref(), Some("openid email offline_access"));
        let claims = jwt::claims(&tokens.id_token.expect("an ID token"));
        assert_eq!(claims["nonce"], rp.nonce.as_str());
    }

    async fn cn_5_a_flow_with_one_changed_letter_is_none(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        let form = at_consent(&mut browser, &house, &rp).await;
        let flow = form.value("flow").to_owned();
        let before = house.rows().await;
        let (half, rest) = flow.split_at(flow.len() / 2);
        let mut changed = vec![half.to_owned(), rest.to_owned(), format!("{rest}{half}")];
        changed.extend([format!("{flow}A"), format!("{flow}="), flow.to_lowercase()]);
        changed.extend(["x".to_owned(), "A".repeat(200), "%".to_owned()]);
        for at in (0..flow.len()).step_by(7) {
            let letter = if &flow[at..=at] == "A" { "B" } else { "A" };
            changed.push(format!("{}{letter}{}", &flow[..at], &flow[at + 1..]));
        }
        for flow in &changed {
            for path in [paths::AUTHORIZE, paths::LOGIN, paths::CONSENT] {
                let page = browser.get(&format!("{path}?flow={flow}")).await;
                page.shown(400, "start again");
            }
            let changed = form.with("flow", flow);
            expired(browser.post_form(paths::CONSENT, &changed.pairs()).await);
        }
        assert_eq!(house.rows().await, before);
    }

    async fn co_6_a_flow_goes_on_only_in_the_browser_that_began_it(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        // An attacker begins, and hands each address to a victim who is signed in.
        let mut attacker = house.browser();
        attacker.get_from_stranger(&rp.authorize_url(&[])).await;
        let login = attacker.last().location().expect("a Location");
        let mut victim = house.browser();
        let own = at_consent(&mut victim, &house, &rp).await;
        let before = house.rows().await;
        let flow = login.query().expect("a flow").to_owned();
        for path in [paths::LOGIN, paths::AUTHORIZE, paths::CONSENT, paths::REGISTER] {
            let handed = format!("{path}?{flow}");
            victim.get_from_stranger(&handed).await.shown(400, "start again");
            victim.get(&handed).await.shown(400, "start again");
        }
        let handed = own.with("flow", flow.trim_start_matches("flow="));
        expired(victim.post_form(paths::CONSENT, &handed.pairs()).await);
        // The attacker waits in vain.
        attacker.get(login.as_str()).await.shown(200, "Sign in");
        assert_eq!(house.rows().await, before);

        // Not with a visitor cookie of the attacker's choosing either: a session is needed too, and
        // a form that the victim was given.
        let planted = attacker.jar.value("doorward_visitor").expect("a visitor cookie");
        let session = victim.jar.value("doorward_session").expect("a session cookie");
        let cookies = format!("doorward_visitor={planted}; doorward_session={session}");
        let form = own.with("flow", flow.trim_start_matches("flow="));
        let call = house.post(paths::CONSENT).header("Cookie", &cookies);
        expired(&call.form(&form.pairs()).await);
        assert_eq!(house.rows().await, before);
    }
}

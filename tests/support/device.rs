//! Device: a device of a client that waits for a person, and what the person does in a browser.

use chrono::TimeDelta;
use doorward::{
    accounts::operate::{self, Wanted},
    clients::register::NewClient,
    paths,
    sessions::{self, SignedIn},
};
use entity::value::{GrantType, Role};

use super::{
    answer::Answer,
    browser::Browser,
    call::Call,
    house::{House, Person},
    rp::Rp,
};

pub const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A second person, for whom an account is added.
pub const GRACE: Person = Person {
    email: "grace@example.com",
    password: "nanoseconds on a wire",
    name: "Grace Hopper",
};

/// A client and one device of it that has its codes.
pub struct Device<'a> {
    pub house: &'a House,
    pub rp: Rp<'a>,
    pub device_code: String,
    pub user_code: String,
    /// The link with the code.
    pub link: String,
}

/// What makes a client one of devices.
pub fn with_devices(new: &mut NewClient) {
    new.grant_types = Some(vec![GrantType::DeviceCode, GrantType::RefreshToken]);
}

impl<'a> Device<'a> {
    /// A device of a public client, which asks for all that it may have.
    pub async fn new(house: &'a House) -> Self {
        let rp = Rp::with(house, |new| {
            with_devices(new);
            new.public = true;
        });
        Self::of(house, rp.await).await
    }

    /// A device of this client.
    pub async fn of(house: &'a House, rp: Rp<'a>) -> Self {
        let form = [("scope", "openid email offline_access")];
        let answer = rp.post(paths::DEVICE_AUTHORIZATION, &form).await.ok();
        let text = |name: &str| answer[name].as_str().expect("a text").to_owned();
        Self {
            device_code: text("device_code"),
            user_code: text("user_code"),
            link: text("verification_uri_complete"),
            house,
            rp,
        }
    }

    /// Asks whether somebody has answered.
    pub fn poll(&self) -> Call {
        let form = [("grant_type", GRANT), ("device_code", &self.device_code)];
        self.rp.token(&form)
    }

    /// The same after having waited for as long as a device must.
    pub async fn poll_later(&self) -> Answer {
        self.house.turn(TimeDelta::seconds(5));
        self.poll().await
    }

    /// The person in `browser` types the code.
    pub async fn typed_in<'b>(&self, browser: &'b mut Browser<'_>) -> &'b Answer {
        type_code(browser, &self.user_code).await
    }

    /// The person in `browser` types the code and presses one of the two buttons.
    pub async fn answered_in(&self, browser: &mut Browser<'_>, button: &str) {
        self.typed_in(browser).await.sent_to(paths::DEVICE);
        browser.follow().await.shown(200, &self.user_code);
        browser.submit(button, &[]).await.sent_to(paths::DEVICE);
        browser.follow().await.is(200);
    }
}

/// Types a code on the page for it.
pub async fn type_code<'b>(browser: &'b mut Browser<'_>, code: &str) -> &'b Answer {
    browser.get(paths::DEVICE).await;
    browser
        .submit("#device-code-form", &[("user_code", code)])
        .await
}

/// A browser in which somebody is signed in; the house's own person or one who is added.
pub async fn browser_of(house: &House, person: Person) -> Browser<'_> {
    if person.email != house.person().await.email {
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
    let mut browser = house.browser();
    browser.get(paths::LOGIN).await;
    let typed = [("email", person.email), ("password", person.password)];
    browser.submit("#login-form", &typed).await.is(303);
    browser
}

/// Who is signed in in a browser.
pub async fn signed_in(house: &House, browser: &Browser<'_>) -> SignedIn {
    let cookie = browser.jar.value("doorward_session").expect("a cookie");
    let found = sessions::find(&house.app, cookie).await;
    found.expect("a look-up").expect("a session")
}

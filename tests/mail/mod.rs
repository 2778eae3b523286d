//! Mail: letters on their way to a post office that may be anything but polite, with the clock
//! turned instead of waited for.

mod arrival;
mod letter;
mod post_office;
mod retries;
mod rudeness;
mod settings;
mod snapshots;
mod strangers;

use chrono::TimeDelta;
use doorward::{
    config::{Config, Security},
    jobs, paths,
};
use entity::outbox::{self, Model};

use crate::support::{database::Database, house::House};
use post_office::PostOffice;

/// To whom the letter of [`sign_up`] goes.
const GRACE: &str = "grace@example.com";

/// A house whose letters go to `office`.
async fn house(db: Database, office: &PostOffice) -> House {
    house_with(db, office, |_| ()).await
}

/// The same with other settings.
async fn house_with(db: Database, office: &PostOffice, change: impl FnOnce(&mut Config)) -> House {
    let port = office.port;
    House::with(db, |config| {
        config.mail.server = Some("127.0.0.1".to_owned());
        config.mail.port = Some(port);
        config.mail.security = Security::None;
        config.mail.from = Some("The Door <no-reply@id.example>".to_owned());
        change(config);
    })
    .await
}

impl House {
    /// Carries whatever is due. Answers how many letters were taken.
    async fn deliver(&self) -> usize {
        let mailer = self.app.mailer.as_ref().expect("a mailer");
        let taken = jobs::letters::deliver(&self.app, mailer).await;
        taken.expect("a database that answers")
    }

    /// The one letter in the outbox.
    async fn letter(&self) -> Model {
        let letters = outbox::newest(&self.app.db.read, 2).await.expect("letters");
        let [letter] = &letters[..] else {
            panic!("{letters:?}")
        };
        letter.clone()
    }
}

/// Somebody signs up, to whom a letter is written.
async fn sign_up(house: &House, email: &str) {
    let mut browser = house.browser();
    browser.get(paths::REGISTER).await.is(200);
    let typed = [("email", email), ("password", "nanoseconds on a wire")];
    browser
        .submit("#register-form", &typed)
        .await
        .sent_to(paths::ACCOUNT);
}

fn seconds(seconds: i64) -> TimeDelta {
    TimeDelta::seconds(seconds)
}

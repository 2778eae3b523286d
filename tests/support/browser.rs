//! Browser: a person's browser in front of a house, without scripts: cookies, forms, redirects and
//! the headers by which a server tells its own pages from strange ones.

use poem::http::Method;
use url::Url;

use super::{
    answer::{Answer, Asked},
    call::Call,
    house::House,
    jar::Jar,
};

/// Who made the browser send a request, as `Sec-Fetch-Site` tells it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    /// The person, by the address bar.
    Person,
    /// A page of the house.
    House,
    /// A page of somebody else.
    Stranger,
}

/// The origin of the pages that are not ours.
pub const STRANGER: &str = "https://elsewhere.example";

/// One browser with its cookies and the answer it got last.
pub struct Browser<'a> {
    house: &'a House,
    pub jar: Jar,
    last: Option<Answer>,
    asked: Option<Asked>,
    /// Where the address does not say what was asked for.
    told: Option<Asked>,
}

impl<'a> Browser<'a> {
    pub fn new(house: &'a House) -> Self {
        Self {
            house,
            jar: Jar::default(),
            last: None,
            asked: None,
            told: None,
        }
    }

    /// Says what the next authorization requests ask for, because their addresses do not: it was
    /// pushed, or stands in a request object.
    pub fn asks(&mut self, redirect_uri: &str, state: Option<&str>) {
        self.told = Some(Asked {
            redirect_uri: redirect_uri.to_owned(),
            state: state.map(str::to_owned),
        });
    }

    /// The answer that is on the screen.
    #[track_caller]
    pub fn last(&self) -> &Answer {
        self.last.as_ref().expect("a page was opened before")
    }

    /// Opens an address that the person typed.
    pub async fn get(&mut self, url: &str) -> &Answer {
        self.send(Method::GET, self.house.url(url), &[], From::Person)
            .await
    }

    /// Opens an address to which a page of somebody else links or redirects.
    pub async fn get_from_stranger(&mut self, url: &str) -> &Answer {
        self.send(Method::GET, self.house.url(url), &[], From::Stranger)
            .await
    }

    /// Sends a form as a page of the house would, whether there is such a form or not.
    pub async fn post_form(&mut self, url: &str, pairs: &[(&str, &str)]) -> &Answer {
        let pairs = owned(pairs);
        self.send(Method::POST, self.house.url(url), &pairs, From::House)
            .await
    }

    /// Sends a form from a page of somebody else.
    pub async fn post_from_stranger(&mut self, url: &str, pairs: &[(&str, &str)]) -> &Answer {
        let pairs = owned(pairs);
        self.send(Method::POST, self.house.url(url), &pairs, From::Stranger)
            .await
    }

    /// Fills the form `#id` (or the one with the button `#id`) of the page on the screen and sends
    /// it, with what it holds besides. Fails where form, button or field is not there.
    pub async fn submit(&mut self, id: &str, typed: &[(&str, &str)]) -> &Answer {
        let page = self.last();
        let mut form = page.page().form(id);
        for (name, value) in typed {
            form.fill(name, value);
        }
        assert_eq!(form.method, "post", "{id} is sent with POST");
        let url = page.url.join(&form.action).expect("an address in the form");
        self.send(Method::POST, url, &form.pairs(), From::House)
            .await
    }

    /// Follows the link with this text.
    pub async fn click(&mut self, text: &str) -> &Answer {
        let page = self.last();
        let url = page
            .url
            .join(page.page().link(text))
            .expect("an address in the link");
        self.send(Method::GET, url, &[], From::House).await
    }

    /// Follows redirects for as long as they stay in the house. The last answer is a page, or sends
    /// the browser away.
    pub async fn follow(&mut self) -> &Answer {
        for _ in 0..10 {
            let here = self.last().url.origin();
            let next = self.last().location().filter(|next| next.origin() == here);
            // 307 and 308 would send a form again, with the password in it.
            let Some(next) = next.filter(|_| [302, 303].contains(&self.last().status)) else {
                return self.last();
            };
            self.send(Method::GET, next, &[], From::House).await;
        }
        panic!("a circle of redirects: {}", self.last().told());
    }

    async fn send(
        &mut self,
        method: Method,
        url: Url,
        pairs: &[(String, String)],
        from: From,
    ) -> &Answer {
        if let Some((_, redirect_uri)) = url.query_pairs().find(|(name, _)| name == "redirect_uri")
        {
            let state = url.query_pairs().find(|(name, _)| name == "state");
            self.asked = Some(Asked {
                redirect_uri: redirect_uri.into_owned(),
                state: state.map(|(_, state)| state.into_owned()),
            });
        }
        let is_form = method == Method::POST;
        let house = self.house.app.config.server.origin();
        assert_eq!(
            url.origin().ascii_serialization(),
            house,
            "{url} is not in the house"
        );
        let (site, origin) = match from {
            From::Person => ("none", None),
            From::House => ("same-origin", Some(house.as_str())),
            From::Stranger => ("cross-site", Some(STRANGER)),
        };
        let mut call = Call::new(self.house.doors.clone(), method, url.clone())
            .header(
                "User-Agent",
                "Mozilla/5.0 (X11; Linux x86_64) Doorward/Test",
            )
            .header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
            .header("Sec-Fetch-Dest", "document")
            .header("Sec-Fetch-Mode", "navigate")
            .header("Sec-Fetch-Site", site);
        if let Some(origin) = origin.filter(|_| is_form) {
            call = call.header("Origin", origin).form(pairs);
        }
        match (&self.last, from) {
            (Some(last), From::House) => call = call.header("Referer", last.url.as_str()),
            // The default policy tells another origin no more than the origin.
            (_, From::Stranger) => call = call.header("Referer", &format!("{STRANGER}/")),
            _ => {}
        }
        let now = self.house.app.clock.now();
        let foreign_form = is_form && from == From::Stranger;
        if let Some(cookies) = self.jar.header(url.path(), foreign_form, now) {
            call = call.header("Cookie", &cookies);
        }
        let mut answer = call.await;
        for cookie in answer.headers.get_all("Set-Cookie") {
            self.jar
                .take(cookie.to_str().expect("a cookie in ASCII"), now);
        }
        answer.asked = self.told.clone().or_else(|| self.asked.clone());
        self.last.insert(answer)
    }
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

//! What a person may say about themselves, claim by claim, and the rule that each has. What is not
//! in the table cannot be said: whether something is proven is not for them to say.

use chrono::NaiveDate;
use entity::{
    user,
    value::{Address, StandardClaims, is_showable},
};
use url::Url;

/// What somebody says, as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub name: Option<String>,
    pub picture: Option<String>,
    pub claims: StandardClaims,
    /// The parts of `claims.address`.
    address: Address,
}

/// What is wrong with a claim as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Longer than 200 characters, or with characters that cannot be shown.
    Text,
    /// No address of a page: `https` or `http`, without a user's name.
    Url,
    /// No `YYYY-MM-DD`, `0000-MM-DD` or `YYYY`, or a day that is yet to come.
    Birthdate,
    /// No name of the form that the IANA time zone database uses.
    Zone,
    /// No language tag of the form of BCP 47.
    Locale,
    /// No number of E.164: a plus sign and 7 to 15 digits.
    Phone,
}

/// The most characters of a text; also of a line of an address.
const LONGEST: usize = 200;

/// The most lines of a street address.
const LINES: usize = 4;

/// Turns what was typed, and is not empty, into what is kept.
type Rule = fn(&str, NaiveDate) -> Result<String, Unfit>;

/// Where a claim stands.
type Slot = fn(&mut Said) -> &mut Option<String>;

/// The claims of OpenID Connect Core §5.1 and the members of `address` (§5.1.1) that people state,
/// each with its rule. `formatted` is put together from the others.
const CLAIMS: [(&str, Rule, Slot); 19] = [
    ("name", text, |said| &mut said.name),
    ("given_name", text, |said| &mut said.claims.given_name),
    ("family_name", text, |said| &mut said.claims.family_name),
    ("middle_name", text, |said| &mut said.claims.middle_name),
    ("nickname", text, |said| &mut said.claims.nickname),
    ("preferred_username", text, |said| {
        &mut said.claims.preferred_username
    }),
    ("profile", url, |said| &mut said.claims.profile),
    ("picture", url, |said| &mut said.picture),
    ("website", url, |said| &mut said.claims.website),
    ("gender", text, |said| &mut said.claims.gender),
    ("birthdate", birthdate, |said| &mut said.claims.birthdate),
    ("zoneinfo", zoneinfo, |said| &mut said.claims.zoneinfo),
    ("locale", locale, |said| &mut said.claims.locale),
    ("phone_number", phone_number, |said| {
        &mut said.claims.phone_number
    }),
    ("street_address", lines, |said| {
        &mut said.address.street_address
    }),
    ("locality", text, |said| &mut said.address.locality),
    ("region", text, |said| &mut said.address.region),
    ("postal_code", text, |said| &mut said.address.postal_code),
    ("country", text, |said| &mut said.address.country),
];

impl Said {
    pub fn by(user: &user::Model) -> Self {
        Self {
            name: user.name.clone(),
            picture: user.image.clone(),
            claims: user.profile.clone(),
            address: user.profile.address.clone().unwrap_or_default(),
        }
    }

    /// A claim as it is kept.
    pub fn claim(&self, name: &str) -> Option<String> {
        let (_, _, slot) = CLAIMS.into_iter().find(|(own, ..)| *own == name)?;
        slot(&mut self.clone()).clone()
    }

    /// The same after somebody typed `typed`, pairs of a claim and its value, on `today`. An empty
    /// value takes the claim away; one that is not among them stays, as does what is no claim of the
    /// table. Otherwise everything that is wrong.
    pub fn after<'a>(
        &self,
        typed: &[(&'a str, &str)],
        today: NaiveDate,
    ) -> Result<Self, Vec<(&'a str, Unfit)>> {
        let mut after = self.clone();
        let mut unfit = Vec::new();
        for &(name, value) in typed {
            let Some((_, rule, slot)) = CLAIMS.into_iter().find(|(own, ..)| *own == name) else {
                continue;
            };
            let value = value.trim();
            // What has not changed may be of a time with other rules, or from an import.
            if slot(&mut after).as_deref().unwrap_or_default() == value {
                continue;
            }
            match value {
                "" => *slot(&mut after) = None,
                value => match rule(value, today) {
                    Ok(value) => *slot(&mut after) = Some(value),
                    Err(why) => unfit.push((name, why)),
                },
            }
        }
        if !unfit.is_empty() {
            return Err(unfit);
        }
        if after.claims.phone_number != self.claims.phone_number {
            // The proof was of another number (OpenID Connect Core §5.1).
            after.claims.phone_number_verified = None;
        }
        if after.address != self.address {
            after.address.formatted = formatted(&after.address);
            let some = after.address.formatted.is_some();
            after.claims.address = some.then(|| after.address.clone());
        }
        Ok(after)
    }
}

/// The parts, a line each.
fn formatted(address: &Address) -> Option<String> {
    let parts = [
        &address.street_address,
        &address.locality,
        &address.region,
        &address.postal_code,
        &address.country,
    ];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

fn text(typed: &str, _: NaiveDate) -> Result<String, Unfit> {
    match is_showable(typed, LONGEST) {
        true => Ok(typed.to_owned()),
        false => Err(Unfit::Text),
    }
}

/// A text of some lines, as a browser sends it (HTML §4.10.22.4).
fn lines(typed: &str, today: NaiveDate) -> Result<String, Unfit> {
    let lines = typed.replace("\r\n", "\n");
    let lines: Vec<&str> = lines.split('\n').map(str::trim).collect();
    for line in &lines {
        text(line, today)?;
    }
    match lines.len() <= LINES {
        true => Ok(lines.join("\n")),
        false => Err(Unfit::Text),
    }
}

fn url(typed: &str, _: NaiveDate) -> Result<String, Unfit> {
    // Browsers read a backslash as a slash and leave out line ends: two ways to read one address.
    let plain = is_showable(typed, 1000) && !typed.contains(['\\', ' ']);
    let url = Url::parse(typed).map_err(|_| Unfit::Url)?;
    let web = matches!(url.scheme(), "https" | "http") && url.has_host();
    let nameless = url.username().is_empty() && url.password().is_none();
    match plain && web && nameless {
        true => Ok(url.into()),
        false => Err(Unfit::Url),
    }
}

fn birthdate(typed: &str, today: NaiveDate) -> Result<String, Unfit> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = typed.split('-').collect();
    let date = match parts[..] {
        // The year alone.
        [year] if year.len() == 4 && digits(year) && year != "0000" => year
            .parse()
            .ok()
            .and_then(|year| NaiveDate::from_ymd_opt(year, 1, 1)),
        // The year 0000 stands for one that is not told; it is a leap year.
        [year, month, day]
            if (year.len(), month.len(), day.len()) == (4, 2, 2)
                && [year, month, day].into_iter().all(digits) =>
        {
            NaiveDate::parse_from_str(typed, "%Y-%m-%d").ok()
        }
        _ => None,
    };
    match date.is_some_and(|date| date <= today) {
        true => Ok(typed.to_owned()),
        false => Err(Unfit::Birthdate),
    }
}

/// The form of the names, not the list: that changes several times a year, and an application that
/// does not know a zone leaves it.
fn zoneinfo(typed: &str, _: NaiveDate) -> Result<String, Unfit> {
    let part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic())
            && part.len() <= 32
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte))
    };
    let parts: Vec<&str> = typed.split('/').collect();
    match (1..=3).contains(&parts.len()) && parts.into_iter().all(part) {
        true => Ok(typed.to_owned()),
        false => Err(Unfit::Zone),
    }
}

/// The form of a tag (RFC 5646 §2.1). Some write an underscore between its parts; applications
/// expect the hyphen.
fn locale(typed: &str, _: NaiveDate) -> Result<String, Unfit> {
    let tag = typed.replace('_', "-");
    let mut parts = tag.split('-');
    let letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let language = parts.next().unwrap_or_default();
    let known = (2..=8).contains(&language.len()) && letters(language);
    let parts: Vec<&str> = parts.collect();
    let fits = |part: &&str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    // A single letter announces what follows it.
    let ends = parts.last().is_none_or(|last| last.len() > 1);
    match known && tag.len() <= 35 && parts.iter().all(fits) && ends {
        true => Ok(tag),
        false => Err(Unfit::Locale),
    }
}

/// E.164, without the blanks and marks with which people write numbers.
fn phone_number(typed: &str, _: NaiveDate) -> Result<String, Unfit> {
    let number: String = typed
        .chars()
        .filter(|c| !" -.()/\u{a0}".contains(*c))
        .collect();
    let digits = number.strip_prefix('+').unwrap_or_default();
    let fits = (7..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0');
    match fits {
        true => Ok(number),
        false => Err(Unfit::Phone),
    }
}

#[cfg(test)]
mod tests;

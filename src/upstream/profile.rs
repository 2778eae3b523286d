//! What a provider says about a person beside who they are, and what of it is taken: only where
//! nothing is known yet.

use entity::{
    user,
    value::{StandardClaims, is_showable},
};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Map, Value};
use url::Url;

use super::{Identity, Provider};
use crate::app::App;

/// Name, picture, and the other claims.
type Profile = (Option<String>, Option<String>, StandardClaims);

/// The longest text that is taken.
const LONGEST: usize = 200;

/// The longest address of a page or picture.
const LONGEST_URL: usize = 2048;

/// Reads a profile. `usual` says by which of their names a claim of ours goes there; the settings may
/// say it otherwise.
pub(super) fn read(
    provider: Provider<'_>,
    said: &Map<String, Value>,
    usual: &[(&str, &str)],
) -> Profile {
    let theirs = |ours: &'static str| -> &str {
        let set = provider.settings.claims.get(ours).map(String::as_str);
        let usual = usual.iter().find(|(own, _)| *own == ours);
        set.or(usual.map(|(_, theirs)| *theirs)).unwrap_or(ours)
    };
    let text = |ours| {
        let text = said.get(theirs(ours))?.as_str()?.trim();
        (!text.is_empty() && is_showable(text, LONGEST)).then(|| text.to_owned())
    };
    let url = |ours| {
        let text = said.get(theirs(ours))?.as_str()?.trim();
        let fits = text.len() <= LONGEST_URL
            && Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.has_host());
        fits.then(|| text.to_owned())
    };
    let claims = StandardClaims {
        given_name: text("given_name"),
        family_name: text("family_name"),
        middle_name: text("middle_name"),
        nickname: text("nickname"),
        preferred_username: text("preferred_username"),
        profile: url("profile"),
        website: url("website"),
        gender: text("gender"),
        birthdate: text("birthdate"),
        zoneinfo: text("zoneinfo"),
        locale: text("locale"),
        phone_number: None,
        phone_number_verified: None,
        address: None,
    };
    (text("name"), url("picture"), claims)
}

/// Fills in what is not known of somebody yet.
pub(super) async fn fill(
    app: &App,
    tx: &impl ConnectionTrait,
    user: &user::Model,
    identity: &Identity,
) -> Result<(), DbErr> {
    let filled = filled(user, identity);
    let before = (user.name.clone(), user.image.clone(), user.profile.clone());
    match filled == before {
        true => Ok(()),
        false => user::state(tx, user.id, filled, app.clock.now()).await,
    }
}

fn filled(user: &user::Model, identity: &Identity) -> Profile {
    let (own, said) = (user.profile.clone(), identity.claims.clone());
    let claims = StandardClaims {
        given_name: own.given_name.or(said.given_name),
        family_name: own.family_name.or(said.family_name),
        middle_name: own.middle_name.or(said.middle_name),
        nickname: own.nickname.or(said.nickname),
        preferred_username: own.preferred_username.or(said.preferred_username),
        profile: own.profile.or(said.profile),
        website: own.website.or(said.website),
        gender: own.gender.or(said.gender),
        birthdate: own.birthdate.or(said.birthdate),
        zoneinfo: own.zoneinfo.or(said.zoneinfo),
        locale: own.locale.or(said.locale),
        ..own
    };
    let name = user.name.clone().or_else(|| identity.name.clone());
    let image = user.image.clone().or_else(|| identity.picture.clone());
    (name, image, claims)
}

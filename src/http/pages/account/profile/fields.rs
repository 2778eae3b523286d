//! The fields of the profile page, in their order: one per claim that a person states.

use serde::Serialize;

/// What one scope lets an application learn (OpenID Connect Core §5.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Profile,
    Phone,
    Address,
}

/// One field.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Field {
    #[serde(skip)]
    pub group: Group,
    /// The claim, and the name of the field in the form.
    #[serde(skip)]
    pub claim: &'static str,
    /// The same with hyphens.
    pub id: &'static str,
    pub label: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    /// What browsers know it by (HTML §4.10.18.7).
    autocomplete: &'static str,
    hint: &'static str,
    /// What is said of a text that cannot be kept.
    #[serde(skip)]
    pub no_text: &'static str,
    /// The same of an address.
    #[serde(skip)]
    pub no_url: &'static str,
}

impl Group {
    pub const ALL: [Self; 3] = [Self::Profile, Self::Phone, Self::Address];

    pub fn scope(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Phone => "phone",
            Self::Address => "address",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Profile => "About you",
            Self::Phone => "Phone",
            Self::Address => "Postal address",
        }
    }
}

macro_rules! fields {
    ($($group:ident $claim:literal $id:literal $label:literal $kind:literal $autocomplete:literal $hint:literal;)*) => {
        pub(super) const FIELDS: &[Field] = &[$(Field {
            group: Group::$group,
            claim: $claim,
            id: $id,
            label: $label,
            kind: $kind,
            autocomplete: $autocomplete,
            hint: $hint,
            no_text: concat!(
                $label,
                ": enter at most 200 characters, without control characters."
            ),
            no_url: concat!($label, ": enter a whole address, like https://example.com/me."),
        },)*];
    };
}

fields! {
    Profile "name" "name" "Name" "text" "name" "What people call you, in full.";
    Profile "given_name" "given-name" "Given name" "text" "given-name" "";
    Profile "middle_name" "middle-name" "Middle name" "text" "additional-name" "";
    Profile "family_name" "family-name" "Family name" "text" "family-name" "";
    Profile "nickname" "nickname" "Nickname" "text" "nickname" "";
    Profile "preferred_username" "preferred-username" "User name" "text" "off" "Apps may suggest it. You do not sign in with it.";
    Profile "picture" "picture" "Picture" "url" "photo" "Where it is on the web, like https://example.com/me.jpg.";
    Profile "profile" "profile" "Profile page" "url" "url" "A page about you, like https://example.com/me.";
    Profile "website" "website" "Web site" "url" "url" "";
    Profile "gender" "gender" "Gender" "text" "sex" "In your own words.";
    Profile "birthdate" "birthdate" "Date of birth" "text" "bday" "Like 1990-12-31. The year alone is enough; 0000-12-31 leaves it out.";
    Profile "zoneinfo" "zoneinfo" "Time zone" "text" "off" "Like Europe/Paris.";
    Profile "locale" "locale" "Language" "text" "language" "As a tag, like en, pt-BR or zh-Hant.";
    Phone "phone_number" "phone-number" "Phone number" "tel" "tel" "With its country, like +44 20 7946 0123. Apps learn that nobody has checked it.";
    Address "street_address" "street-address" "Street" "lines" "street-address" "Up to four lines.";
    Address "locality" "locality" "Town" "text" "address-level2" "";
    Address "region" "region" "Region or state" "text" "address-level1" "";
    Address "postal_code" "postal-code" "Postal code" "text" "postal-code" "";
    Address "country" "country" "Country" "text" "country-name" "";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::claims::CLAIMS;

    #[test]
    fn every_claim_that_people_state_has_a_field() {
        let told = [
            "email",
            "email_verified",
            "phone_number_verified",
            "updated_at",
        ];
        for claim in CLAIMS.iter().filter(|claim| !told.contains(&claim.name)) {
            let has = |name: &str| FIELDS.iter().any(|field| field.claim == name);
            // An address has members of its own.
            assert!(has(claim.name) || claim.name == "address", "{}", claim.name);
        }
        for field in FIELDS {
            assert_eq!(field.id, field.claim.replace('_', "-"));
            let claim = CLAIMS.iter().find(|claim| claim.name == field.claim);
            let scope = claim.map_or("address", |claim| claim.scope);
            assert_eq!(scope, field.group.scope(), "{}", field.claim);
        }
    }
}

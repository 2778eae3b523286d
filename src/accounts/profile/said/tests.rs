//! What is taken, what is not, and what it becomes.

use super::*;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 26).unwrap()
}

/// What becomes of one claim for somebody who has said nothing yet.
fn one(name: &str, typed: &str) -> Result<Option<String>, Unfit> {
    match Said::default().after(&[(name, typed)], today()) {
        Ok(said) => Ok(said.claim(name)),
        Err(unfit) => Err(unfit[0].1),
    }
}

#[test]
fn what_is_well_formed_is_kept() {
    for (name, typed, kept) in [
        ("name", " Ada Lovelace ", "Ada Lovelace"),
        ("nickname", "أدا", "أدا"),
        ("gender", "anything", "anything"),
        (
            "profile",
            "https://ada.example/me",
            "https://ada.example/me",
        ),
        ("website", "http://ada.example", "http://ada.example/"),
        (
            "picture",
            "https://ada.example/\">'<x>",
            "https://ada.example/%22%3E'%3Cx%3E",
        ),
        (
            "website",
            "https://bücher.example/ä",
            "https://xn--bcher-kva.example/%C3%A4",
        ),
        ("birthdate", "1815-12-10", "1815-12-10"),
        ("birthdate", "0000-12-10", "0000-12-10"),
        ("birthdate", "0000-02-29", "0000-02-29"),
        ("birthdate", "1815", "1815"),
        ("birthdate", "2026-11-26", "2026-11-26"),
        ("zoneinfo", "Europe/Paris", "Europe/Paris"),
        (
            "zoneinfo",
            "America/Argentina/Buenos_Aires",
            "America/Argentina/Buenos_Aires",
        ),
        ("zoneinfo", "Etc/GMT+12", "Etc/GMT+12"),
        ("zoneinfo", "UTC", "UTC"),
        ("locale", "en", "en"),
        ("locale", "pt_BR", "pt-BR"),
        ("locale", "zh-Hant-TW", "zh-Hant-TW"),
        ("locale", "de-1996", "de-1996"),
        ("locale", "en-u-hc-h12", "en-u-hc-h12"),
        ("phone_number", "+44 (20) 7946-0123", "+442079460123"),
        ("phone_number", "+6834000", "+6834000"),
        (
            "street_address",
            "12 St James's Square\r\n Flat 3 ",
            "12 St James's Square\nFlat 3",
        ),
    ] {
        assert_eq!(
            one(name, typed),
            Ok(Some(kept.to_owned())),
            "{name} {typed}"
        );
        // What is kept is taken again.
        assert_eq!(one(name, kept), Ok(Some(kept.to_owned())), "{name} {kept}");
    }
}

#[test]
fn what_is_not_well_formed_is_told_apart() {
    let long = "a".repeat(201);
    for (name, typed, why) in [
        ("name", long.as_str(), Unfit::Text),
        ("family_name", "Ada\u{202e}", Unfit::Text),
        ("locality", "Lon\ndon", Unfit::Text),
        ("street_address", "1\n2\n3\n4\n5", Unfit::Text),
        ("street_address", "1\u{b}2", Unfit::Text),
        ("website", "ada.example", Unfit::Url),
        ("website", "//ada.example", Unfit::Url),
        ("website", "javascript:alert(1)", Unfit::Url),
        ("website", "java\tscript:alert(1)", Unfit::Url),
        ("picture", "data:image/svg+xml,<svg/>", Unfit::Url),
        ("picture", "ftp://ada.example/", Unfit::Url),
        ("picture", "https:\\\\ada.example", Unfit::Url),
        ("profile", "https://bank.example@ada.example/", Unfit::Url),
        ("profile", "https://", Unfit::Url),
        ("profile", "https://ada.example/\u{202e}", Unfit::Url),
        ("birthdate", "10.12.1815", Unfit::Birthdate),
        ("birthdate", "1815-13-10", Unfit::Birthdate),
        ("birthdate", "1815-02-29", Unfit::Birthdate),
        ("birthdate", "1815-12", Unfit::Birthdate),
        ("birthdate", "0000", Unfit::Birthdate),
        ("birthdate", "815-12-10", Unfit::Birthdate),
        ("birthdate", "+815-12-10", Unfit::Birthdate),
        ("birthdate", "2026-11-27", Unfit::Birthdate),
        ("birthdate", "2027", Unfit::Birthdate),
        ("zoneinfo", "Europe//Paris", Unfit::Zone),
        ("zoneinfo", "../etc/passwd", Unfit::Zone),
        ("zoneinfo", "Europe/Paris/", Unfit::Zone),
        ("zoneinfo", "+01:00", Unfit::Zone),
        ("locale", "e", Unfit::Locale),
        ("locale", "en-", Unfit::Locale),
        ("locale", "en-u", Unfit::Locale),
        ("locale", "en US", Unfit::Locale),
        ("locale", "en-GB;q=1", Unfit::Locale),
        ("phone_number", "020 7946 0123", Unfit::Phone),
        ("phone_number", "+0442079460123", Unfit::Phone),
        ("phone_number", "+44", Unfit::Phone),
        ("phone_number", "+1234567890123456", Unfit::Phone),
        ("phone_number", "+44 20 FLOWERS", Unfit::Phone),
        ("phone_number", "++442079460123", Unfit::Phone),
    ] {
        assert_eq!(one(name, typed), Err(why), "{name} {typed}");
    }
}

#[test]
fn every_claim_can_be_said_and_taken_away() {
    for (name, ..) in CLAIMS {
        let typed = match name {
            "profile" | "picture" | "website" => "https://ada.example/",
            "birthdate" => "1815",
            "phone_number" => "+442079460123",
            _ => "Europe",
        };
        let said = Said::default().after(&[(name, typed)], today()).unwrap();
        assert_eq!(said.claim(name).as_deref(), Some(typed));
        let taken = said.after(&[(name, " ")], today()).unwrap();
        assert_eq!(taken, Said::default(), "{name}");
    }
}

#[test]
fn lk_12_what_is_proven_is_not_said() {
    let mut proven = Said::default();
    proven.claims.phone_number = Some("+442079460123".to_owned());
    proven.claims.phone_number_verified = Some(true);
    let typed = [
        ("email_verified", "true"),
        ("phone_number_verified", "false"),
        ("sub", "somebody"),
        ("role", "admin"),
        ("updated_at", "0"),
        ("formatted", "elsewhere"),
    ];
    assert_eq!(proven.after(&typed, today()).unwrap(), proven);
    // The same number in other words is the same number.
    let same = [("phone_number", "+44 20 7946 0123")];
    assert_eq!(proven.after(&same, today()).unwrap(), proven);
    for other in ["+442079460124", ""] {
        let after = proven.after(&[("phone_number", other)], today()).unwrap();
        assert_eq!(after.claims.phone_number_verified, None);
    }
}

#[test]
fn an_address_is_put_together_when_it_changes() {
    let imported = Address {
        formatted: Some("as it was imported".to_owned()),
        ..Address::default()
    };
    let mut said = Said::default();
    said.claims.address = Some(imported.clone());
    said.address = imported.clone();
    let kept = said
        .after(&[("name", "Ada"), ("country", "")], today())
        .unwrap();
    assert_eq!(kept.claims.address, Some(imported));
    let moved = kept
        .after(&[("country", "England"), ("locality", "London")], today())
        .unwrap();
    let address = moved.claims.address.clone().unwrap();
    assert_eq!(address.formatted.as_deref(), Some("London\nEngland"));
    let gone = moved
        .after(&[("country", ""), ("locality", "")], today())
        .unwrap();
    assert_eq!(gone.claims.address, None);
}

#[test]
fn what_has_not_changed_is_not_judged() {
    let mut said = Said::default();
    said.claims.phone_number = Some("ask at the desk".to_owned());
    let typed = [("phone_number", "ask at the desk"), ("name", "Ada")];
    let after = said.after(&typed, today()).unwrap();
    assert_eq!(after.claims.phone_number, said.claims.phone_number);
    assert_eq!(after.name.as_deref(), Some("Ada"));
}

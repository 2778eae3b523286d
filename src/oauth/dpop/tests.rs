//! URLs, times and keys that agree, and those that do not.

use super::*;

#[test]
fn dp_1_one_url_in_its_spellings() {
    let own = normal("https://op.example/oauth2/token").unwrap();
    for same in [
        "https://op.example/oauth2/token",
        "https://op.example/oauth2/token?a=b",
        "https://op.example/oauth2/token?",
        "https://op.example/oauth2/token#here",
        "https://op.example/oauth2/token?a#b",
        "HTTPS://OP.Example/oauth2/token",
        "https://op.example:443/oauth2/token",
        "https://op.example/./oauth2/x/../token",
    ] {
        assert_eq!(normal(same).as_ref(), Some(&own), "{same}");
    }
    for other in [
        "",
        "/oauth2/token",
        "op.example/oauth2/token",
        "http://op.example/oauth2/token",
        "https://op.example:8443/oauth2/token",
        "https://op.example/oauth2/token/",
        "https://op.example/oauth2/Token",
        "https://op.example//oauth2/token",
        "https://evil.example/oauth2/token",
        "https://op.example@evil.example/oauth2/token",
        "https://evil@op.example/oauth2/token",
        "https://op.example.evil.example/oauth2/token",
        "https://op.example/oauth2/userinfo",
        "https://op.example\\oauth2\\token",
        " https://op.example/oauth2/token",
        "https://op.example/oauth2/to\nken",
    ] {
        assert_ne!(normal(other).as_ref(), Some(&own), "{other}");
    }
}

#[test]
fn dp_1_a_proof_is_of_now() {
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let of_now = |iat: f64, nbf: Option<f64>, exp: Option<f64>| {
        let at = |seconds: f64| 1_800_000_000.0 + seconds;
        let claims = Claims {
            jti: "x".to_owned(),
            htm: "POST".to_owned(),
            htu: "https://op.example/".to_owned(),
            iat: at(iat),
            ath: None,
            nonce: None,
            nbf: nbf.map(at),
            exp: exp.map(at),
        };
        is_of_now(&claims, now)
    };
    for good in [0.0, -10.0, 10.0, -60.0, 60.0, -59.5] {
        assert!(of_now(good, None, None), "{good}");
        assert!(of_now(good, Some(good), Some(good + 300.0)), "{good}");
    }
    for bad in [-61.0, 61.0, 60.5, -3600.0, 3600.0, -1_800_000_000.0, 1e300] {
        assert!(!of_now(bad, None, None), "{bad}");
    }
    assert!(!of_now(0.0, Some(61.0), None));
    assert!(!of_now(0.0, None, Some(-61.0)));
    // What is remembered is remembered for as long as it fits.
    let last = TimeDelta::seconds(2 * 60);
    assert!(FITS_FOR > last);
}

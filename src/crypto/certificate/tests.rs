//! What certificates are read as.

use chrono::TimeDelta;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, DnValue, IsCa,
    KeyPair, SanType,
};
use serde_json::json;

use super::*;

fn certificate(fill: impl FnOnce(&mut CertificateParams)) -> (Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    fill(&mut params);
    let made = params.self_signed(&key).unwrap();
    let read = Certificate::new(made.der().to_vec(), Vec::new()).unwrap();
    (read, key)
}

#[test]
fn a_subject_is_compared_as_a_name_and_not_as_text() {
    let (own, _) = certificate(|params| {
        let name = &mut params.distinguished_name;
        name.push(DnType::CountryName, "CH");
        name.push(
            DnType::OrganizationName,
            DnValue::PrintableString("Doors, Ltd".try_into().unwrap()),
        );
        name.push(DnType::CommonName, "Zoë #1 ");
    });
    for same in [
        r"CN=Zoë #1\ ,O=Doors\, Ltd,C=CH",
        r"cn=Zoë #1\20, o=Doors\2C Ltd , C = CH",
        r"2.5.4.3=Zo\C3\AB #1\ ,2.5.4.10=Doors\, Ltd,2.5.4.6=#13024348",
    ] {
        assert!(own.has_subject(same), "{same}");
    }
    for other in [
        "",
        "CN=Zoë #1",
        r"CN=Zoë #1\ ",
        r"CN=Zoë #1 ,O=Doors\, Ltd,C=CH",
        r"CN=zoë #1\ ,O=Doors\, Ltd,C=CH",
        r"C=CH,O=Doors\, Ltd,CN=Zoë #1\ ",
        r"CN=Zoë #1\ +O=Doors\, Ltd,C=CH",
        r"CN=Zoë #1\ ,O=Doors, Ltd,C=CH",
        r"CN=Zoë #1\ ,O=Doors\, Ltd,C=CH,",
        r"CN=Zoë #1\ ,O=Doors\, Ltd,C=CH\",
        r"CN=Zoë #1\ ,OU=Doors\, Ltd,C=CH",
        r"nothing=Zoë #1\ ,O=Doors\, Ltd,C=CH",
        r"CN=Zoë #1\ ,O=Doors\, Ltd,C=#1302434",
        r"CN=Zoë #1\ ,O=Doors\, Ltd,C=#zz",
    ] {
        assert!(!own.has_subject(other), "{other}");
    }
}

#[test]
fn nobody_is_named_by_an_empty_subject() {
    let (own, _) = certificate(|_| ());
    assert!(!own.has_subject(""));
}

#[test]
fn an_alternative_name_is_of_one_kind() {
    let (own, _) = certificate(|params| {
        params.subject_alt_names = vec![
            SanType::DnsName("client.example".try_into().unwrap()),
            SanType::DnsName("*.wild.example".try_into().unwrap()),
            SanType::URI("https://client.example/id".try_into().unwrap()),
            SanType::Rfc822Name("client@example.com".try_into().unwrap()),
            SanType::IpAddress("192.0.2.7".parse().unwrap()),
            SanType::IpAddress("2001:db8::7".parse().unwrap()),
        ];
    });
    assert!(own.has_dns("client.example") && own.has_dns("CLIENT.example"));
    assert!(own.has_dns("*.wild.example") && !own.has_dns("a.wild.example"));
    assert!(own.has_uri("https://client.example/id") && !own.has_uri("client.example"));
    assert!(!own.has_uri("HTTPS://client.example/id"));
    assert!(own.has_email("client@example.com") && !own.has_email("Client@example.com"));
    assert!(own.has_ip("192.0.2.7") && own.has_ip("2001:DB8:0::7"));
    for none in ["192.0.2.8", "::ffff:192.0.2.7", "client.example", ""] {
        assert!(!own.has_ip(none), "{none}");
    }
    assert!(!own.has_dns("client@example.com") && !own.has_dns("") && !own.has_email(""));
}

#[test]
fn a_key_is_the_same_in_a_jwk() {
    let (own, key) = certificate(|_| ());
    let point = key.public_key_raw();
    let (x, y) = point[1..].split_at(32);
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": text(x), "y": text(y), "kid": "any" });
    assert!(own.is_of(&jwk));
    let with = |name: &str, value: Value| {
        let mut jwk = jwk.clone();
        jwk[name] = value;
        jwk
    };
    assert!(own.is_of(&with("use", json!("sig"))));
    assert!(!own.is_of(&with("use", json!("enc"))));
    assert!(!own.is_of(&with("crv", json!("P-384"))));
    assert!(!own.is_of(&with("y", json!(text(x)))));
    assert!(!own.is_of(&json!({})) && !own.is_of(&json!("text")));
    // Of two certificates with one key, the one that is meant.
    assert!(own.is_of(&with("x5t#S256", json!(own.thumbprint()))));
    assert!(!own.is_of(&with("x5t#S256", json!(text(&[0; 32])))));
    let standard = base64::engine::general_purpose::STANDARD.encode(own.der());
    assert!(own.is_of(&with("x5c", json!([standard]))));
    let (other, _) = certificate(|_| ());
    let standard = base64::engine::general_purpose::STANDARD.encode(other.der());
    assert!(!own.is_of(&with("x5c", json!([standard]))));
    assert!(!own.is_of(&with("x5c", json!([]))));
    assert!(!other.is_of(&jwk));
}

#[test]
fn keys_of_every_kind_are_read() {
    for (alg, kty) in [
        (&rcgen::PKCS_RSA_SHA256, "RSA"),
        (&rcgen::PKCS_ECDSA_P384_SHA384, "EC"),
        (&rcgen::PKCS_ED25519, "OKP"),
    ] {
        let key = KeyPair::generate_for(alg).unwrap();
        let made = CertificateParams::default().self_signed(&key).unwrap();
        let read = Certificate::new(made.der().to_vec(), Vec::new()).unwrap();
        let jwk = read.public_key().unwrap();
        assert_eq!(jwk["kty"], kty);
        assert!(read.is_of(&Value::Object(jwk)));
    }
}

#[test]
fn only_a_chain_to_an_authority_and_in_its_time_counts() {
    let authority = |name: &str| {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    };
    let known = authority("An authority");
    let namesake = authority("An authority");
    let file = std::env::temp_dir().join(format!("{}.pem", uuid::Uuid::now_v7()));
    std::fs::write(&file, known.pem()).unwrap();
    let authorities = Authorities::at(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let made = |issuer: &CertifiedIssuer<'_, KeyPair>| {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.not_after = rcgen::date_time_ymd(2030, 1, 1);
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        let made = params.signed_by(&key, issuer).unwrap();
        Certificate::new(made.der().to_vec(), Vec::new()).unwrap()
    };
    let good = made(&known);
    assert!(authorities.vouch_for(&good, now));
    assert!(!authorities.vouch_for(&good, now + TimeDelta::days(2000)));
    assert!(!authorities.vouch_for(&good, now - TimeDelta::days(2000)));
    assert!(!authorities.vouch_for(&made(&namesake), now));
    let (own, _) = certificate(|_| ());
    assert!(!authorities.vouch_for(&own, now));
}

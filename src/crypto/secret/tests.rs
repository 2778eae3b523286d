//! Tests of secrets: found by their digest, in their own kind, and only whole.

use super::*;

fn secrets() -> Secrets {
    let root = Root::parse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    Secrets::new(&root)
}

#[test]
fn a_secret_is_found_by_its_digest_and_only_in_its_own_kind() {
    let secrets = secrets();
    for kind in SecretKind::ALL {
        let minted = secrets.mint(kind);
        for other in SecretKind::ALL {
            let found = secrets.digest(other, minted.expose());
            assert_eq!(found.as_ref() == Some(&minted.digest), kind == other);
        }
    }
}

#[test]
fn a_changed_secret_has_another_digest_or_none() {
    let secrets = secrets();
    let minted = secrets.mint(SecretKind::RefreshToken);
    let text = minted.expose();
    for cut in 1..text.len() {
        assert_eq!(secrets.digest(SecretKind::RefreshToken, &text[..cut]), None);
    }
    assert_eq!(
        secrets.digest(SecretKind::RefreshToken, &format!("{text}A")),
        None
    );
    let other = text.to_uppercase().replacen("RT_", "rt_", 1);
    assert_ne!(
        secrets.digest(SecretKind::RefreshToken, &other),
        Some(minted.digest)
    );
}

#[test]
fn a_successor_is_the_same_each_time_and_differs_from_its_parent() {
    let secrets = secrets();
    let first = secrets.mint(SecretKind::RefreshToken);
    let next = secrets.successor(first.expose());
    assert_eq!(next.digest, secrets.successor(first.expose()).digest);
    assert_ne!(next.digest, first.digest);
}

#[test]
fn a_form_tag_is_bound_to_every_part() {
    let secrets = secrets();
    let tag = secrets.form_tag(&["a", "bc"]);
    assert!(secrets.form_tag_fits(&["a", "bc"], &tag));
    assert!(!secrets.form_tag_fits(&["ab", "c"], &tag));
    assert!(!secrets.form_tag_fits(&["a", "bc"], ""));
}

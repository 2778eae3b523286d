//! E-mail addresses: one spelling for one mailbox, decided before anything is looked up.

use unicode_normalization::UnicodeNormalization;

use super::AccountError;

/// The canonical form of a typed address: local part in ASCII, domain as A-labels, all in lower
/// case. Normalising comes first, so that nothing can turn into a second `@` afterwards.
pub fn canonical(typed: &str) -> Result<String, AccountError> {
    let normal: String = typed.trim().nfc().collect();
    let (local, domain) = normal.split_once('@').ok_or(AccountError::BadEmail)?;
    let atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-.".contains(&b);
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    if local.is_empty() || local.len() > 64 || dots || !local.bytes().all(atom) {
        return Err(AccountError::BadEmail);
    }
    let domain = idna::domain_to_ascii_strict(domain).map_err(|_| AccountError::BadEmail)?;
    let labels: Vec<&str> = domain.split('.').collect();
    let top = labels.last().copied().unwrap_or_default();
    let odd = labels.iter().any(|label| label.is_empty())
        || domain.parse::<std::net::IpAddr>().is_ok()
        || top.bytes().all(|b| b.is_ascii_digit());
    let address = format!("{}@{domain}", local.to_ascii_lowercase());
    if odd || address.len() > 254 {
        Err(AccountError::BadEmail)
    } else {
        Ok(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ij_5_one_mailbox_has_one_spelling() {
        for (typed, kept) in [
            (" Ada@Example.COM ", "ada@example.com"),
            ("ada+tag@example.com", "ada+tag@example.com"),
            ("ada@b\u{fc}cher.example", "ada@xn--bcher-kva.example"),
            ("ada@bu\u{308}cher.example", "ada@xn--bcher-kva.example"),
            ("root@localhost", "root@localhost"),
        ] {
            assert_eq!(canonical(typed).ok().as_deref(), Some(kept), "{typed}");
        }
    }

    #[test]
    fn ij_5_what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(65));
        for bad in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@@example.com",
            "a@b@example.com",
            "ada\u{ff20}example.com",
            "\u{17f}ada@example.com",
            "ada@example.com.",
            "ada@[127.0.0.1]",
            "ada@127.0.0.1",
            "\"a b\"@example.com",
            "ada(x)@example.com",
            "ada@exa mple.com",
            "ada\u{200d}@example.com",
            ".ada@example.com",
            "a..b@example.com",
            "ada@example..com",
            "ada\r\nbcc:x@example.com",
            &long,
        ] {
            assert!(canonical(bad).is_err(), "{bad:?}");
        }
    }
}

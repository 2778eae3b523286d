//! Which redirect URIs may be registered, and which one that was sent is one that was registered.

use super::*;

#[test]
fn what_may_be_registered() {
    let web = |uri| check(uri, ApplicationType::Web);
    for good in [
        "https://app.example/cb",
        "https://app.example",
        "https://app.example/cb?tenant=1",
        "http://localhost:8000/docs/oauth2-redirect",
        "http://127.0.0.1/cb",
        "http://[::1]:9000/cb",
    ] {
        assert_eq!(web(good), Ok(()), "{good}");
    }
    assert_eq!(
        check("com.example.app:/cb", ApplicationType::Native),
        Ok(())
    );
    for (bad, why) in [
        ("https://app.example/cb#", UriError::Fragment),
        ("http://app.example/cb", UriError::PlainHttp),
        ("https://user@app.example/cb", UriError::Credentials),
        ("https://*.example/cb", UriError::Characters),
        ("https://app.example/a/../cb", UriError::Characters),
        ("https://app.example/%2e%2e/cb", UriError::Characters),
        ("https://App.example/cb", UriError::NotCanonical),
        ("https://app.example:443/cb", UriError::NotCanonical),
        ("javascript:alert(1)", UriError::Scheme),
        ("com.example.app:/cb", UriError::Scheme),
        ("https://x;sandbox;.evil.example/cb", UriError::Host),
        ("https://x,y.example/cb", UriError::Host),
        ("https://app.example:0/cb", UriError::Host),
        ("https://app.example/cb?code=1", UriError::Query),
        ("/cb", UriError::NotAbsolute),
        ("https://ex\u{e4}mple/cb", UriError::Characters),
    ] {
        assert_eq!(web(bad), Err(why), "{bad}");
    }
    assert_eq!(
        check("myapp:/cb", ApplicationType::Native),
        Err(UriError::Scheme)
    );
    assert_eq!(
        check("com.example.app://cb", ApplicationType::Native),
        Err(UriError::Scheme)
    );
}

#[test]
fn only_the_port_of_a_native_loopback_may_vary() {
    let own = Uris(vec!["http://127.0.0.1/cb".to_owned()]);
    let native = |uri| is_registered(uri, &own, ApplicationType::Native);
    assert!(native("http://127.0.0.1/cb") && native("http://127.0.0.1:51004/cb"));
    for bad in [
        "http://127.0.0.1:51004/cb?x=1",
        "http://127.0.0.1:51004/cb/",
        "http://localhost:51004/cb",
        "http://127.0.0.2:51004/cb",
        "http://127.1:51004/cb",
        "http://2130706433:51004/cb",
        "http://[::1]:51004/cb",
        "http://0.0.0.0:51004/cb",
        "http://127.0.0.1:51004@evil.example/cb",
        "http://127.0.0.1:+80/cb",
        "http://127.0.0.1:0/cb",
        "https://127.0.0.1:51004/cb",
    ] {
        assert!(!native(bad), "{bad}");
    }
    assert!(!is_registered(
        "http://127.0.0.1:1/cb",
        &own,
        ApplicationType::Web
    ));
}

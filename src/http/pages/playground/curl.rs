//! Commands: how to do with curl what the playground did, ready to paste into a POSIX shell.

use super::CLIENT_ID;
use crate::{app::App, paths};

/// A GET, with an access token if there is one.
pub fn get(url: &str, bearer: Option<&str>) -> String {
    let token =
        bearer.map(|token| format!("-H {}", quoted(&format!("Authorization: Bearer {token}"))));
    lines(&format!("curl -s {}", quoted(url)), token)
}

/// A POST of a form.
pub fn post(url: &str, form: &[(&str, &str)]) -> String {
    let fields = form
        .iter()
        .map(|(name, value)| format!("--data-urlencode {}", quoted(&format!("{name}={value}"))));
    lines(&format!("curl -s {}", quoted(url)), fields)
}

/// Where a request sends the browser.
pub fn redirect(url: &str) -> String {
    format!(
        "curl -s -o /dev/null -w '%{{redirect_url}}\\n' {}",
        quoted(url)
    )
}

/// What a token says, without any check.
pub fn claims(token: &str) -> String {
    format!(
        "printf %s {} \\\n  | cut -d. -f2 | tr -- '-_' '+/' | base64 -d 2>/dev/null",
        quoted(token)
    )
}

/// An authorization request with a code verifier of one's own (RFC 7636 §4.2).
pub fn by_hand(app: &App) -> String {
    let callback = app.url(paths::PLAYGROUND_CALLBACK);
    format!(
        "curl -s {discovery}

verifier=$(openssl rand -hex 32)
challenge=$(printf %s \"$verifier\" | openssl dgst -sha256 -binary \\
  | base64 | tr '+/' '-_' | tr -d '=')
curl -s -G -o /dev/null -w '%{{redirect_url}}\\n' {authorize} \\
  --data-urlencode response_type=code \\
  --data-urlencode client_id={CLIENT_ID} \\
  --data-urlencode {redirect_uri} \\
  --data-urlencode 'scope=openid profile email' \\
  --data-urlencode state=$(openssl rand -hex 16) \\
  --data-urlencode nonce=$(openssl rand -hex 16) \\
  --data-urlencode code_challenge=$challenge \\
  --data-urlencode code_challenge_method=S256",
        discovery = quoted(&app.url(paths::DISCOVERY_OPENID)),
        authorize = quoted(&app.url(paths::AUTHORIZE)),
        redirect_uri = quoted(&format!("redirect_uri={callback}")),
    )
}

fn lines(first: &str, more: impl IntoIterator<Item = String>) -> String {
    more.into_iter()
        .fold(first.to_owned(), |all, line| format!("{all} \\\n  {line}"))
}

/// One word for the shell, whatever is in it: what comes from the address of a page may have been
/// written by somebody who hopes that it is pasted.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_leave_its_quotes() {
        assert_eq!(
            post("https://op.example/token", &[("code", "a'; rm -r ~; '")]),
            "curl -s 'https://op.example/token' \\\n  --data-urlencode 'code=a'\\''; rm -r ~; '\\'''"
        );
        assert_eq!(
            get("https://op.example/userinfo", Some("t")),
            "curl -s 'https://op.example/userinfo' \\\n  -H 'Authorization: Bearer t'"
        );
    }
}

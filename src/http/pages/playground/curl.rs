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
    let first = "curl -s -o /dev/null -w '%{redirect_url}\\n'";
    lines(first, [quoted(url)])
}

/// What a token says, without any check: its middle part, with the padding that base64url of a JWS
/// lacks and `base64` asks for.
pub fn claims(token: &str) -> String {
    let part = token.split('.').nth(1).unwrap_or_default();
    let padding = "=".repeat(part.len().wrapping_neg() % 4);
    let word = quoted(&format!("{part}{padding}"));
    format!("printf %s {word} \\\n  | tr -- '-_' '+/' | base64 -d")
}

/// The code flow with a code verifier of one's own (RFC 7636 §4.2). The browser must be sent, not
/// curl: the sign-in belongs to whoever opens the address.
pub fn by_hand(app: &App) -> String {
    let redirect_uri = quoted(&format!(
        "redirect_uri={}",
        app.url(paths::PLAYGROUND_CALLBACK)
    ));
    format!(
        "# What the provider offers.
curl -s {discovery}; echo

# An address to open in a browser.
verifier=$(openssl rand -hex 32)
challenge=$(printf %s \"$verifier\" | openssl dgst -sha256 -binary \\
  | base64 | tr '+/' '-_' | tr -d '=')
curl -s -G -o /dev/null -w '%{{url_effective}}\\n' \\
  {authorize} \\
  --data-urlencode response_type=code \\
  --data-urlencode client_id={CLIENT_ID} \\
  --data-urlencode {redirect_uri} \\
  --data-urlencode 'scope=openid profile email' \\
  --data-urlencode state=$(openssl rand -hex 16) \\
  --data-urlencode nonce=$(openssl rand -hex 16) \\
  --data-urlencode code_challenge=$challenge \\
  --data-urlencode code_challenge_method=S256

# The playground refuses the answer, as it did not ask for it: take the
# code from the address of its page, within a minute.
code=PASTE_IT_HERE
curl -s {token} \\
  --data-urlencode grant_type=authorization_code \\
  --data-urlencode client_id={CLIENT_ID} \\
  --data-urlencode {redirect_uri} \\
  --data-urlencode code=$code \\
  --data-urlencode code_verifier=$verifier; echo",
        discovery = quoted(&app.url(paths::DISCOVERY_OPENID)),
        authorize = quoted(&app.url(paths::AUTHORIZE)),
        token = quoted(&app.url(paths::TOKEN)),
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
    fn claims_are_padded_for_base64() {
        for (part, padded) in [("", ""), ("YQ", "YQ=="), ("YWI", "YWI="), ("YWJj", "YWJj")] {
            let command = claims(&format!("e30.{part}.AAAA"));
            assert!(
                command.starts_with(&format!("printf %s '{padded}' ")),
                "{command}"
            );
        }
    }

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

//! What is known of the browser that asks, and how people call it.

use uuid::Uuid;

use crate::events::About;

/// What is known of the browser that asks.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    /// The digest of its visitor cookie: by it a browser is known in which somebody has signed in
    /// before.
    pub device: Option<String>,
}

impl Browser {
    /// What people call it.
    pub fn name(&self) -> String {
        name_of(self.user_agent.as_deref())
    }

    /// The address from which it asks, in words.
    pub fn place(&self) -> &str {
        self.ip.as_deref().unwrap_or("an unknown address")
    }

    /// An event about `user_id` that this browser caused.
    pub fn about(&self, user_id: Option<Uuid>) -> About {
        About {
            user_id,
            client_id: None,
            ip: self.ip.clone(),
            user_agent: self.user_agent.clone(),
        }
    }
}

/// Product tokens of browsers. Most browsers also name those whose sites they want to be served,
/// so the first line that fits is the one that is meant.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
];

/// Words of platforms; again the first that fits.
const PLATFORMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows NT", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// A short name for a browser, such as "Firefox on Linux". It says only what the browser says, and
/// no version: browsers freeze theirs.
pub fn name_of(user_agent: Option<&str>) -> String {
    let text = user_agent.unwrap_or_default();
    let first = |words: &[(&str, &'static str)]| {
        let found = words.iter().find(|(word, _)| text.contains(word));
        found.map(|(_, name)| *name)
    };
    // Only Safari has "Version/", but only together with its own name.
    let browser = first(BROWSERS).filter(|name| *name != "Safari" || text.contains("Safari/"));
    let browser = browser.unwrap_or("Unknown browser");
    match first(PLATFORMS) {
        Some(platform) => format!("{browser} on {platform}"),
        None => browser.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_called_what_its_owner_calls_it() {
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        let apple = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
        for (user_agent, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on macOS",
            ),
            (
                "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
                "Firefox on Android",
            ),
            (
                &format!(
                    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {apple} FxiOS/140.0 Mobile/15E148 Safari/605.1.15"
                ),
                "Firefox on iPhone",
            ),
            (
                &format!(
                    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/140.0.0.0 Safari/537.36"
                ),
                "Chrome on Windows",
            ),
            (
                &format!(
                    "Mozilla/5.0 (X11; Linux x86_64) {webkit} HeadlessChrome/140.0.0.0 Safari/537.36"
                ),
                "Chrome on Linux",
            ),
            (
                &format!(
                    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {webkit} Chrome/140.0.0.0 Safari/537.36"
                ),
                "Chrome on ChromeOS",
            ),
            (
                &format!(
                    "Mozilla/5.0 (Linux; Android 10; K) {webkit} Chrome/140.0.0.0 Mobile Safari/537.36"
                ),
                "Chrome on Android",
            ),
            (
                &format!(
                    "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) {apple} CriOS/140.0.0.0 Mobile/15E148 Safari/604.1"
                ),
                "Chrome on iPad",
            ),
            (
                &format!(
                    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
                ),
                "Edge on Windows",
            ),
            (
                &format!(
                    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/138.0.0.0 Safari/537.36 OPR/122.0.0.0"
                ),
                "Opera on Windows",
            ),
            (
                &format!(
                    "Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S911B) {webkit} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36"
                ),
                "Samsung Internet on Android",
            ),
            (
                &format!(
                    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {apple} Version/18.5 Safari/605.1.15"
                ),
                "Safari on macOS",
            ),
            (
                &format!(
                    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {apple} Version/18.5 Mobile/15E148 Safari/604.1"
                ),
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) Doorward/Test",
                "Unknown browser on Linux",
            ),
            ("Bot/1.0 Version/2", "Unknown browser"),
            ("curl/8.5.0", "Unknown browser"),
            ("", "Unknown browser"),
        ] {
            assert_eq!(name_of(Some(user_agent)), name, "{user_agent}");
        }
        assert_eq!(name_of(None), "Unknown browser");
    }
}

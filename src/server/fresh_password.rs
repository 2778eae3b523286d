//! A password that nobody chose: for the demo user, and for whom an operator adds.

use crate::crypto::secret::random_id;

/// Sixteen letters and digits: about 95 random bits, in a form that one double click selects.
pub fn fresh_password() -> String {
    let mut password = String::new();
    while password.len() < 16 {
        let random = random_id::<24>();
        password.extend(random.chars().filter(char::is_ascii_alphanumeric));
    }
    password.truncate(16);
    password
}

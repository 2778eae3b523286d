//! Names that are shown to people: of people and of clients.

/// Whether a name can be shown: not too long, and without characters that hide or turn around what
/// stands beside them, by which one name could look like another.
pub fn is_showable(name: &str, longest: usize) -> bool {
    let hides = |c: char| {
        c.is_control()
            || matches!(
                c,
                '\u{200b}'..='\u{200f}'
                    | '\u{202a}'..='\u{202e}'
                    | '\u{2060}'..='\u{2069}'
                    | '\u{feff}'
            )
    };
    name.chars().count() <= longest && !name.chars().any(hides)
}

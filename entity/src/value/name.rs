//! Names that are shown to people: of people and of clients.

/// Characters that hide, that turn around what stands beside them, or that are blank and are no
/// space: with each of them one name could look like another, or like none.
const UNSEEN: [(char, char); 22] = [
    // The soft hyphen, and joiners of letters that are not drawn.
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    // Direction, in Arabic.
    ('\u{61c}', '\u{61c}'),
    // Fillers of Hangul and vowels of Khmer, which are letters and blank.
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    // Of no width; directions, lines and paragraphs; what is only for programs.
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    // Braille without a dot.
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    // Notes between the lines, and what stands for something else.
    ('\u{fff0}', '\u{fffc}'),
    // Marks of shorthand and of music, and Egyptian ones for joining.
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d159}', '\u{1d159}'),
    ('\u{1d173}', '\u{1d17a}'),
    // Letters in disguise ("tags"), and variants of letters.
    ('\u{e0000}', '\u{e01ef}'),
    // Nobody's: the private planes, which look as each font likes.
    ('\u{e000}', '\u{f8ff}'),
    ('\u{f0000}', '\u{ffffd}'),
    ('\u{100000}', '\u{10fffd}'),
];

/// Whether a name can be shown: not too long, and without characters that hide or turn around what
/// stands beside them.
pub fn is_showable(name: &str, longest: usize) -> bool {
    let unseen = |c: char| {
        c.is_control()
            || UNSEEN
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&c))
    };
    name.chars().count() <= longest && !name.chars().any(unseen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_and_clients_are_shown() {
        for name in [
            "Ada Lovelace",
            "Zoë d’Arc-Ünal",
            "Владимир",
            "山田 太郎",
            "김민준",
            "محمد",
            "אברהם",
            "ក្រុម",
            "Café ☕️ & Co. ❤️",
            "日本\u{3000}語",
        ] {
            assert!(is_showable(name, 100), "{name}");
        }
        assert!(is_showable("äöü", 3));
        assert!(!is_showable("äöüß", 3));
    }

    #[test]
    fn dr_4_what_hides_or_turns_around_is_not_shown() {
        for c in [
            '\0',
            '\n',
            '\u{7f}',
            '\u{85}',
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{1160}',
            '\u{180e}',
            '\u{200b}',
            '\u{200d}',
            '\u{200f}',
            '\u{2028}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2064}',
            '\u{2066}',
            '\u{2069}',
            '\u{206f}',
            '\u{2800}',
            '\u{3164}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fffb}',
            '\u{e0001}',
            '\u{e0061}',
            '\u{e000}',
            '\u{f0000}',
        ] {
            assert!(!is_showable(&format!("My{c}App"), 100), "{c:?}");
            assert!(!is_showable(&c.to_string(), 100), "{c:?}");
        }
    }
}

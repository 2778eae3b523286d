//! Why a password is easy to guess, and what is better: the sentences for the person.

use std::fmt;

/// Why a password is easy to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guessable {
    /// It is about the person or about this server: their address, their name, our host.
    About,
    MostUsed,
    LikeMostUsed,
    LookAlikes,
    Reversed,
    Word,
    Name,
    Row,
    Keyboard,
    Repeat,
    RepeatedPart,
    Sequence,
    Year,
    Date,
    /// Of too few parts that are too common, none of which stands out.
    Plain,
}

impl Guessable {
    /// Why, and what to do, for the person.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::About => {
                "This password is easy to guess: it is made of your address, your name or the name of this site. Use several words that have nothing to do with you."
            }
            Self::MostUsed => {
                "This password is easy to guess: it is one of the most used passwords. Use several unrelated words instead."
            }
            Self::LikeMostUsed => {
                "This password is easy to guess: it is close to one of the most used passwords. Use several unrelated words instead."
            }
            Self::LookAlikes => {
                "This password is easy to guess: guessers try signs that look like letters, such as @ for a, too. Add another word or two instead."
            }
            Self::Reversed => {
                "This password is easy to guess: guessers try words backwards too. Add another word or two instead."
            }
            Self::Word => {
                "This password is easy to guess: it is a single word with little beside it. Add another word or two that do not belong together."
            }
            Self::Name => {
                "This password is easy to guess: names alone are tried early. Add words that are not names."
            }
            Self::Row => {
                "This password is easy to guess: it is a row of keys. Use several unrelated words instead."
            }
            Self::Keyboard => {
                "This password is easy to guess: it is a short pattern on the keyboard. Use several unrelated words instead."
            }
            Self::Repeat => {
                "This password is easy to guess: it repeats a character, like aaaa. Use several unrelated words instead."
            }
            Self::RepeatedPart => {
                "This password is easy to guess: it repeats a part, like abcabcabc, which is hardly better than the part once. Use several unrelated words instead."
            }
            Self::Sequence => {
                "This password is easy to guess: it is a sequence, like abcd or 6543. Use several unrelated words instead."
            }
            Self::Year => {
                "This password is easy to guess: recent years are tried early. Leave the year out and add another word or two."
            }
            Self::Date => {
                "This password is easy to guess: dates are tried early. Leave the date out and add another word or two."
            }
            Self::Plain => {
                "This password is easy to guess: it is short for what it is made of. Add another word or two; a space between them does no harm."
            }
        }
    }
}

impl fmt::Display for Guessable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

#[cfg(test)]
mod tests {
    use super::Guessable::*;

    #[test]
    fn each_reason_says_why_and_what_to_do() {
        for why in [
            About,
            MostUsed,
            LikeMostUsed,
            LookAlikes,
            Reversed,
            Word,
            Name,
            Row,
            Keyboard,
            Repeat,
            RepeatedPart,
            Sequence,
            Year,
            Date,
            Plain,
        ] {
            let sentence = why.sentence();
            assert!(
                sentence.starts_with("This password is easy to guess: "),
                "{sentence}"
            );
            assert!(
                sentence.ends_with('.') && sentence.matches(". ").count() == 1,
                "{sentence}"
            );
        }
    }
}

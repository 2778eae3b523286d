//! What guessers try early. The lists and the counting are zxcvbn's; the words about the person are
//! ours.

use zxcvbn::{
    Entropy, Score,
    feedback::{Suggestion, Warning},
    matching::patterns::MatchPattern,
};

use super::guessable::Guessable;

/// How much of a password is estimated at once. The time that it takes grows steeply with length.
const ESTIMATED: usize = 24;
/// More different signs that look like letters than this are estimated as fewer: every way to read them
/// is tried, and their number grows with the product.
const LOOK_ALIKES: usize = 5;
/// The signs that look like letters, each with another that looks like the same one.
const ALIKE: [(char, char); 20] = [
    ('4', '4'),
    ('@', '4'),
    ('8', '8'),
    ('(', '('),
    ('{', '('),
    ('[', '('),
    ('<', '('),
    ('3', '3'),
    ('6', '6'),
    ('9', '9'),
    ('1', '1'),
    ('!', '1'),
    ('|', '1'),
    ('7', '7'),
    ('+', '7'),
    ('0', '0'),
    ('5', '5'),
    ('$', '5'),
    ('%', '%'),
    ('2', '2'),
];
/// So much of a password must be left when all that is about the person is taken out of it.
const OF_ITS_OWN: usize = 4;

/// The words in what is `about` a person, whole and in parts, and in the name of this site; in small
/// letters, the longest first.
pub(super) fn words(about: &[&str], issuer: &str) -> Vec<String> {
    let host = issuer.split_once("://").map_or(issuer, |(_, host)| host);
    let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let mut words: Vec<String> = about
        .iter()
        .copied()
        .chain([host, "doorward"])
        .flat_map(|text| {
            let parts = text.split(|c: char| !c.is_alphanumeric());
            [text].into_iter().chain(text.split('@')).chain(parts)
        })
        .filter(|word| word.chars().count() > 2)
        .map(str::to_lowercase)
        .collect();
    words.sort_by_key(|word| (std::cmp::Reverse(word.len()), word.clone()));
    words.dedup();
    words
}

/// Why `password` is easy to guess; none if it is not.
pub(super) fn judge(password: &str, words: &[String]) -> Option<Guessable> {
    if is_about(password, words) {
        return Some(Guessable::About);
    }
    let characters: Vec<char> = password.chars().collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let estimate = |part: &[char]| {
        let part = read_at_once(part);
        let estimate = zxcvbn::zxcvbn(&part, &words);
        is_weak(estimate.score()).then(|| why(&estimate, &words))
    };
    let first = &characters[..characters.len().min(ESTIMATED)];
    let last = &characters[characters.len() - first.len()..];
    // What is strong in a part is no weaker with more around it.
    let found = estimate(first)?;
    match first.len() == characters.len() {
        true => Some(found),
        false => estimate(last),
    }
}

/// What is estimated of a part. One in which many different signs look like letters, which no word does,
/// is read with one sign for each letter: a guesser takes them for the same.
fn read_at_once(part: &[char]) -> String {
    let alike = |sign: &char| ALIKE.iter().find(|(own, _)| own == sign);
    let mut signs: Vec<&(char, char)> = part.iter().filter_map(alike).collect();
    signs.sort_unstable();
    signs.dedup();
    let plain = signs.len() > LOOK_ALIKES;
    let read = |sign: &char| match alike(sign).filter(|_| plain) {
        Some((_, other)) => *other,
        None => *sign,
    };
    part.iter().map(read).collect()
}

/// Fewer than a million guesses.
fn is_weak(score: Score) -> bool {
    matches!(score, Score::Zero | Score::One)
}

/// Whether next to nothing is left when the words are taken out.
fn is_about(password: &str, words: &[String]) -> bool {
    let lower = password.to_lowercase();
    let mut left = lower.clone();
    for word in words.iter().filter(|word| word.chars().count() > 3) {
        left = left.replace(word.as_str(), "");
    }
    left != lower && left.chars().count() < OF_ITS_OWN
}

/// What stands out in what was found.
fn why(estimate: &Entropy, words: &[&str]) -> Guessable {
    let longest = estimate
        .sequence()
        .iter()
        .max_by_key(|found| found.j.saturating_sub(found.i));
    if let Some(MatchPattern::Dictionary(found)) = longest.map(|found| &found.pattern)
        && words.contains(&found.matched_word.as_str())
    {
        return Guessable::About;
    }
    let Some(feedback) = estimate.feedback() else {
        return Guessable::Plain;
    };
    let hinted = |suggestion| feedback.suggestions().contains(&suggestion);
    match feedback.warning() {
        _ if hinted(Suggestion::PredictableSubstitutionsDontHelpVeryMuch) => Guessable::LookAlikes,
        _ if hinted(Suggestion::ReversedWordsArentMuchHarderToGuess) => Guessable::Reversed,
        None => Guessable::Plain,
        Some(warning) => match warning {
            Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword => Guessable::MostUsed,
            Warning::ThisIsSimilarToACommonlyUsedPassword => Guessable::LikeMostUsed,
            Warning::AWordByItselfIsEasyToGuess => Guessable::Word,
            Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
            | Warning::CommonNamesAndSurnamesAreEasyToGuess => Guessable::Name,
            Warning::StraightRowsOfKeysAreEasyToGuess => Guessable::Row,
            Warning::ShortKeyboardPatternsAreEasyToGuess => Guessable::Keyboard,
            Warning::RepeatsLikeAaaAreEasyToGuess => Guessable::Repeat,
            Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => Guessable::RepeatedPart,
            Warning::SequencesLikeAbcAreEasyToGuess => Guessable::Sequence,
            Warning::RecentYearsAreEasyToGuess => Guessable::Year,
            Warning::DatesAreOftenEasyToGuess => Guessable::Date,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Guessable::*;

    fn judged(password: &str) -> Option<Guessable> {
        let about = ["ada.lovelace@example.com", "Ada Byron King"];
        judge(password, &words(&about, "https://id.shop.example:8443"))
    }

    #[test]
    fn what_guessers_try_first_is_refused_and_it_is_said_why() {
        for (bad, why) in [
            ("password", MostUsed),
            ("12345678", MostUsed),
            ("iloveyou", MostUsed),
            ("sunshine", MostUsed),
            ("PASSWORD", MostUsed),
            ("password1", MostUsed),
            ("password123", MostUsed),
            ("baseball2", LikeMostUsed),
            ("p4ssw0rd!", LookAlikes),
            ("drowssap", Reversed),
            ("aaaaaaaaaaaa", Repeat),
            ("abcabcabcabc", RepeatedPart),
            ("mnopqrst", Sequence),
            ("ada.lovelace", About),
            ("ada.lovelace@example.com", About),
            ("Lovelace1", About),
            ("lovelace-byron", About),
            ("adabyronking", About),
            ("ID.shop.example", About),
            ("doorward1", About),
            ("D00rward", About),
        ] {
            assert_eq!(judged(bad), Some(why), "{bad}");
        }
    }

    #[test]
    fn what_is_good_enough_is_taken() {
        for good in [
            "correct horse battery staple",
            "p\u{e4}ssw\u{f6}rd-of-mine",
            "tr0ub4dor&3xyz",
            "a bridge of nine swallows",
            "Lovelace keeps eleven herons",
            "\u{5bc6}\u{7801}\u{5f88}\u{957f}\u{7684}\u{4e00}\u{53e5}\u{8bdd}",
        ] {
            assert_eq!(judged(good), None, "{good}");
        }
        // Strong at its end only, and beyond what is estimated at once.
        assert_eq!(
            judged(&("a".repeat(40) + "eleven herons by the mill")),
            None
        );
        assert_eq!(judged(&"a".repeat(1024)), Some(Repeat));
    }

    #[test]
    fn do_2_many_signs_that_look_like_letters_are_read_as_few() {
        let few: Vec<char> = "p4ssw0rd!$@".chars().collect();
        assert_eq!(read_at_once(&few), "p4ssw0rd!$@");
        let many: Vec<char> = "4@8({[<369 1!|7 0$5+%2".chars().collect();
        assert_eq!(read_at_once(&many), "448((((369 1117 0557%2");
        assert_eq!(judged("1234567890"), Some(MostUsed));
        assert_eq!(judged("4@8({[<369 1!|7 0$5+%2"), None);
    }

    #[test]
    fn no_words_are_no_reason() {
        assert_eq!(
            words(&["", "a@b.c"], "http://localhost:8080"),
            ["localhost", "doorward", "a@b.c", "b.c"]
        );
        assert_eq!(judge("eleven herons", &[]), None);
    }
}

//! CA-5: secrets are never compared as texts. Digests compare in a time that does not tell where they
//! differ, and are looked up by an index; whatever else is secret has no `==` at all.

use proc_macro2::{TokenStream, TokenTree};

use super::reading::{Source, sources};

/// What gives a secret out of its box.
const OPENED: [&str; 2] = ["expose_secret", "expose"];

/// What compares in a time of its own.
const SAFELY: [&str; 3] = ["ct_eq", "same", "is_same_text"];

/// One operand of a comparison, as words: what stands between the sign and whatever ends it.
fn operands(tokens: &[TokenTree], at: usize) -> Vec<String> {
    let ends = |token: &TokenTree| match token {
        TokenTree::Punct(punct) => ",;=&|<>{}".contains(punct.as_char()),
        TokenTree::Ident(word) => {
            ["if", "let", "return", "match", "in"].contains(&word.to_string().as_str())
        }
        _ => false,
    };
    let before = tokens[..at].iter().rev().take_while(|token| !ends(token));
    let after = tokens[at + 2..].iter().take_while(|token| !ends(token));
    before.chain(after).flat_map(words).collect()
}

fn words(token: &TokenTree) -> Vec<String> {
    match token {
        TokenTree::Ident(word) => vec![word.to_string()],
        TokenTree::Group(group) => group
            .stream()
            .into_iter()
            .flat_map(|token| words(&token))
            .collect(),
        _ => Vec::new(),
    }
}

/// The comparisons that open a secret, each with its line.
fn found(tokens: TokenStream, bad: &mut Vec<usize>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, pair) in tokens.windows(2).enumerate() {
        let [TokenTree::Punct(one), TokenTree::Punct(other)] = pair else {
            continue;
        };
        let sign = (one.as_char(), other.as_char());
        if one.spacing() != proc_macro2::Spacing::Joint || ![('=', '='), ('!', '=')].contains(&sign)
        {
            continue;
        }
        let operands = operands(&tokens, at);
        if operands.iter().any(|word| OPENED.contains(&word.as_str())) {
            bad.push(one.span().start().line);
        }
    }
    for token in tokens {
        if let TokenTree::Group(group) = token {
            found(group.stream(), bad);
        }
    }
}

/// The code without its tests.
fn code(source: &Source) -> &str {
    let text = source.text.as_str();
    text.split_once("#[cfg(test)]\nmod tests {")
        .map_or(text, |(code, _)| code)
}

fn bad_lines(text: &str) -> Vec<usize> {
    let mut bad = Vec::new();
    found(text.parse().expect("Rust"), &mut bad);
    bad
}

#[test]
fn ca_5_no_secret_is_compared_as_a_text() {
    let house = sources(&["src", "entity/src"]);
    for source in house
        .iter()
        .filter(|source| !source.file.ends_with("tests.rs"))
    {
        let bad = bad_lines(code(source));
        assert!(
            bad.is_empty(),
            "{}: {bad:?} compare a secret with == or !=",
            source.file
        );
    }
    // The test sees what it is to see.
    for bad in [
        "fn f() { if a.expose_secret() == b { } }",
        "fn f() -> bool { typed != self.secret.expose_secret().as_str() }",
        "fn f() { list.iter().any(|own| own.expose() == typed) }",
    ] {
        assert_eq!(bad_lines(bad), [1], "{bad}");
    }
    assert!(bad_lines("fn f() { let n = a.expose_secret().len(); if n == 1 { } }").is_empty());
}

/// `==` of a digest is written by hand, with `subtle`; a derived one would stop at the first letter.
#[test]
fn ca_5_digests_compare_in_one_time() {
    let house = sources(&["src", "entity/src"]);
    let of = |file: &str| {
        &house
            .iter()
            .find(|source| source.file == file)
            .expect("a file")
            .text
    };
    let digest = of("entity/src/value/digest.rs");
    let (before, _) = digest.split_once("pub struct Digest").expect("the type");
    let derived = before.rsplit_once("#[derive(").expect("what is derived").1;
    assert!(!derived.contains("PartialEq"), "{derived}");
    let (_, by_hand) = digest
        .split_once("impl PartialEq for Digest")
        .expect("a comparison");
    let (by_hand, _) = by_hand.split_once("\n}\n").expect("its end");
    assert!(by_hand.contains("ct_eq"), "{by_hand}");
    // A box without `==`: the crate gives its texts none, and nobody gives them one.
    for source in &house {
        let own = "impl PartialEq for ";
        for (at, _) in source.text.match_indices(own) {
            let rest: String = source.text[at..].chars().take(60).collect();
            let safe = source.text[at..]
                .split_once("\n}\n")
                .is_some_and(|(body, _)| SAFELY.iter().any(|word| body.contains(word)));
            assert!(safe, "{}: {rest}", source.file);
        }
    }
}

/// Where a row is found by what somebody presents, an index finds it: the key of the table, or a column
/// that is the only one of its value. No list of secrets is read and searched.
#[test]
fn ca_5_digests_are_looked_up_by_an_index() {
    // Found by another key, and then compared: the secrets of one client, and the codes in letters,
    // each of which is one of few and counts for one browser and a few tries.
    const COMPARED: [&str; 5] = [
        "client.client_secret",
        "client.previous_secret",
        "client.registration_access_token",
        "upstream_arrival.code",
        "verification_token.code",
    ];
    let mut seen = 0;
    for source in sources(&["entity/src"]) {
        let table = source
            .file
            .trim_start_matches("entity/src/")
            .trim_end_matches(".rs");
        let Some((_, model)) = source.text.split_once("pub struct Model {") else {
            continue;
        };
        let (model, _) = model.split_once("\n}\n").expect("its end");
        let mut attributes = String::new();
        for line in model.lines().map(str::trim) {
            match line {
                line if line.starts_with("#[") => attributes += line,
                line if line.starts_with("pub ") => {
                    let (name, of) = line
                        .trim_start_matches("pub ")
                        .split_once(": ")
                        .expect("a field");
                    if of
                        .trim_end_matches(',')
                        .trim_start_matches("Option<")
                        .trim_end_matches('>')
                        == "Digest"
                    {
                        seen += 1;
                        let field = format!("{table}.{name}");
                        let indexed =
                            attributes.contains("unique") || attributes.contains("primary_key");
                        assert!(indexed || COMPARED.contains(&field.as_str()), "{field}");
                    }
                    attributes.clear();
                }
                _ => {}
            }
        }
    }
    assert!(seen > 8, "{seen}");
}

//! Reading: which paths a Rust file names, and on which line. Reads tokens rather than syntax, so
//! that what stands in a macro or an attribute counts like any other code.

use std::{collections::BTreeSet, fs, path::Path};

use proc_macro2::{Delimiter, LexError, Spacing, TokenStream, TokenTree};

/// A file of the house.
pub struct Source {
    /// From the root of the repository: `src/http/kit/trace.rs`.
    pub file: String,
    pub text: String,
}

/// A path in a file, from its crate on where that can be told: `doorward::http::kit`.
pub struct Name {
    pub line: usize,
    pub path: Vec<String>,
}

/// Every module of the house, from its crate on.
pub type Modules = BTreeSet<Vec<String>>;

impl Source {
    /// The module that the file holds. That of `main.rs` and `lib.rs` is the crate itself.
    pub fn module(&self) -> Option<Vec<String>> {
        let (krate, inside) = match self.file.split_once("src/")? {
            ("", inside) => ("doorward", inside),
            (folder, inside) => (folder.trim_end_matches('/'), inside),
        };
        let inside = inside.strip_suffix(".rs")?;
        let mut module = vec![krate.to_owned()];
        module.extend(inside.split('/').map(str::to_owned));
        if ["mod", "lib", "main"].contains(&module.last()?.as_str()) {
            module.pop();
        }
        Some(module)
    }

    /// Every path of two or more segments, and everything that is imported.
    pub fn names(&self, modules: &Modules) -> Result<Vec<Name>, LexError> {
        let mut reader = Reader {
            modules,
            module: self.module().unwrap_or_default(),
            names: Vec::new(),
        };
        reader.tokens(self.text.parse()?);
        Ok(reader.names)
    }
}

/// All Rust files under these folders of the repository.
pub fn sources(folders: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut left: Vec<_> = folders.iter().map(|folder| root.join(folder)).collect();
    let mut found = Vec::new();
    while let Some(path) = left.pop() {
        if path.is_dir() && !path.ends_with("node_modules") {
            let entries = fs::read_dir(&path).expect("a folder that can be read");
            left.extend(entries.map(|entry| entry.expect("a folder entry").path()));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let file = path.strip_prefix(root).expect("a file of the repository");
            found.push(Source {
                file: file.to_string_lossy().into_owned(),
                text: fs::read_to_string(&path).expect("a file that can be read"),
            });
        }
    }
    found.sort_by(|one, other| one.file.cmp(&other.file));
    found
}

struct Reader<'a> {
    modules: &'a Modules,
    /// Where we are, inline modules included.
    module: Vec<String>,
    names: Vec<Name>,
}

impl Reader<'_> {
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut rest = tokens.as_slice();
        while let Some(first) = rest.first() {
            rest = match (ident(first).as_deref(), &rest[1..]) {
                (Some("use"), after) if !is_punct(after.first(), '<') => {
                    let end = after.iter().position(|token| is_punct(Some(token), ';'));
                    let (tree, after) = after.split_at(end.unwrap_or(after.len()));
                    self.import(Vec::new(), tree);
                    after
                }
                (Some("mod"), [name, TokenTree::Group(body), after @ ..]) => {
                    self.module.extend(ident(name));
                    self.tokens(body.stream());
                    self.module.pop();
                    after
                }
                (Some("extern"), [krate, name, after @ ..])
                    if ident(krate).is_some_and(|word| word == "crate") =>
                {
                    self.note(name, ident(name).into_iter().collect());
                    after
                }
                (Some(_), _) => self.path(rest),
                (None, after) => {
                    if let TokenTree::Group(group) = first {
                        self.tokens(group.stream());
                    }
                    after
                }
            };
        }
    }

    /// `a::b::c`, as far as it goes.
    fn path<'t>(&mut self, tokens: &'t [TokenTree]) -> &'t [TokenTree] {
        let mut path: Vec<String> = ident(&tokens[0]).into_iter().collect();
        let mut rest = &tokens[1..];
        while let [one, two, next, after @ ..] = rest
            && is_path_separator(one, two)
            && let Some(segment) = ident(next)
        {
            path.push(segment);
            rest = after;
        }
        if path.len() > 1 {
            self.note(&tokens[0], path);
        }
        rest
    }

    /// What stands between `use` and `;`, below `prefix`.
    fn import(&mut self, mut prefix: Vec<String>, tree: &[TokenTree]) {
        let mut at = None;
        for token in tree {
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    for branch in inner.split(|token| is_punct(Some(token), ',')) {
                        self.import(prefix.clone(), branch);
                    }
                    return;
                }
                TokenTree::Punct(star) if star.as_char() == '*' => {
                    prefix.push("*".to_owned());
                    at = Some(token);
                }
                _ => match ident(token).as_deref() {
                    Some("as") => break,
                    Some("self") if !prefix.is_empty() => at = Some(token),
                    Some(segment) => {
                        prefix.push(segment.to_owned());
                        at = Some(token);
                    }
                    None => {}
                },
            }
        }
        if let Some(at) = at {
            self.note(at, prefix);
        }
    }

    fn note(&mut self, at: &TokenTree, path: Vec<String>) {
        self.names.push(Name {
            line: at.span().start().line,
            path: self.absolute(path),
        });
    }

    fn absolute(&self, path: Vec<String>) -> Vec<String> {
        let supers = path.iter().take_while(|word| *word == "super").count();
        let (from, rest) = match path[0].as_str() {
            "crate" => (&self.module[..1], &path[1..]),
            "self" => (self.module.as_slice(), &path[1..]),
            "super" => {
                let left = self.module.len().saturating_sub(supers).max(1);
                (&self.module[..left], &path[supers..])
            }
            _ if self.is_child(&path[0]) => (self.module.as_slice(), path.as_slice()),
            _ => return path,
        };
        from.iter().chain(rest).cloned().collect()
    }

    fn is_child(&self, name: &str) -> bool {
        let mut child = self.module.clone();
        child.push(name.to_owned());
        self.modules.contains(&child)
    }
}

fn ident(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(ident) => Some(ident.to_string().trim_start_matches("r#").to_owned()),
        _ => None,
    }
}

fn is_punct(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

fn is_path_separator(one: &TokenTree, two: &TokenTree) -> bool {
    let joint = matches!(one, TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint);
    joint && is_punct(Some(one), ':') && is_punct(Some(two), ':')
}

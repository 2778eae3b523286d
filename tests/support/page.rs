//! Page: what a person finds on a page: headings and texts by id, links, forms with their fields.

use std::collections::BTreeMap;

use html5gum::{DefaultEmitter, HtmlString, StartTag, Token, Tokenizer};

/// A page that was read.
#[derive(Debug, Default)]
pub struct Page {
    /// All text, white space made single.
    pub text: String,
    texts: BTreeMap<String, String>,
    links: Vec<(String, String)>,
    forms: Vec<Form>,
}

/// A form with its fields and buttons, in their order.
#[derive(Clone, Debug, Default)]
pub struct Form {
    pub id: String,
    pub action: String,
    pub method: String,
    fields: Vec<Field>,
}

#[derive(Clone, Debug, Default)]
struct Field {
    id: String,
    name: String,
    value: String,
    kind: String,
    /// Sent at all: a ticked box, a button that is pressed, anything else always.
    on: bool,
    readonly: bool,
}

/// An element whose end has not come yet.
struct Open {
    tag: String,
    attributes: BTreeMap<String, String>,
    text: String,
}

/// Elements without an end (HTML §13.1.2).
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];

impl Page {
    pub fn read(html: &str) -> Self {
        let mut emitter = DefaultEmitter::default();
        // So that a title or a text area is text, whatever is written in it.
        emitter.naively_switch_states(true);
        let mut page = Self::default();
        let mut open: Vec<Open> = Vec::new();
        for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
            match token {
                Token::StartTag(tag) => page.start(&tag, &mut open),
                Token::String(text) => {
                    let text = string(&text.value);
                    page.text.push_str(&text);
                    open.iter_mut().for_each(|open| open.text.push_str(&text));
                }
                Token::EndTag(tag) => {
                    let tag = string(&tag.name);
                    if let Some(at) = open.iter().rposition(|open| open.tag == tag) {
                        open.drain(at..).rev().for_each(|element| page.end(element));
                    }
                }
                Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
            }
        }
        page.text = single_spaced(&page.text);
        page
    }

    /// The text of `#id`, if it is there.
    pub fn text_of(&self, id: &str) -> Option<&str> {
        self.texts.get(id.strip_prefix('#')?).map(String::as_str)
    }

    /// Where the link with this text leads.
    #[track_caller]
    pub fn link(&self, text: &str) -> &str {
        let found = self.links.iter().find(|(_, own)| own == text);
        match found {
            Some((href, _)) => href,
            None => panic!("no link \"{text}\" among {:?}", self.links),
        }
    }

    /// The form `#id`, or the form with the button `#id`, which is then pressed.
    #[track_caller]
    pub fn form(&self, id: &str) -> Form {
        let bare = id.trim_start_matches('#');
        if let Some(form) = self.forms.iter().find(|form| form.id == bare) {
            let mut form = form.clone();
            // Without a button in particular, a browser presses the first (HTML §4.10.21.2).
            form.press(|field| field.kind == "submit");
            return form;
        }
        for form in &self.forms {
            let mut form = form.clone();
            if form.press(|field| field.kind == "submit" && field.id == bare) {
                return form;
            }
        }
        let known: Vec<_> = self.forms.iter().map(|form| &form.id).collect();
        panic!(
            "no form or button {id}; forms: {known:?}; the page says: {}",
            self.text
        )
    }

    fn start(&mut self, tag: &StartTag<()>, open: &mut Vec<Open>) {
        let name = string(&tag.name);
        let attributes: BTreeMap<String, String> = tag
            .attributes
            .iter()
            .map(|(name, value)| (string(name), string(&value.value)))
            .collect();
        let of = |name: &str| attributes.get(name).cloned().unwrap_or_default();
        match name.as_str() {
            "form" => self.forms.push(Form {
                id: of("id"),
                action: of("action"),
                method: of("method").to_ascii_lowercase(),
                fields: Vec::new(),
            }),
            "input" if open.iter().any(|open| open.tag == "form") => {
                let kind = of("type").to_ascii_lowercase();
                let on = match kind.as_str() {
                    "checkbox" | "radio" => attributes.contains_key("checked"),
                    kind => kind != "submit" && !attributes.contains_key("disabled"),
                };
                let readonly = attributes.contains_key("readonly");
                let (id, name, value) = (of("id"), of("name"), of("value"));
                self.add(Field {
                    id,
                    name,
                    value,
                    kind,
                    on,
                    readonly,
                });
            }
            _ => {}
        }
        if !VOID.contains(&name.as_str()) {
            open.push(Open {
                tag: name,
                attributes,
                text: String::new(),
            });
        }
    }

    fn end(&mut self, element: Open) {
        let of = |name: &str| element.attributes.get(name).cloned().unwrap_or_default();
        let text = single_spaced(&element.text);
        let (id, name) = (of("id"), of("name"));
        match element.tag.as_str() {
            "a" => self.links.push((of("href"), text.clone())),
            "button" => {
                let kind = if of("type") == "button" {
                    "button"
                } else {
                    "submit"
                };
                let (id, value, kind) = (id.clone(), of("value"), kind.to_owned());
                self.add(Field {
                    id,
                    name,
                    value,
                    kind,
                    ..Field::default()
                });
            }
            "textarea" => {
                let (id, value) = (id.clone(), element.text);
                self.add(Field {
                    id,
                    name,
                    value,
                    on: true,
                    ..Field::default()
                });
            }
            "select" => {
                let id = id.clone();
                self.add(Field {
                    id,
                    name,
                    on: true,
                    ..Field::default()
                });
            }
            _ => {}
        }
        if !id.is_empty() {
            self.texts.insert(id, text);
        }
    }

    /// A field outside of any form belongs to nothing that could be sent.
    fn add(&mut self, field: Field) {
        if let Some(form) = self.forms.last_mut() {
            form.fields.push(field);
        }
    }
}

impl Form {
    /// Fills the field of that name, as a person would who sees it.
    #[track_caller]
    pub fn fill(&mut self, name: &str, value: &str) {
        let seen = |field: &&mut Field| {
            field.name == name && !["hidden", "submit"].contains(&field.kind.as_str())
        };
        let Some(field) = self.fields.iter_mut().find(seen) else {
            panic!("no field {name} to fill in {self:?}");
        };
        assert!(!field.readonly, "the field {name} cannot be typed into");
        match field.kind.as_str() {
            "checkbox" | "radio" => field.on = field.value == value,
            _ => field.value = value.to_owned(),
        }
    }

    /// What is sent.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let sent = |field: &&Field| field.on && !field.name.is_empty();
        let pair = |field: &Field| (field.name.clone(), field.value.clone());
        self.fields.iter().filter(sent).map(pair).collect()
    }

    fn press(&mut self, which: impl Fn(&Field) -> bool) -> bool {
        let button = self.fields.iter_mut().find(|field| which(field));
        button.map(|button| button.on = true).is_some()
    }
}

fn string(text: &HtmlString) -> String {
    String::from_utf8_lossy(text).into_owned()
}

fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

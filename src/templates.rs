//! Templates: minijinja over the embedded files. Rendering a template that names something its
//! context lacks is an error, so that a page cannot be half right.

use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use rust_embed::RustEmbed;
use serde::Serialize;

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Files;

/// The parsed templates.
#[derive(Debug)]
pub struct Templates(Environment<'static>);

impl Templates {
    /// Parses every template; a syntax error stops the start, not a visitor.
    pub fn load() -> Result<Self, minijinja::Error> {
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        templates.set_auto_escape_callback(|name| match name.ends_with(".html") {
            true => AutoEscape::Html,
            false => AutoEscape::None,
        });
        for name in Files::iter().filter(|name| !name.starts_with("static/")) {
            if let Some(file) = Files::get(&name) {
                let source = String::from_utf8_lossy(&file.data).into_owned();
                templates.add_template_owned(name.into_owned(), source)?;
            }
        }
        Ok(Self(templates))
    }

    /// Renders one template.
    pub fn render<C: Serialize>(
        &self,
        name: &str,
        context: &C,
    ) -> Result<String, minijinja::Error> {
        self.0
            .get_template(name)?
            .render(minijinja::value::Serde(context))
    }
}

/// A file under `templates/static/`.
pub fn static_file(name: &str) -> Option<Vec<u8>> {
    Files::get(&format!("static/{name}")).map(|file| file.data.into_owned())
}

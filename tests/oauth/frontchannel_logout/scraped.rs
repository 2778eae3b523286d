//! Scraped: what a simple program takes out of the page's source: frames, and where it goes on.

use crate::support::answer::Answer;

#[derive(Debug)]
pub struct Told {
    pub frames: Vec<String>,
    pub titles: Vec<String>,
    pub after_seconds: u32,
    pub refresh: String,
}

impl Told {
    #[track_caller]
    pub fn read(page: &Answer) -> Self {
        let frames: Vec<&str> = tags(&page.body, "iframe").collect();
        let metas: Vec<&str> = tags(&page.body, "meta")
            .filter(|tag| tag.contains("http-equiv=\"refresh\""))
            .collect();
        let [meta] = &metas[..] else {
            panic!("{metas:?}")
        };
        let content = attribute(meta, "content");
        let (seconds, refresh) = content.split_once(";url=").expect("a refresh");
        Self {
            frames: frames.iter().map(|tag| attribute(tag, "src")).collect(),
            titles: frames.iter().map(|tag| attribute(tag, "title")).collect(),
            after_seconds: seconds.parse().expect("seconds"),
            refresh: refresh.to_owned(),
        }
    }
}

fn tags<'a>(html: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let start = format!("<{name} ");
    let parts: Vec<&str> = html.split(start.as_str()).skip(1).collect();
    parts
        .into_iter()
        .filter_map(|rest| Some(rest.split_once('>')?.0))
}

#[track_caller]
fn attribute(tag: &str, name: &str) -> String {
    let start = format!("{name}=\"");
    let value = tag.split(start.as_str()).nth(1).expect("an attribute");
    let value = value.split('"').next().unwrap_or_default();
    value.replace("&#39;", "'").replace("&amp;", "&")
}

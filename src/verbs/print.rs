//! Printing: answers on stdout, as one JSON object or as aligned lines for people.

use std::io::{self, Write};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::Failure;

/// One object on one line.
pub fn json(answer: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(answer)
        .map_err(|error| Failure::failed(format!("the answer could not be written: {error}")))?;
    say(&text);
    Ok(())
}

/// Text for people. A reader that went away is no failure.
pub fn say(text: &str) {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).ok();
}

/// A part of an answer that is too long to be held whole.
pub fn part(text: &str) {
    io::stdout().lock().write_all(text.as_bytes()).ok();
}

/// A name and a value per line, values below one another. Values that are empty are left out.
pub fn pairs<N: AsRef<str>>(pairs: &[(N, String)]) {
    let shown = pairs.iter().filter(|(_, value)| !value.is_empty());
    let width = shown
        .clone()
        .map(|(name, _)| name.as_ref().len())
        .max()
        .unwrap_or(0);
    for (name, value) in shown {
        let name = name.as_ref();
        say(&format!("{name:width$}  {value}"));
    }
}

/// Columns below their heads, as wide as what is in them.
pub fn table<const N: usize>(heads: [&str; N], rows: &[[String; N]]) {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([heads[column].len()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |cells: Vec<&str>| {
        let cells = cells.iter().zip(&widths);
        let padded: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        say(padded.join("  ").trim_end());
    };
    line(heads.to_vec());
    for row in rows {
        line(row.iter().map(String::as_str).collect());
    }
}

/// A time with exactly three fractional digits and `Z`.
pub fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A time for people.
pub fn when(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// `yes` or `no`.
pub fn yes(so: bool) -> String {
    if so { "yes" } else { "no" }.to_owned()
}

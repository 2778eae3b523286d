//! Lines: people as JSON, a line each, from a file or from stdin.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, IsTerminal, Read},
};

use doorward::accounts::moving::{Wrong, import::Row, report::Place};
use serde_json::Value;

use crate::verbs::Failure;

/// No line is longer; what is, was made by something else.
const LONGEST: u64 = 1024 * 1024;

pub struct Lines {
    from: Box<dyn BufRead + Send>,
    number: u64,
}

impl Lines {
    /// Of a file, or of stdin where none is named or `-`.
    pub fn open(source: Option<&str>) -> Result<Self, Failure> {
        let from: Box<dyn BufRead + Send> = match source {
            None | Some("-") if io::stdin().is_terminal() => {
                return Err(Failure::wrong(
                    "say where the people are: a file, or - and a pipe into stdin",
                ));
            }
            None | Some("-") => Box::new(BufReader::new(io::stdin())),
            Some(path) => {
                let file =
                    File::open(path).map_err(|error| Failure::wrong(format!("{path}: {error}")))?;
                Box::new(BufReader::new(file))
            }
        };
        Ok(Self { from, number: 0 })
    }

    /// The next rows; none at the end. Empty lines are no rows.
    pub fn page(&mut self, most: usize) -> io::Result<Vec<Row>> {
        let mut page = Vec::new();
        while page.len() < most {
            let mut line = Vec::new();
            let read = self.from.by_ref().take(LONGEST + 1);
            if { read }.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            self.number += 1;
            let is_whole = line.ends_with(b"\n") || (line.len() as u64) <= LONGEST;
            if !is_whole {
                self.pass_over()?;
            }
            // What some editors write in front of the first line.
            let mark: &[u8] = "\u{feff}".as_bytes();
            let text = line.strip_prefix(mark).unwrap_or(&line).trim_ascii();
            if text.is_empty() {
                continue;
            }
            let row = match is_whole {
                true => parsed(text),
                false => Err(Wrong::row("longer than 1 MiB")),
            };
            page.push(Row {
                place: Place::Line(self.number),
                row,
                notes: Vec::new(),
            });
        }
        Ok(page)
    }

    /// Reads on to the end of a line that nobody keeps.
    fn pass_over(&mut self) -> io::Result<()> {
        loop {
            let held = self.from.fill_buf()?;
            let end = held.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(held.len(), |end| end + 1);
            let is_over = end.is_some() || held.is_empty();
            self.from.consume(length);
            if is_over {
                return Ok(());
            }
        }
    }
}

fn parsed(text: &[u8]) -> Result<Value, Wrong> {
    serde_json::from_slice(text).map_err(|error| Wrong {
        column: Some(error.column()),
        // Without the place, which is that within the line, and without what stands there.
        ..Wrong::row(match error.classify() {
            serde_json::error::Category::Eof => "the JSON object does not end",
            _ => "no JSON",
        })
    })
}

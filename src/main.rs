//! The binary: reads the command line, runs one verb, and says by its exit code how that went.

mod verbs;

use std::process::ExitCode;

fn main() -> ExitCode {
    match verbs::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.line.is_empty() {
                eprintln!("doorward: {}", failure.line);
            }
            ExitCode::from(failure.code)
        }
    }
}

//! Steps: what the playground did, one after the other, as the result page shows it.

use serde::Serialize;
use serde_json::Value;

/// One step, passed or failed.
#[derive(Debug, Serialize)]
pub struct Step {
    title: &'static str,
    ok: bool,
    text: String,
    checks: Vec<Check>,
    /// Whether codes or tokens are shown.
    secret: bool,
    curl: Option<String>,
    data: Option<String>,
}

/// One thing that a step looked at.
#[derive(Debug, Serialize)]
pub struct Check {
    pub ok: bool,
    pub text: String,
}

/// All steps of one page.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Steps(Vec<Step>);

/// A step and what it brought; nothing, if it failed.
pub type Outcome<T> = (Step, Option<T>);

impl Step {
    pub fn passed(title: &'static str, text: impl Into<String>) -> Self {
        Self::new(title, true, text.into(), vec![])
    }

    pub fn failed(title: &'static str, text: impl Into<String>) -> Self {
        Self::new(title, false, text.into(), vec![])
    }

    /// Passed if every check is.
    pub fn of(title: &'static str, text: impl Into<String>, checks: Vec<Check>) -> Self {
        let ok = checks.iter().all(|check| check.ok);
        Self::new(title, ok, text.into(), checks)
    }

    fn new(title: &'static str, ok: bool, text: String, checks: Vec<Check>) -> Self {
        Self {
            title,
            ok,
            text,
            checks,
            secret: false,
            curl: None,
            data: None,
        }
    }

    /// Fails if the check does.
    pub fn and(mut self, check: Check) -> Self {
        self.ok &= check.ok;
        self.checks.push(check);
        self
    }

    /// The command that does the same.
    pub fn curl(mut self, command: String) -> Self {
        self.curl = Some(command);
        self
    }

    /// What came back, or what was read from it.
    pub fn data(mut self, data: &Value) -> Self {
        self.data = Some(format!("{data:#}"));
        self
    }

    /// Marks what is shown as the visitor's secrets.
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// With `value`, if the step passed.
    pub fn bringing<T>(self, value: T) -> Outcome<T> {
        let value = self.ok.then_some(value);
        (self, value)
    }
}

impl Check {
    pub fn that(ok: bool, good: impl Into<String>, bad: impl Into<String>) -> Self {
        Self {
            ok,
            text: if ok { good.into() } else { bad.into() },
        }
    }
}

impl Steps {
    pub fn push(&mut self, step: Step) {
        self.0.push(step);
    }

    /// Keeps the step and hands on what it brought.
    pub fn take<T>(&mut self, (step, value): Outcome<T>) -> Option<T> {
        self.0.push(step);
        value
    }

    pub fn all_passed(&self) -> bool {
        self.0.iter().all(|step| step.ok)
    }
}

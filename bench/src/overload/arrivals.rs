//! Arrivals at a constant rate, whatever becomes of those before (an open loop), and how each fared.
//! Time counts from when somebody should have been asking, so that a stall is nobody's secret.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep_until};

use super::http::Wire;

/// How those who arrived fared: milliseconds until they were told.
#[derive(Debug, Default)]
pub struct Told {
    pub done: Vec<f64>,
    /// 503, and when to try again.
    pub refused: Vec<f64>,
    pub other: usize,
    /// Of those that were done, how many within the span.
    in_time: usize,
}

impl Told {
    pub fn done_rate(&self, span: Duration) -> f64 {
        self.in_time as f64 / span.as_secs_f64()
    }

    /// What half of them took, and what all but one of a hundred took.
    pub fn shares(times: &[f64]) -> (f64, f64) {
        if times.is_empty() {
            return (f64::NAN, f64::NAN);
        }
        let mut times = times.to_vec();
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
        (at(0.5), at(0.99))
    }
}

enum Fate {
    Done,
    Refused,
    Other,
}

/// Asks `rate` times a second for `span`, and waits for the last answer.
pub async fn arrive(
    wire: &Arc<Wire>,
    rate: f64,
    span: Duration,
    request: impl Fn() -> Vec<u8>,
) -> anyhow::Result<Told> {
    let began = Instant::now();
    let mut asked = Vec::new();
    for number in 0..(rate * span.as_secs_f64()) as u32 {
        let due = began + Duration::from_secs_f64(f64::from(number) / rate);
        sleep_until(due).await;
        let (wire, request) = (Arc::clone(wire), request());
        asked.push(tokio::spawn(async move {
            let answer = wire.ask(&request).await;
            let told = Instant::now();
            let fate = match answer {
                Ok(answer) if matches!(answer.status, 200 | 303) => Fate::Done,
                Ok(answer) if answer.status == 503 && answer.header("retry-after:").is_some() => {
                    Fate::Refused
                }
                Ok(answer) => {
                    say_once(&format!(
                        "{} {}",
                        answer.status,
                        String::from_utf8_lossy(&answer.body)
                    ));
                    Fate::Other
                }
                Err(error) => {
                    say_once(&error.to_string());
                    Fate::Other
                }
            };
            (fate, told, (told - due).as_secs_f64() * 1000.0)
        }));
    }
    let mut all = Told::default();
    for one in asked {
        let (fate, told, millis) = one.await?;
        match fate {
            Fate::Done => {
                all.done.push(millis);
                all.in_time += usize::from(told <= began + span);
            }
            Fate::Refused => all.refused.push(millis),
            Fate::Other => all.other += 1,
        }
    }
    Ok(all)
}

/// Says what nobody expected, but only the first time.
fn say_once(what: &str) {
    static SAID: std::sync::Once = std::sync::Once::new();
    SAID.call_once(|| {
        eprintln!(
            "neither done nor 503: {}",
            what.chars().take(400).collect::<String>()
        )
    });
}

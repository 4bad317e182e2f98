//! `bench`: what the gateway itself adds to a start in Temporal (docs/cost.md).

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::Args;
use reqwest::StatusCode;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};
use uuid::Uuid;

use crate::cli::Invocation;
use crate::cli::exit::Failure;
use crate::cli::say::say;
use crate::cli::server::Server;
use crate::temporal::Gateway;
use crate::temporal::connect::install_crypto;

/// Starts that are made before any is counted: connections are made, caches are warm.
const WARM: u32 = 20;

/// Measure what the gateway adds to a start in Temporal: pings through it beside the same call made
/// directly, at a steady rate that waits for no answer
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    server: Server,
    /// Starts a second of each kind
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rate: u32,
    /// How long
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

/// What one kind of start took, in order.
struct Taken(Vec<Duration>);

impl Taken {
    /// In milliseconds; of so many hundredths.
    fn percentile(&self, of_hundred: usize) -> f64 {
        let place = (self.0.len() * of_hundred).div_ceil(100).max(1) - 1;
        self.0.get(place).copied().unwrap_or_default().as_secs_f64() * 1_000.0
    }
}

/// # Errors
/// No gateway, no Temporal, or a start that one of them refused.
pub async fn run(options: Options, invocation: &Invocation) -> Result<ExitCode, Failure> {
    install_crypto();
    let settings = invocation.settings()?;
    let direct = Gateway::new(&settings.temporal, &settings.worker.task_queue, None);
    let by_gateway = ByGateway {
        url: options.server.url("/workflows/ping")?,
        client: options.server.client()?,
        server: options.server.clone(),
    };
    for _ in 0..WARM {
        by_gateway.start().await?;
        start_directly(&direct).await?;
    }
    let (mut through, mut beside) = (JoinSet::new(), JoinSet::new());
    // One of each, half a period apart: whatever the machine does meets both.
    let mut ticks = interval(Duration::from_secs(1) / (2 * options.rate));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for start in 0..2 * options.rate * options.seconds {
        ticks.tick().await;
        if is_through(start) {
            let by_gateway = by_gateway.clone();
            through.spawn(async move { by_gateway.start().await });
        } else {
            let direct = direct.clone();
            beside.spawn(async move { start_directly(&direct).await });
        }
    }
    let (through, beside) = (taken(through).await?, taken(beside).await?);
    tell(&options, &through, &beside);
    Ok(ExitCode::SUCCESS)
}

/// Which of the two is next: the sequence of Thue and Morse. Each pair has one of either kind, and
/// neither kind comes in a rhythm that something else on the machine may share.
fn is_through(start: u32) -> bool {
    start.count_ones().is_multiple_of(2)
}

/// Starts through the gateway.
#[derive(Clone)]
struct ByGateway {
    url: reqwest::Url,
    client: reqwest::Client,
    server: Server,
}

impl ByGateway {
    async fn start(&self) -> Result<Duration, Failure> {
        let begun = Instant::now();
        let request = self.client.post(self.url.clone()).header("prefer", "respond-async");
        let (status, body) = self.server.answer(request).await?;
        if status != StatusCode::ACCEPTED {
            let refusal = self.server.refusal(status, &body);
            return Err(anyhow!("a start was refused: {refusal}").into());
        }
        Ok(begun.elapsed())
    }
}

/// The call that the gateway makes for it.
async fn start_directly(gateway: &Gateway) -> Result<Duration, Failure> {
    let begun = Instant::now();
    let id = format!("ap-ping-bench-{}", Uuid::now_v7().simple());
    gateway.ping(&id, Duration::ZERO).await.context("a direct start was refused")?;
    Ok(begun.elapsed())
}

async fn taken(starts: JoinSet<Result<Duration, Failure>>) -> Result<Taken, Failure> {
    let mut taken = starts.join_all().await.into_iter().collect::<Result<Vec<_>, _>>()?;
    taken.sort();
    Ok(Taken(taken))
}

fn tell(options: &Options, through: &Taken, beside: &Taken) {
    let added = |of| through.percentile(of) - beside.percentile(of);
    if options.json {
        let of =
            |taken: &Taken| json!({"p50_ms": taken.percentile(50), "p99_ms": taken.percentile(99)});
        let figures = json!({"starts": through.0.len(), "rate": options.rate, "gateway": of(through),
            "direct": of(beside), "added": {"p50_ms": added(50), "p99_ms": added(99)}});
        return say(format!("{figures:#}"));
    }
    let line =
        |name: &str, p50: f64, p99: f64| format!("{name:<8} p50 {p50:8.3} ms  p99 {p99:8.3} ms");
    say(format!("{} starts of each kind, {} a second", through.0.len(), options.rate));
    say(line("gateway", through.percentile(50), through.percentile(99)));
    say(line("direct", beside.percentile(50), beside.percentile(99)));
    say(line("added", added(50), added(99)));
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Taken, is_through};

    #[test]
    fn each_pair_has_one_of_either_kind_and_both_come_first() {
        let pairs = (0..64).map(|pair| (is_through(2 * pair), is_through(2 * pair + 1)));
        let first: Vec<_> = pairs.clone().map(|(first, _)| first).collect();
        assert!(pairs.into_iter().all(|(first, second)| first != second));
        assert_eq!(first.iter().filter(|through| **through).count(), 32);
    }

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let taken = Taken((1..=200).map(Duration::from_millis).collect());
        let close = |of, wanted: f64| (taken.percentile(of) - wanted).abs() < 1e-6;
        assert!(close(50, 100.0) && close(99, 198.0) && close(100, 200.0));
        assert!(Taken(Vec::new()).percentile(99).abs() < 1e-6);
    }
}

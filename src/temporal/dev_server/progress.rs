//! Tells a person that something long is going on, and for how long already.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Without a terminal, a log line this often.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// A spinner with the time taken.
    Spinner,
    /// A log line now and then.
    Lines,
}

impl Progress {
    /// A spinner when standard error is a terminal, lines otherwise.
    pub fn on_stderr() -> Self {
        if std::io::stderr().is_terminal() { Self::Spinner } else { Self::Lines }
    }

    /// Does `work`, and says meanwhile that it is being done.
    pub async fn during<F: Future>(self, what: &str, work: F) -> F::Output {
        let shown = async {
            match self {
                Self::Spinner => spin(what).await,
                Self::Lines => log(what).await,
            }
        };
        tokio::select! {
            done = work => done,
            never = shown => match never {},
        }
    }
}

/// Clears the line when it is dropped.
struct Spinner(ProgressBar);

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

async fn spin(what: &str) -> std::convert::Infallible {
    let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
    let style = style.expect("the template is well formed");
    let spinner = Spinner(ProgressBar::new_spinner().with_style(style));
    spinner.0.set_message(what.to_owned());
    spinner.0.enable_steady_tick(Duration::from_millis(120));
    std::future::pending().await
}

async fn log(what: &str) -> std::convert::Infallible {
    let since = Instant::now();
    loop {
        tracing::info!(elapsed_seconds = since.elapsed().as_secs(), "{what}");
        tokio::time::sleep(LINE_EVERY).await;
    }
}

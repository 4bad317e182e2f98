//! How long an ended worker rests before it starts again.

use std::time::Duration;

use crate::config;

/// Doubles with each failure in a row, up to the longest; `chance` takes away up to a quarter, so
/// that replicas that lost one server do not come back in one moment.
pub(crate) fn pause(settings: &config::Worker, failures: u32, chance: u8) -> Duration {
    let min = Duration::from_millis(settings.restart_milliseconds_min);
    let max = Duration::from_secs(settings.restart_seconds_max);
    let doubled = min.saturating_mul(2u32.saturating_pow(failures.saturating_sub(1)));
    let longest = doubled.min(max.max(min));
    longest - longest * u32::from(chance) / (4 * 255)
}

#[cfg(test)]
mod tests {
    use super::pause;
    use crate::config;
    use std::time::Duration;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let settings = config::Worker::default();
        let ms = |failures| pause(&settings, failures, 0).as_millis();
        assert_eq!([ms(0), ms(1), ms(2), ms(3)], [500, 500, 1000, 2000]);
        assert_eq!([ms(7), ms(40), ms(u32::MAX)], [30_000; 3]);
    }

    #[test]
    fn chance_takes_at_most_a_quarter() {
        let settings = config::Worker::default();
        assert_eq!(pause(&settings, 3, 255), Duration::from_millis(1500));
    }
}

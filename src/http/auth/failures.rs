//! Failed logins, counted by address: a few a minute are mistakes, more are not.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::http::proxies::site;

/// From the first of an address on.
const WINDOW: Duration = Duration::from_mins(1);

/// Addresses that are counted at once, some 64 bytes each. Who has more of them than this is not
/// stopped by counting.
const ADDRESSES_MAX: usize = 10_000;

/// Who failed lately.
pub(super) struct Failures {
    max: u32,
    seen: Mutex<HashMap<IpAddr, Window>>,
}

#[derive(Clone, Copy)]
struct Window {
    began: Instant,
    failures: u32,
}

impl Window {
    fn is_over(&self, now: Instant) -> bool {
        now.duration_since(self.began) >= WINDOW
    }
}

impl Failures {
    /// So many a minute are mistakes.
    pub(super) fn up_to(max: u32) -> Self {
        Self { max, seen: Mutex::default() }
    }

    /// Counts one; the error is the time until the next one is answered as such.
    pub(super) fn note(&self, address: Option<IpAddr>, now: Instant) -> Result<(), Duration> {
        // Without an address there is no network: one caller.
        let source = site(address.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED)));
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= ADDRESSES_MAX && !seen.contains_key(&source) {
            seen.retain(|_, window| !window.is_over(now));
            if seen.len() >= ADDRESSES_MAX {
                seen.clear();
            }
        }
        let window = seen.entry(source).or_insert(Window { began: now, failures: 0 });
        if window.is_over(now) {
            *window = Window { began: now, failures: 0 };
        }
        window.failures = window.failures.saturating_add(1);
        if window.failures <= self.max {
            return Ok(());
        }
        let left = WINDOW.saturating_sub(now.duration_since(window.began));
        Err(left.max(Duration::from_secs(1)))
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::{Duration, Instant};

    use super::{ADDRESSES_MAX, Failures};

    fn at(text: &str) -> Option<IpAddr> {
        Some(text.parse().expect("an address"))
    }

    #[test]
    fn ten_a_minute_are_mistakes_and_the_eleventh_waits() {
        let (failures, start) = (Failures::up_to(10), Instant::now());
        for second in 0..10 {
            let now = start + Duration::from_secs(second);
            assert_eq!(failures.note(at("192.0.2.1"), now), Ok(()), "{second}");
        }
        let late = start + Duration::from_secs(20);
        assert_eq!(failures.note(at("192.0.2.1"), late), Err(Duration::from_secs(40)));
        let mapped = failures.note(at("::ffff:192.0.2.1"), late);
        assert_eq!(mapped, Err(Duration::from_secs(40)), "the same address in another form");
        assert_eq!(failures.note(at("192.0.2.2"), late), Ok(()), "another address");
        let next = start + Duration::from_mins(1);
        assert_eq!(failures.note(at("192.0.2.1"), next), Ok(()), "another minute");
    }

    #[test]
    fn a_network_of_ipv6_is_one_address_and_all_of_them_are_bounded() {
        let (failures, now) = (Failures::up_to(10), Instant::now());
        for host in 1..=10 {
            assert_eq!(failures.note(at(&format!("2001:db8::{host}")), now), Ok(()));
        }
        assert!(failures.note(at("2001:db8::ffff"), now).is_err());
        assert!(failures.note(at("2001:db8:0:1::1"), now).is_ok());
        for network in 0..20_000_u32 {
            let address = std::net::Ipv4Addr::from(network).into();
            let _ = failures.note(Some(address), now);
        }
        let seen = failures.seen.lock().expect("not poisoned").len();
        assert!(seen <= ADDRESSES_MAX, "{seen}");
    }
}

//! Which ports the server listens on.

use std::io;
use std::net::{Ipv4Addr, TcpListener};

use crate::temporal::dev_server::DevServerError;

/// Where everybody looks for Temporal, and for its web UI.
const USUAL: (u16, u16) = (7233, 8233);

/// Two ports that were free a moment ago, and stay so until [`Ports::release`].
pub(super) struct Ports {
    frontend: TcpListener,
    ui: TcpListener,
}

impl Ports {
    /// The ports that were asked for; without a wish the usual ones, or any that are free.
    ///
    /// # Errors
    /// A port that was asked for is busy, or no port is free.
    pub(super) fn choose(port: Option<u16>, ui_port: Option<u16>) -> Result<Self, DevServerError> {
        Self::among(port, ui_port, USUAL)
    }

    /// The same, but never the usual ones unless they were asked for.
    ///
    /// # Errors
    /// A port that was asked for is busy, or no port is free.
    pub(super) fn choose_unusual(
        port: Option<u16>,
        ui_port: Option<u16>,
    ) -> Result<Self, DevServerError> {
        const ANY: (u16, u16) = (0, 0);
        Self::among(port, ui_port, ANY)
    }

    fn among(
        port: Option<u16>,
        ui_port: Option<u16>,
        first: (u16, u16),
    ) -> Result<Self, DevServerError> {
        let frontend = listen(port, first.0, "--temporal-port")?;
        let ui = listen(ui_port, first.1, "--ui-port")?;
        Ok(Self { frontend, ui })
    }

    /// Lets go of both; the numbers are frontend and UI.
    pub(super) fn release(self) -> (u16, u16) {
        let number = |listener: &TcpListener| {
            let address = listener.local_addr();
            address.expect("a bound socket has an address").port()
        };
        (number(&self.frontend), number(&self.ui))
    }
}

fn listen(
    wanted: Option<u16>,
    first: u16,
    flag: &'static str,
) -> Result<TcpListener, DevServerError> {
    let busy = |port| move |source: io::Error| DevServerError::Port { port, flag, source };
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    match wanted {
        Some(port) => bind(port).map_err(busy(port)),
        None => bind(first).or_else(|_| bind(0)).map_err(busy(0)),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::{DevServerError, Ports};

    #[test]
    fn a_busy_port_is_named_with_its_option() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = taken.local_addr().expect("an address").port();
        let refused =
            |result: Result<Ports, DevServerError>| result.err().expect("busy").to_string();
        let text = refused(Ports::choose(Some(port), None));
        assert!(text.starts_with(&format!("port {port} is in use")), "{text}");
        assert!(text.ends_with("choose another with --temporal-port"), "{text}");
        let text = refused(Ports::choose(None, Some(port)));
        assert!(text.ends_with("choose another with --ui-port"), "{text}");
    }

    #[test]
    fn two_servers_get_four_ports() {
        let first = Ports::choose(None, None).expect("ports");
        let second = Ports::choose(None, None).expect("ports");
        let (first, second) = (first.release(), second.release());
        let mut all = vec![first.0, first.1, second.0, second.1];
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 4);
    }
}

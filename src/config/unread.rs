//! Variables under our name that nobody reads: most of them are mistyped.

use crate::config::{Environment, variable_names};

/// What ours are called.
const PREFIX: &str = "AP_GATEWAY_";

/// Read elsewhere: by the commands that talk to a gateway, by the build, by tests and scripts.
const ELSEWHERE: [&str; 9] = [
    "AP_GATEWAY_SERVER",
    "AP_GATEWAY_KEY",
    "AP_GATEWAY_REVISION",
    "AP_GATEWAY_HISTORIES",
    "AP_GATEWAY_SCREENSHOTS",
    "AP_GATEWAY_SHARED",
    "AP_GATEWAY_SUITES",
    "AP_GATEWAY_TEST_HOLDS",
    "AP_GATEWAY_VECTORS",
];

/// Kubernetes sets these in every container beside a Service of the name `ap-gateway`.
const OF_SERVICES: [&str; 2] = ["AP_GATEWAY_SERVICE_", "AP_GATEWAY_PORT"];

/// The names of variables that are ours by their name, and read by nobody, in order.
pub fn unread(environment: &Environment) -> Vec<&str> {
    let known = |name: &str| {
        variable_names().any(|known| known == name)
            || ELSEWHERE.contains(&name)
            || OF_SERVICES.iter().any(|start| name.starts_with(start))
    };
    let names = environment.keys().map(String::as_str);
    let mut unread: Vec<_> =
        names.filter(|name| name.starts_with(PREFIX) && !known(name)).collect();
    unread.sort_unstable();
    unread
}

#[cfg(test)]
mod tests {
    use super::unread;

    #[test]
    fn a_mistyped_variable_is_found_among_those_that_are_read() {
        let names = [
            "AP_GATEWAY_WORKERS",
            "AP_GATEWAY_DRIAN_SECONDS",
            "AP_GATEWAY_DRAIN_SECONDS",
            "AP_GATEWAY_CONFIG",
            "AP_GATEWAY_OIDC_CLIENT_SECRET",
            "AP_GATEWAY_SERVER",
            "AP_GATEWAY_SUITES",
            "AP_GATEWAY_SERVICE_PORT_HTTP",
            "AP_GATEWAY_PORT_8080_TCP_ADDR",
            "TEMPORAL_ADRESS",
            "PATH",
        ];
        let set = names.iter().map(|name| ((*name).to_owned(), "1".to_owned())).collect();
        assert_eq!(unread(&set), ["AP_GATEWAY_DRIAN_SECONDS", "AP_GATEWAY_WORKERS"]);
    }
}

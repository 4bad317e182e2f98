//! Policies that come with the gateway, named after the practice that they are for.

/// A policy to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadyMade {
    /// As `policy show` takes it, and as its file is called.
    pub name: &'static str,
    /// For whom it is.
    pub purpose: &'static str,
    /// The document, with its comments.
    pub text: &'static str,
}

/// The policies of docs/policies.
pub const READY_MADE: [ReadyMade; 3] = [
    ReadyMade {
        name: "strict-three-way",
        purpose: "goods: ordered, received and billed agree to the cent",
        text: include_str!("../../../docs/policies/strict-three-way.toml"),
    },
    ReadyMade {
        name: "two-way-services",
        purpose: "services: billed against the order by money, nothing is booked in",
        text: include_str!("../../../docs/policies/two-way-services.toml"),
    },
    ReadyMade {
        name: "tolerant-low-value",
        purpose: "many small purchases: small differences pass, large ones never",
        text: include_str!("../../../docs/policies/tolerant-low-value.toml"),
    },
];

/// The policy of this name.
pub fn ready_made(name: &str) -> Option<&'static ReadyMade> {
    READY_MADE.iter().find(|known| known.name == name)
}

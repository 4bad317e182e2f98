//! Why nobody is logged in: for log and metrics. The caller hears one text for all.

/// Makes the enum and its words.
macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// Why nobody is logged in.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Refusal {
            $($(#[$doc])* $name,)*
        }

        impl Refusal {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word in logs and labels.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

refusals! {
    /// No `Authorization` header.
    Missing = "missing";
    /// A header that is no bearer, or a bearer that is neither key nor token.
    Malformed = "malformed";
    /// No such key: never made, revoked, or with another secret; a token of an unknown key.
    Unknown = "unknown";
    /// Its time is over.
    Expired = "expired";
    /// Its time has not come.
    NotYet = "not_yet";
    /// A token that is signed in a way that is not taken.
    Algorithm = "algorithm";
    /// A token that somebody else signed, or that was altered.
    Signature = "signature";
    /// A token of another issuer, or for another audience.
    Elsewhere = "elsewhere";
    /// A token that lacks a claim, or has an odd one.
    Claims = "claims";
    /// An answer of the provider to a sign-in that this browser did not begin, or long ago.
    State = "state";
    /// A code that the provider does not take: used, expired, or another's.
    Code = "code";
    /// An ID token of another sign-in.
    Nonce = "nonce";
}

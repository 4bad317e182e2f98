//! Headers that many answers have: each is described once, and the answers refer to it.

use std::collections::BTreeMap;

use utoipa::openapi::header::Header;
use utoipa::openapi::schema::Type;
use utoipa::openapi::{Ref, RefOr};

use crate::http::error::Slug;
use crate::http::error::openapi::header;

/// On every answer.
pub(super) const REQUEST_ID: &str = "X-Request-Id";

/// On every answer behind [`quota`](crate::http::layers::quota) to a caller who is known.
pub(super) const METERED: [&str; 2] = ["RateLimit-Policy", "RateLimit"];

/// On what may be compressed, on what may wait, and on what there is in several types.
pub(super) const VARY: &str = "Vary";

/// On every item.
pub(super) const ETAG: &str = "ETag";

const RETRY_AFTER: &str = "Retry-After";
const WWW_AUTHENTICATE: &str = "WWW-Authenticate";
const ALLOW: &str = "Allow";
const ACCEPT: &str = "Accept";
const ACCEPT_ENCODING: &str = "Accept-Encoding";

/// All of them: name, type, and what it tells.
const ALL: [(&str, Type, &str); 10] = [
    (REQUEST_ID, Type::String, "Finds the request in the log."),
    (
        METERED[0],
        Type::String,
        "What the caller may ask for in a window of `w` seconds, such as `\"read\";q=600;w=60`. Sent \
         where the gateway asks who calls and has a quota.",
    ),
    (
        METERED[1],
        Type::String,
        "What is left of it, and in how many seconds there is more, such as `\"read\";r=599;t=60`.",
    ),
    (
        VARY,
        Type::String,
        "Headers of the request that the answer depends on: `Accept-Encoding` where it is long \
         enough to be compressed, `Prefer` where it may wait, `Accept` where there are several \
         types of it.",
    ),
    (ETAG, Type::String, "The validator: what the caller has is the present state."),
    (RETRY_AFTER, Type::Integer, "Seconds after which to send the request again."),
    (WWW_AUTHENTICATE, Type::String, "`Bearer`: how to log in."),
    (ALLOW, Type::String, "The methods of this path."),
    (ACCEPT, Type::String, "The media types that are taken here."),
    (
        ACCEPT_ENCODING,
        Type::String,
        "Always `identity`, after a `Content-Encoding`: send the bytes as they are.",
    ),
];

/// The headers as components of the document.
pub(super) fn components() -> BTreeMap<String, RefOr<Header>> {
    let described =
        |(name, kind, text): (&str, Type, &str)| (name.to_owned(), RefOr::T(header(kind, text)));
    ALL.into_iter().map(described).collect()
}

/// Where an answer has one of them.
pub(super) fn referred(name: &str) -> (String, RefOr<Header>) {
    (name.to_owned(), RefOr::Ref(Ref::new(format!("#/components/headers/{name}"))))
}

/// Those of a refusal that is of one of these types.
pub fn of_refusal(slugs: &[Slug]) -> BTreeMap<String, RefOr<Header>> {
    let any = |tells: fn(Slug) -> bool| slugs.iter().any(|slug| tells(*slug));
    let mut names = vec![REQUEST_ID];
    if any(Slug::comes_back) {
        names.push(RETRY_AFTER);
    }
    if any(|slug| slug == Slug::Unauthenticated) {
        names.push(WWW_AUTHENTICATE);
    }
    if any(|slug| slug == Slug::MethodNotAllowed) {
        names.push(ALLOW);
    }
    if any(|slug| slug == Slug::UnsupportedMediaType) {
        names.extend([ACCEPT, ACCEPT_ENCODING]);
    }
    if any(|slug| matches!(slug, Slug::InvalidRequest | Slug::ValidationFailed)) {
        // Many faults are a long document.
        names.push(VARY);
    }
    if any(|slug| !slug.is_before_the_quota()) {
        names.extend(METERED);
    }
    names.into_iter().map(referred).collect()
}

impl Slug {
    /// Whether its refusals say in `Retry-After` when to come back.
    pub fn comes_back(self) -> bool {
        matches!(self.status().as_u16(), 429 | 503 | 504) || self == Self::NotProducedYet
    }

    /// Whether it is always said before a request is counted: the layers outside that of the quota
    /// say it ([`layers`](crate::http::layers)).
    fn is_before_the_quota(self) -> bool {
        matches!(
            self,
            Self::Unauthenticated
                | Self::Forbidden
                | Self::MethodNotAllowed
                | Self::UriTooLong
                | Self::MisdirectedRequest
                | Self::NotImplemented
                | Self::Draining
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, METERED};
    use crate::http::layers::quota::{RATELIMIT, RATELIMIT_POLICY};

    #[test]
    fn headers_are_called_as_they_are_sent() {
        for (name, sent) in METERED.into_iter().zip([RATELIMIT_POLICY, RATELIMIT]) {
            assert!(name.eq_ignore_ascii_case(sent.as_str()), "{name}");
        }
        let mut names = ALL.map(|(name, _, _)| name);
        names.sort_unstable();
        assert!(names.windows(2).all(|two| two[0] != two[1]), "{names:?}");
    }
}

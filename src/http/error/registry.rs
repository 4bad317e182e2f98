//! Every type of problem, once: slug, status, title and the text of its page.

use axum::http::StatusCode;

/// Makes the enum; the doc comment of a variant is the text of its page.
macro_rules! problems {
    ($($(#[doc = $text:literal])+ $name:ident = $slug:literal, $status:ident, $title:literal;)*) => {
        /// The types of problem that the gateway sends.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Slug {
            $($(#[doc = $text])+ $name,)*
        }

        impl Slug {
            /// All of them, by status.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The last part of the type's reference.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $slug,)* }
            }

            /// The status that always goes with it.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// The title, fixed for a type.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// What it means and what to do, for people.
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => concat!($($text,)+),)* }
            }
        }
    };
}

problems! {
    /// The syntax of the request is wrong: its JSON, query, headers or form, or its body was cut
    /// short. `errors` names each place. Correct it and send it again.
    InvalidRequest = "invalid-request", BAD_REQUEST, "The request is malformed";
    /// An Idempotency-Key is 1 to 255 visible ASCII characters, sent once, plain or as a quoted
    /// string.
    IdempotencyKeyInvalid = "idempotency-key-invalid", BAD_REQUEST, "The Idempotency-Key is malformed";
    /// This request needs an Idempotency-Key: without one a repetition could not be told from a new
    /// request. Choose one for each intent and send it again.
    IdempotencyKeyMissing = "idempotency-key-missing", BAD_REQUEST, "The Idempotency-Key is missing";
    /// The page token was altered, is older than 24 hours, or belongs to a list with other
    /// filters. Start the list again without a token.
    InvalidPageToken = "invalid-page-token", BAD_REQUEST, "The page token is not valid here";
    /// What the identity provider answered belongs to no sign-in that this browser began in the last
    /// 10 minutes at this address, or was used already. Nobody was signed in. Begin again.
    SignInUnknown = "sign-in-unknown", BAD_REQUEST, "No such sign-in was begun here";
    /// Another person must do this: nobody approves what they handed in, corrected or released a
    /// hold on, or whose supplier's accounts they changed lately, and nobody counts twice.
    FourEyes = "four-eyes", FORBIDDEN, "Another person must do this";
    /// This needs a login: send `Authorization: Bearer` with an API key or a token. The one that
    /// was sent is unknown, expired or revoked, or none was sent; the log says which.
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "Not logged in";
    /// The caller is known, but none of its roles opens this route. `required_roles` names those
    /// that do.
    Forbidden = "forbidden", FORBIDDEN, "The role is missing";
    /// A form of the dashboard came from elsewhere than a page of this gateway, or from a page of
    /// another session. Nothing was done. Open the page again and send it from there.
    CrossSiteRequest = "cross-site-request", FORBIDDEN, "The form is from elsewhere";
    /// The identity provider did not let this person sign in, or the person stopped there. Sign in
    /// again, or ask whoever runs the provider.
    SignInRefused = "sign-in-refused", FORBIDDEN, "The identity provider refused the sign-in";
    /// Nothing is at this address: the path or the id is unknown.
    NotFound = "not-found", NOT_FOUND, "Not found";
    /// The resource exists, but this part of it is not made yet. Ask again after the seconds of
    /// Retry-After.
    NotProducedYet = "not-produced-yet", NOT_FOUND, "Not produced yet";
    /// The path exists, but not with this method. `allowed` and the Allow header name those that
    /// it has.
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "Method not allowed";
    /// The Accept header admits none of the types that this address has. `available` names them.
    NotAcceptable = "not-acceptable", NOT_ACCEPTABLE, "Not acceptable";
    /// The body stalled or took too long as a whole. Nothing was kept. Send it again.
    RequestTimeout = "request-timeout", REQUEST_TIMEOUT, "The body did not arrive in time";
    /// This is not possible now: the resource is in another state, or moved on since it was looked
    /// at. `status_now` and `revision` tell where it is; look at it and decide again.
    StateConflict = "state-conflict", CONFLICT, "Not possible in the present state";
    /// The invoice came to its end; nothing can be decided about it any more. `status_now` tells
    /// how it ended, `closed_at` when.
    InvoiceClosed = "invoice-closed", CONFLICT, "The invoice is closed";
    /// The run is over, so it cannot be ended. `status_now` tells how it ended, `closed_at` when.
    WorkflowFinished = "workflow-finished", CONFLICT, "The workflow is finished";
    /// Something with the same natural key is there already and says something else. `id` and
    /// `revision` tell what; to replace it, send that revision plus one.
    ResourceExists = "resource-exists", CONFLICT, "Other content exists under this key";
    /// A run that was started by somebody else, or for something else, has the workflow id that this
    /// request would use. `id` names what was to be made. Nothing was started; send the request
    /// under another Idempotency-Key, and let an operator look at that run.
    WorkflowExists = "workflow-exists", CONFLICT, "Another run has this workflow id";
    /// Nothing is sent to this webhook: its receiver answered 410, failed too often, or somebody
    /// disabled it. `disabled_reason` tells which. Enable it with PATCH, then try again.
    WebhookDisabled = "webhook-disabled", CONFLICT, "The webhook is disabled";
    /// The resource was changed since the caller looked at it: `If-Match` names an older state.
    /// `etag` is that of the present one. Look at it and try again.
    PreconditionFailed = "precondition-failed", PRECONDITION_FAILED, "The resource was changed meanwhile";
    /// It was kept as long as it had to be, and was removed then; `removed_at` tells when. It will
    /// not come back.
    Removed = "removed", GONE, "Removed at the end of its period";
    /// The body is larger than this address takes, or has more parts, items or lines; or what would
    /// be sent on is larger than Temporal takes. `limit` tells how much is taken, in `unit`: a word
    /// in the plural, such as `bytes`, `items` or `lines`.
    PayloadTooLarge = "payload-too-large", PAYLOAD_TOO_LARGE, "The body is too large";
    /// The request target is longer than `limit` bytes.
    UriTooLong = "uri-too-long", URI_TOO_LONG, "The request target is too long";
    /// The media type, charset or content encoding is not taken here, or the content is not what
    /// it is said to be. `accepted` names what is taken, `detected` what came.
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "Unsupported media type";
    /// The Host header names a host that this gateway does not serve. Add it to `allowed_hosts`
    /// of the configuration when it should.
    MisdirectedRequest = "misdirected-request", MISDIRECTED_REQUEST, "This host is not served here";
    /// The body is well formed, but its content cannot be accepted. `errors` names each place.
    ValidationFailed = "validation-failed", UNPROCESSABLE_ENTITY, "The content is not acceptable";
    /// The rules of the invoice's life say no to this decision. `reason_code` tells which, `detail`
    /// what to do instead. Nothing was recorded.
    DecisionRejected = "decision-rejected", UNPROCESSABLE_ENTITY, "The decision is not accepted";
    /// The same Idempotency-Key was sent before with another body. `id` is what it made then. Use
    /// a new key for a new intent.
    IdempotencyKeyReused = "idempotency-key-reused", UNPROCESSABLE_ENTITY, "The Idempotency-Key belongs to another request";
    /// The caller sent more than it may, or failed to log in too often. `violated_policies` names
    /// what was exceeded. Nothing was done; send it again after the seconds of Retry-After.
    QuotaExceeded = "quota-exceeded", TOO_MANY_REQUESTS, "Too many requests";
    /// A defect of the gateway. The request id finds it in the log.
    Internal = "internal", INTERNAL_SERVER_ERROR, "Internal error";
    /// A transfer coding other than `chunked` was used.
    NotImplemented = "not-implemented", NOT_IMPLEMENTED, "Not implemented";
    /// Temporal refused the credential of the gateway. Its operator must look.
    UpstreamCredentials = "upstream-credentials", BAD_GATEWAY, "The workflow service refused the gateway's credential";
    /// Temporal answered something that the gateway cannot use, or its namespace is missing. The
    /// operator must look.
    UpstreamError = "upstream-error", BAD_GATEWAY, "The workflow service answered with an error";
    /// The identity provider cannot be reached, refused the gateway or its code, or answered
    /// something that cannot be used. The log says which.
    IdentityProviderError = "identity-provider-error", BAD_GATEWAY, "The identity provider answered with an error";
    /// Temporal cannot be reached. Try again after the seconds of Retry-After.
    UpstreamUnavailable = "upstream-unavailable", SERVICE_UNAVAILABLE, "The workflow service is not reachable";
    /// The ledger, the document store or the identity provider cannot be reached: `store` names it.
    /// Try again after the seconds of Retry-After.
    StorageUnavailable = "storage-unavailable", SERVICE_UNAVAILABLE, "A store is not reachable";
    /// No worker polls, or the run cannot go on with the one that does, so nothing would be done
    /// now. Try again after the seconds of Retry-After.
    NoWorker = "no-worker", SERVICE_UNAVAILABLE, "No worker is running";
    /// Too much was asked of one run at once, mostly of the run of an invoice. Nothing was done. Try
    /// again after the seconds of Retry-After.
    InvoiceBusy = "invoice-busy", SERVICE_UNAVAILABLE, "Too much at once on one run";
    /// The gateway or Temporal has enough to do. Try again after the seconds of Retry-After.
    Overloaded = "overloaded", SERVICE_UNAVAILABLE, "Overloaded";
    /// The gateway is stopping. Send the same request again: another replica, or this one after
    /// its restart, takes it.
    Draining = "draining", SERVICE_UNAVAILABLE, "Shutting down";
    /// The deadline passed while the gateway waited for a store or for Temporal. `outcome` tells
    /// whether something may have been done, `retry_safe` whether to send it again.
    UpstreamTimeout = "upstream-timeout", GATEWAY_TIMEOUT, "The request did not finish in time";
    /// The identity provider did not answer within 5 seconds. Nobody was signed in; begin again.
    IdentityProviderTimeout = "identity-provider-timeout", GATEWAY_TIMEOUT, "The identity provider did not answer in time";
}

impl Slug {
    /// The type of that slug.
    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.as_str() == slug)
    }

    /// The type's reference, the same on every deployment; it opens a page.
    pub fn reference(self) -> String {
        format!("/docs/problems/{}", self.as_str())
    }

    /// The type for a refusal that came without one: a layer or library below us made it.
    pub fn of_status(status: StatusCode) -> Self {
        let plain = Self::ALL.iter().copied().find(|slug| slug.status() == status);
        match plain {
            Some(slug) => slug,
            None if status.is_client_error() => Self::InvalidRequest,
            None => Self::Internal,
        }
    }

    /// Whether `outcome` and `retry_safe` go with it.
    pub fn tells_outcome(self) -> bool {
        let status = self.status();
        status.is_server_error()
            || [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Slug;

    #[test]
    fn slugs_are_unique_short_words_and_are_found_again() {
        let mut seen = HashSet::new();
        for slug in Slug::ALL {
            let word = slug.as_str();
            assert!(seen.insert(word), "{word} twice");
            assert!(word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{word}");
            assert_eq!(Slug::parse(word), Some(*slug));
            assert!(!slug.text().is_empty() && !slug.title().ends_with('.'), "{word}");
        }
        assert!(Slug::ALL.is_sorted_by_key(|slug| slug.status().as_u16() / 100));
    }
}

//! The page that the `type` of a problem opens.

use axum::body::Body;
use axum::extract::RawPathParams;
use axum::http::{HeaderMap, Response};

use crate::http::answer::IfNoneMatch;
use crate::http::docs;
use crate::http::error::{ApiError, Slug};
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Query, accept};

/// `GET /docs/problems/{slug}`.
///
/// # Errors
/// 404 for a type that is not in the registry; 406.
pub async fn get_problem_page(
    params: RawPathParams,
    Query(NoParameters): Query<NoParameters>,
    conditions: IfNoneMatch,
    headers: HeaderMap,
) -> Result<Response<Body>, ApiError> {
    let slug = params.iter().find(|(name, _)| *name == "slug");
    let slug = slug.and_then(|(_, slug)| Slug::parse(slug));
    let slug = slug.ok_or_else(|| ApiError::not_found("problem"))?;
    accept::require(&headers, accept::HTML)?;
    Ok(docs::kept_html(&conditions, page(slug)))
}

/// All text comes from the registry, so there is nothing to escape.
fn page(slug: Slug) -> String {
    let (title, text) = (slug.title(), slug.text().trim());
    let (word, status) = (slug.as_str(), slug.status());
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <title>{title}</title>\n<h1>{title}</h1>\n\
         <p><code>{word}</code>, status {status}</p>\n<p>{text}</p>\n\
         <p><a href=\"/docs\">All operations</a></p>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::{Slug, page};

    #[test]
    fn texts_need_no_escaping() {
        for slug in Slug::ALL {
            let text = format!("{}{}", slug.title(), slug.text());
            assert!(!text.contains(['<', '>', '&', '"']), "{text}");
            assert!(page(*slug).contains(slug.title()));
        }
    }
}

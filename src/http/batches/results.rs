//! What becomes of one item while its request waits.

use crate::http::error::ApiError;
use crate::http::error::problem::Problem;
use crate::models::batch::ItemProblem;

/// A refusal as the result of one item.
///
/// # Errors
/// The refusal itself, when it is not the item's fault: a store that is away, a body that stalled.
pub(super) fn of_item(refusal: ApiError) -> Result<ItemProblem, ApiError> {
    let slug = refusal.0.slug;
    if slug.tells_outcome() {
        return Err(refusal);
    }
    let Problem { detail, mut members, errors, .. } = *refusal.0;
    if !errors.is_empty() {
        members.insert("errors".to_owned(), serde_json::json!(errors));
    }
    Ok(ItemProblem {
        kind: slug.reference(),
        title: slug.title().to_owned(),
        status: slug.status().as_u16(),
        detail,
        members,
    })
}

#[cfg(test)]
mod tests {
    use super::of_item;
    use crate::http::error::Slug;
    use crate::models::batch::Refusal;

    /// `models` cannot name the registry of problems, and says the same.
    #[test]
    fn refusals_after_the_answer_are_problems_of_the_registry() {
        for refusal in Refusal::ALL {
            let (slug, title, status) = refusal.words();
            let known = Slug::parse(slug).expect("a registered type");
            assert_eq!((known.title(), known.status().as_u16()), (title, status));
            assert_eq!(refusal.because("x").kind, known.reference());
        }
    }

    #[test]
    fn a_store_that_is_away_is_no_fault_of_an_item() {
        assert!(of_item(Slug::StorageUnavailable.error()).is_err());
        assert!(of_item(Slug::RequestTimeout.error()).is_err());
        let problem = of_item(Slug::UnsupportedMediaType.error().member("detected", "x"));
        assert_eq!(
            problem.ok().and_then(|problem| problem.members.get("detected").cloned()),
            Some("x".into())
        );
    }
}

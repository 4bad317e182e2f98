//! The query of a list: filters of every kind, and the page.

use ap_gateway::http::extract::query::Parameters;
use ap_gateway::http::lists::{Page, Walk};
use ap_gateway::models::money::Currency;
use ap_gateway::models::refs::BatchId;

/// Whether the list is there. What is taken is within its limits, and the link to the next page
/// says the same; what is not is named.
pub(crate) fn look(bytes: &[u8]) -> bool {
    let query = String::from_utf8_lossy(bytes);
    let Some((number, size)) = read(&query) else { return false };
    assert!((1..=200).contains(&size), "{size} items");
    let filters: Vec<_> = number.iter().map(|number| ("number", number.clone())).collect();
    let first = Page::read(&mut Parameters::parse(&format!("page_size={size}")));
    let walk = Walk::new("/invoices", filters, first, &[7; 32]);
    let page = walk.page(Vec::<&str>::new(), Some("inv_1"));
    let link = page.headers()["link"].to_str().expect("ASCII");
    let next =
        link.strip_prefix("</invoices?").and_then(|link| link.strip_suffix(">; rel=\"next\""));
    assert_eq!(read(next.expect("a link")), Some((number, size)), "{link}");
    true
}

fn read(query: &str) -> Option<(Option<String>, u32)> {
    let mut parameters = Parameters::parse(query);
    let number = parameters.text("number");
    parameters.parsed("currency", "a currency", |text| Currency::parse(text).ok());
    parameters.parsed("batch_id", "a batch", |text| BatchId::parse(text).ok());
    parameters.time("received_after");
    let page = Page::read(&mut parameters);
    match parameters.finish() {
        Ok(()) => {
            let fits = |text: &String| {
                (1..=255).contains(&text.chars().count()) && !text.chars().any(char::is_control)
            };
            assert!(number.as_ref().is_none_or(fits), "{number:?}");
            Some((number, page.size))
        }
        Err(error) => {
            assert!(!error.0.errors.is_empty(), "a refusal without a place");
            let named = error.0.errors.iter().all(|fault| fault.parameter.is_some());
            assert!(named, "{:?}", error.0.errors);
            None
        }
    }
}

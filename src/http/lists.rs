//! Lists: page size, page token, the next link.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::header::LINK;
use axum::http::{HeaderValue, Response, StatusCode};
use chrono::Utc;
use serde::Serialize;
use url::form_urlencoded;

use crate::http::answer;
use crate::http::error::ApiError;
use crate::http::extract::query::Parameters;
use crate::http::page_token::Signer;

/// Items of a page when the caller does not say.
const PAGE_SIZE_DEFAULT: u32 = 50;

/// Most items of a page; a larger wish is cut to it (AIP-158).
const PAGE_SIZE_MAX: u32 = 200;

/// Which page is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Items at most.
    pub size: u32,
    token: Option<String>,
}

impl Page {
    /// Takes `page_size` and `page_token`.
    pub fn read(parameters: &mut Parameters) -> Self {
        let wished = parameters.parsed("page_size", "a whole number from 0", size);
        let size = match wished.unwrap_or(0) {
            0 => PAGE_SIZE_DEFAULT,
            size => PAGE_SIZE_MAX.min(size),
        };
        Self { size, token: parameters.one("page_token") }
    }
}

/// Digits alone; more of them than fit are a wish like any other that is too large.
fn size(text: &str) -> Option<u32> {
    let number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    number.then(|| text.parse().unwrap_or(PAGE_SIZE_MAX))
}

/// A comma list as a filter: each word once, in the order of the alphabet, so that a token is good
/// for the same set however it is written. An empty list is no filter.
pub fn set(words: impl IntoIterator<Item = impl Into<String>>) -> Option<String> {
    let words: BTreeSet<String> = words.into_iter().map(Into::into).collect();
    (!words.is_empty()).then(|| Vec::from_iter(words).join(","))
}

/// One walk through a list: its address, and the filters in their order.
pub struct Walk {
    path: String,
    filters: Vec<(&'static str, String)>,
    page: Page,
    signer: Signer,
}

impl Walk {
    /// `filters` are those that were sent, with values written in one way.
    pub fn new(
        path: &str,
        filters: Vec<(&'static str, String)>,
        page: Page,
        secret: &[u8; 32],
    ) -> Self {
        let signer = Signer::new(secret, &format!("{path}?{}", query(&filters)));
        Self { path: path.to_owned(), filters, page, signer }
    }

    /// The last item of the page before, when a token came.
    ///
    /// # Errors
    /// 400 for a token that is not of this list.
    pub fn after<T>(&self, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, ApiError> {
        let Some(token) = &self.page.token else {
            return Ok(None);
        };
        let last = self.signer.open(token, Utc::now())?;
        Ok(parse(&last))
    }

    /// How many rows to ask for: one more than the page tells whether another follows.
    pub fn limit(&self) -> u32 {
        self.page.size + 1
    }

    /// The page: what fits of `rows`, and where the next begins.
    pub fn answer<Row, Item: Serialize>(
        &self,
        mut rows: Vec<Row>,
        key: impl Fn(&Row) -> &str,
        item: impl Fn(Row) -> Item,
    ) -> Response<Body> {
        let size = self.page.size as usize;
        let more = rows.len() > size;
        rows.truncate(size);
        let last = rows.last().filter(|_| more).map(|row| key(row).to_owned());
        self.page(rows.into_iter().map(item).collect(), last.as_deref())
    }

    /// A page whose end is known already: `last` is the key that the next one begins behind.
    pub fn page<Item: Serialize>(&self, items: Vec<Item>, last: Option<&str>) -> Response<Body> {
        let next = last.map(|last| self.signer.sign(last, Utc::now()));
        let page = Items { items, next_page_token: next.as_deref() };
        let mut response = answer::json(StatusCode::OK, &page);
        if let Some(token) = &next {
            response.headers_mut().insert(LINK, self.next_link(token));
        }
        response
    }

    fn next_link(&self, token: &str) -> HeaderValue {
        let mut parameters = self.filters.clone();
        parameters.push(("page_size", self.page.size.to_string()));
        parameters.push(("page_token", token.to_owned()));
        let link = format!("<{}?{}>; rel=\"next\"", self.path, query(&parameters));
        HeaderValue::from_str(&link).expect("form encoding is visible ASCII")
    }
}

fn query(parameters: &[(&'static str, String)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters).finish()
}

#[derive(Serialize)]
struct Items<'a, Item> {
    items: Vec<Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::{Page, Parameters, Walk, set};

    #[test]
    fn page_sizes_are_cut_and_nonsense_is_refused() {
        let table = [
            ("", Some(50)),
            ("page_size=0", Some(50)),
            ("page_size=7", Some(7)),
            ("page_size=007", Some(7)),
            ("page_size=201", Some(200)),
            ("page_size=1000000000", Some(200)),
            ("page_size=2147483648", Some(200)),
            ("page_size=99999999999", Some(200)),
            ("page_size=99999999999999999999999999999999999999999", Some(200)),
            ("page_size=-1", None),
            ("page_size=-99999999999", None),
            ("page_size=x", None),
            ("page_size=9x", None),
            ("page_size=1e3", None),
            ("page_size=1.0", None),
            ("page_size=", None),
            ("page_size=1&page_size=2", None),
        ];
        for (query, size) in table {
            let mut parameters = Parameters::parse(query);
            let page = Page::read(&mut parameters);
            let size_read = parameters.finish().ok().map(|()| page.size);
            assert_eq!(size_read, size, "{query}");
        }
    }

    #[test]
    fn a_set_is_written_in_one_way() {
        for words in [vec!["paid", "held"], vec!["held", "paid"], vec!["held", "paid", "held"]] {
            assert_eq!(set(words).as_deref(), Some("held,paid"));
        }
        assert_eq!(set(["held"]).as_deref(), Some("held"));
        assert_eq!(set([""; 0]), None);
    }

    #[test]
    fn the_next_link_leads_on_and_the_last_page_has_none() {
        let page = |query| Page::read(&mut Parameters::parse(query));
        let filters = vec![("number", "a&b".to_owned())];
        let walk = Walk::new("/invoices", filters.clone(), page("page_size=2"), &[1; 32]);
        let rows = || vec!["c".to_owned(), "b".to_owned(), "a".to_owned()];
        let response = walk.answer(rows(), |row| row, |row| row);
        let link = response.headers()["link"].to_str().expect("ASCII").to_owned();
        let link = link.strip_prefix("</invoices?").expect("a relative link");
        let link = link.strip_suffix(">; rel=\"next\"").expect("a link");
        assert!(link.starts_with("number=a%26b&page_size=2&page_token="), "{link}");
        let token = link.rsplit_once('&').expect("a token").1;
        let walk = Walk::new("/invoices", filters, page(token), &[1; 32]);
        assert_eq!(walk.after(|last| Some(last.to_owned())).ok(), Some(Some("b".to_owned())));
        let response = walk.answer(rows(), |row| row, |row| row);
        assert!(!response.headers().contains_key("link"));
    }
}

//! What a refusal says, in one line.

use reqwest::StatusCode;
use serde_json::Value;

use crate::cli::say::shown;

/// Whether it is a problem document (RFC 9457). A gateway refuses with nothing else.
pub(super) fn is_problem(body: &Value) -> bool {
    body["title"].is_string()
}

/// What a problem document says.
pub fn problem_text(status: StatusCode, body: &Value) -> String {
    let title = body["title"].as_str().unwrap_or("no problem document came");
    let mut line = format!("{}: {title}", status.as_u16());
    let detail = body["detail"].as_str().unwrap_or_default();
    let faults = body["errors"].as_array().filter(|faults| !faults.is_empty());
    let sentence = detail.trim_end_matches('.');
    // Some details are their title once more.
    if sentence != title && !detail.is_empty() {
        line.push_str(&format!(": {}", if faults.is_some() { sentence } else { detail }));
    }
    for fault in faults.into_iter().flatten() {
        // An empty pointer is the whole body.
        let member = |name: &str| fault[name].as_str().filter(|text| !text.is_empty());
        let place = member("pointer").or(member("parameter")).unwrap_or("body");
        line.push_str(&format!("; {place}: {}", member("detail").unwrap_or("refused")));
    }
    shown(&line)
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use serde_json::json;

    use super::problem_text;

    #[test]
    fn a_problem_is_told_once_with_the_place_of_each_fault() {
        let table = [
            (json!({"title": "Not found"}), "422: Not found"),
            (json!({"title": "Not done", "detail": "It is paid."}), "422: Not done: It is paid."),
            (
                json!({"title": "The content is not acceptable", "detail": "The document is empty.",
                    "errors": [{"pointer": "", "detail": "the document has no bytes"}]}),
                "422: The content is not acceptable: The document is empty; body: the document has \
                 no bytes",
            ),
            (
                json!({"title": "The content is not acceptable",
                    "detail": "The content is not acceptable.",
                    "errors": [{"pointer": "/lines/0", "detail": "is missing"},
                        {"pointer": "", "parameter": "page_size", "detail": "is no number"}]}),
                "422: The content is not acceptable; /lines/0: is missing; page_size: is no number",
            ),
            (json!({"title": "Bad\u{1b}[2J\n"}), "422: Bad\\u{1b}[2J\\n"),
            (json!(null), "422: no problem document came"),
        ];
        for (body, wanted) in table {
            assert_eq!(problem_text(StatusCode::UNPROCESSABLE_ENTITY, &body), wanted);
        }
    }
}

//! Keys that the client cannot name: with an empty segment, `.` or `..`, or a control character.
//! It refuses a whole page for one of them, so they are taken out before it reads the page.

use std::pin::Pin;

use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpService, ReqwestConnector,
};
use object_store::path::Path;
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;

/// Goes with the answer to a listing: keys that were taken out of it.
#[derive(Debug, Clone)]
pub(super) struct PassedOver(pub(super) Vec<String>);

/// Connects as the client does by itself, and looks through listings.
#[derive(Debug, Default)]
pub(super) struct Connector(ReqwestConnector);

#[derive(Debug)]
struct Service(HttpClient);

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Service(self.0.connect(options)?)))
    }
}

impl HttpService for Service {
    // What `#[async_trait]` would write, which is no dependency of ours.
    fn call<'s, 'a>(
        &'s self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'a>>
    where
        's: 'a,
        Self: 'a,
    {
        Box::pin(async move {
            let mut parameters = request.uri().query().unwrap_or_default().split('&');
            let lists = parameters.any(|parameter| parameter == "list-type=2");
            let answer = self.0.execute(request).await?;
            if !lists || !answer.status().is_success() {
                return Ok(answer);
            }
            let (mut head, body) = answer.into_parts();
            let page = body.bytes().await?;
            let Some((kept, passed_over)) = std::str::from_utf8(&page).ok().and_then(sifted) else {
                return Ok(HttpResponse::from_parts(head, page.into()));
            };
            head.extensions.insert(PassedOver(passed_over));
            Ok(HttpResponse::from_parts(head, kept.into()))
        })
    }
}

/// A page without the entries whose keys cannot be named, and those keys. Nothing for what is no
/// page: the client says what is wrong with it.
fn sifted(page: &str) -> Option<(String, Vec<String>)> {
    let mut reader = Reader::from_str(page);
    let (mut kept, mut passed_over) = (String::new(), Vec::new());
    let (mut rest, mut entry, mut text) = (0, 0, 0);
    let mut key = String::new();
    loop {
        let before = usize::try_from(reader.buffer_position()).ok()?;
        let event = reader.read_event().ok()?;
        let behind = usize::try_from(reader.buffer_position()).ok()?;
        match event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "Contents" | "CommonPrefixes" => entry = before,
                "Key" | "Prefix" => text = behind,
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "Key" | "Prefix" => key = unescape(page.get(text..before)?).ok()?.into_owned(),
                "Contents" | "CommonPrefixes" if Path::parse(&key).is_err() => {
                    kept.push_str(page.get(rest..entry)?);
                    rest = behind;
                    passed_over.push(std::mem::take(&mut key));
                }
                _ => {}
            },
            Event::Eof => break,
            _ => {}
        }
    }
    kept.push_str(page.get(rest..)?);
    Some((kept, passed_over))
}

#[cfg(test)]
mod tests {
    use super::sifted;

    const HEAD: &str = "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"urn:s3\">\
                        <Prefix>in//</Prefix><IsTruncated>false</IsTruncated>";

    fn page(keys: &[&str], prefixes: &[&str]) -> String {
        let keys = keys.iter().map(|key| {
            format!("<Contents><Key>{key}</Key><Owner><ID>a//b</ID></Owner></Contents>")
        });
        let prefixes = prefixes
            .iter()
            .map(|prefix| format!("<CommonPrefixes><Prefix>{prefix}</Prefix></CommonPrefixes>\n"));
        let entries: String = keys.chain(prefixes).collect();
        format!("{HEAD}{entries}</ListBucketResult>")
    }

    #[test]
    fn only_entries_with_keys_that_cannot_be_named_are_taken_out() {
        let odd = ["in/..", "in/a&#x9;b &amp; c", "in/&#10;", "in/&#x1;"];
        let keys = ["in/a.xml", odd[0], odd[1], "in/b &lt;1&gt;.xml", odd[2], odd[3], "in/ü*~.xml"];
        let found = page(&keys, &["in//", "in/done/", "in/./"]);
        let (kept, passed_over) = sifted(&found).expect("a page");
        let named = ["in/a.xml", "in/b &lt;1&gt;.xml", "in/ü*~.xml"];
        // The line end of what was taken out stays.
        let left = page(&named, &["in/done/"]).replace("<CommonPrefixes>", "\n<CommonPrefixes>");
        assert_eq!(kept, left.replace("</ListBucketResult>", "\n</ListBucketResult>"));
        assert_eq!(passed_over, ["in/..", "in/a\tb & c", "in/\n", "in/\u{1}", "in//", "in/./"]);
    }

    #[test]
    fn what_is_no_listing_is_left_to_the_client() {
        for (nothing, text) in [(true, "<a><b></a>"), (true, "<a>&"), (false, ""), (false, "{}")] {
            let kept = sifted(text);
            assert!(kept.is_none() == nothing || kept.is_some_and(|(kept, _)| kept == text));
        }
    }
}

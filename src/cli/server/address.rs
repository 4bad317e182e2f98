//! `--server`: where a gateway is, perhaps below a path of a proxy.

use std::ffi::OsStr;
use std::fmt::{self, Display};

use anyhow::{Context, ensure};
use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Command};
use reqwest::Url;

/// What every refusal ends with.
const REMEDY: &str = "name it as http://HOST:PORT, https://HOST or https://HOST/PATH";

/// An address that carries nothing but host and path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address(Url);

impl Address {
    /// The text itself is in no message: it may hold a password.
    fn read(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("{error}; {REMEDY}"))?;
        let wrong = if !url.username().is_empty() || url.password().is_some() {
            "it holds a user name or a password, and AP_GATEWAY_KEY is what logs in; leave them out"
        } else if !matches!(url.scheme(), "http" | "https") {
            "it is neither http:// nor https://"
        } else if url.query().is_some() || url.fragment().is_some() {
            "it has a query (?) or a fragment (#)"
        } else {
            return Ok(Self(url));
        };
        Err(format!("{wrong}; {REMEDY}"))
    }

    /// Where a path of the gateway is. Links in its answers are such paths.
    ///
    /// # Errors
    /// What is no path, or would lead out of the address: the key would go to somebody else.
    pub(super) fn at(&self, path: &str) -> anyhow::Result<Url> {
        let said = || format!("{path:?} is no path of the gateway at {self}");
        ensure!(path.starts_with('/'), said());
        let url = Url::parse(&format!("{self}{path}")).with_context(said)?;
        let below = format!("{}/", self.0.path().trim_end_matches('/'));
        ensure!(url.path().starts_with(&below), said());
        Ok(url)
    }

    pub(super) fn is_secured(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The same place by the other scheme, for a remedy.
    pub(super) fn otherwise(&self) -> String {
        let text = self.to_string();
        match text.split_once("://") {
            Some(("https", rest)) => format!("http://{rest}"),
            Some((_, rest)) => format!("https://{rest}"),
            None => text,
        }
    }
}

impl Display for Address {
    /// Without a slash at its end, so that a path may follow.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// Reads an [`Address`]. The parser's own message would repeat the value, password and all.
#[derive(Debug, Clone)]
pub(super) struct AddressParser;

impl TypedValueParser for AddressParser {
    type Value = Address;

    fn parse_ref(
        &self,
        command: &Command,
        _argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Address, clap::Error> {
        let text = value.to_str().ok_or_else(|| format!("it is no UTF-8; {REMEDY}"));
        text.and_then(Address::read).map_err(|why| {
            let said = format!("--server (or AP_GATEWAY_SERVER) cannot be used: {why}\n");
            clap::Error::raw(ErrorKind::ValueValidation, said).with_cmd(command)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    fn at(address: &str, path: &str) -> String {
        let address = Address::read(address).expect("an address");
        address.at(path).map_or_else(|error| error.to_string(), String::from)
    }

    #[test]
    fn a_path_of_the_address_is_kept() {
        let table = [
            ("http://127.0.0.1:8080", "/invoices", "http://127.0.0.1:8080/invoices"),
            ("https://proxy/ap", "/invoices", "https://proxy/ap/invoices"),
            ("https://proxy/ap/", "/invoices", "https://proxy/ap/invoices"),
            (
                "https://proxy/a/b//",
                "/batches?known=replay",
                "https://proxy/a/b/batches?known=replay",
            ),
        ];
        for (address, path, wanted) in table {
            assert_eq!(at(address, path), wanted);
        }
    }

    #[test]
    fn no_path_leads_out_of_the_address() {
        for path in ["http://evil/", ".evil/x", "/../secrets", "/%2e%2e/ap2", ""] {
            let said = at("https://proxy/ap", path);
            assert!(said.contains("is no path of the gateway"), "{path}: {said}");
        }
        assert_eq!(at("https://proxy", "//evil/x"), "https://proxy//evil/x");
    }

    #[test]
    fn what_an_address_cannot_carry_is_refused_and_not_repeated() {
        let table = [
            ("https://anna:hunter2@proxy/ap", "password"),
            ("https://anna@proxy", "user name"),
            ("https://proxy/?hunter2=1", "query"),
            ("https://proxy/#hunter2", "fragment"),
            ("ftp://proxy", "neither http:// nor https://"),
            ("localhost:8080", "neither http:// nor https://"),
            ("hunter2", "name it as"),
            ("", "name it as"),
        ];
        for (address, words) in table {
            let refused = Address::read(address).expect_err("refused");
            assert!(refused.contains(words) && refused.contains("https://HOST"), "{refused}");
            assert!(!refused.contains("hunter2") && !refused.contains("anna"), "{refused}");
        }
    }

    #[test]
    fn the_other_scheme_is_one_word_away() {
        let otherwise = |text| Address::read(text).expect("an address").otherwise();
        assert_eq!(otherwise("http://127.0.0.1:8080"), "https://127.0.0.1:8080");
        assert_eq!(otherwise("https://proxy/ap/"), "http://proxy/ap");
    }
}

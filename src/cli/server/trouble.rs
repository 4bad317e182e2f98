//! Why nothing answered, and what to do about it.

use std::error::Error;
use std::io;

use rustls::CertificateError as Certificate;

use crate::cli::say::shown;
use crate::cli::server::address::Address;

/// One line: the address, the cause, the remedy.
pub(super) fn told(address: &Address, error: &reqwest::Error) -> String {
    let remedy = match tls_error(error) {
        Some(error) => of_tls(address, error),
        None => of_connection(address, error),
    };
    format!("no gateway answers at {address}: {}; {remedy}", shown(&innermost(error)))
}

/// Whoever speaks TLS alone cannot read a plain request: it hangs up, or answers with an alert.
fn of_connection(address: &Address, error: &reqwest::Error) -> String {
    if address.is_secured() || error.is_connect() || error.is_timeout() {
        return "start one with `ap-gateway dev`, or name it with --server".to_owned();
    }
    format!("does it speak TLS? try {}", address.otherwise())
}

fn of_tls(address: &Address, error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidMessage(_) => {
            format!("does it speak TLS at all? try {}", address.otherwise())
        }
        rustls::Error::InvalidCertificate(error) => of_certificate(error).to_owned(),
        _ => format!("it is no TLS that we speak; without it: {}", address.otherwise()),
    }
}

fn of_certificate(error: &Certificate) -> &'static str {
    match error {
        Certificate::UnknownIssuer => {
            "this machine does not know the CA of its certificate: name the CA in SSL_CERT_FILE, a \
             PEM file"
        }
        Certificate::Expired | Certificate::ExpiredContext { .. } => {
            "its certificate has ended: the gateway needs a new one"
        }
        Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
            "its certificate is for another name: use that name in --server"
        }
        // The verifier's own error, of a crate that we do not name.
        Certificate::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "it shows the certificate of a CA as its own: the gateway needs one that a CA signed; \
             name that CA in SSL_CERT_FILE, a PEM file"
        }
        _ => "the gateway needs another certificate, or --server another address",
    }
}

/// What TLS says, wherever it stands. An I/O error around it hides it from `source`.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut cause = Some(error);
    while let Some(here) = cause {
        if let Some(found) = here.downcast_ref() {
            return Some(found);
        }
        let inside = here.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        cause = match inside {
            Some(inside) => Some(inside as &(dyn Error + 'static)),
            None => here.source(),
        };
    }
    None
}

/// The last cause says what happened; the outer ones only that something did.
pub(in crate::cli) fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use rustls::{CertificateError, OtherError};

    use super::{of_certificate, tls_error};

    #[derive(Debug, thiserror::Error)]
    #[error("as the verifier's own")]
    struct CaUsedAsEndEntity;

    #[test]
    fn what_tls_says_is_found_inside_of_io_errors() {
        let said = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let wrapped = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, said.clone()));
        assert_eq!(tls_error(&wrapped), Some(&said));
        assert_eq!(tls_error(&io::Error::other("x")), None);
    }

    #[test]
    fn each_fault_of_a_certificate_has_its_remedy() {
        let own = CertificateError::Other(OtherError(Arc::new(CaUsedAsEndEntity)));
        assert!(of_certificate(&own).contains("certificate of a CA as its own"));
        let unknown = of_certificate(&CertificateError::UnknownIssuer);
        assert!(unknown.contains("name the CA in SSL_CERT_FILE"), "{unknown}");
        assert!(of_certificate(&CertificateError::Expired).contains("has ended"));
    }
}

//! Our certificate for Temporal: asked for at each handshake, so that the next one shows a new one.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

/// The certificate of now.
pub(super) struct Presented(RwLock<Arc<CertifiedKey>>);

impl Presented {
    /// From PEM: a chain, and the key of its first certificate. The error says what is wrong, and
    /// nothing of the key.
    pub(super) fn read(chain: &[u8], key: &[u8]) -> Result<Self, String> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain).collect();
        let chain = chain.map_err(|error| format!("the certificate for Temporal: {error}"))?;
        if chain.is_empty() {
            return Err("the certificate for Temporal is not in its file".to_owned());
        }
        // The text of an error about a key could quote it.
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|_| "the key of the certificate for Temporal is not in its file".to_owned())?;
        let certified = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider());
        let certified = certified
            .map_err(|error| format!("the certificate for Temporal and its key: {error}"))?;
        Ok(Self(RwLock::new(Arc::new(certified))))
    }

    /// Shows another one from now on.
    pub(super) fn replace(&self, other: Self) {
        let other = other.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = other;
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Presented(..)")
    }
}

impl ResolvesClientCert for Presented {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

//! TLS with a certificate that may be replaced while we serve.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;
use prometheus::{GaugeVec, IntCounterVec};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use sha2::{Digest, Sha256};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::config;
use crate::http::serve::validity::chain_ends;
use crate::metrics::Metrics;

/// How often the files are looked at: two small reads.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The certificate of the port, and where it came from.
pub struct Certificate {
    config: RustlsConfig,
    files: Files,
    seen: [u8; 32],
    reloads: IntCounterVec,
    /// When what is served ends.
    expiry: GaugeVec,
}

struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// What the files held.
struct Read {
    config: ServerConfig,
    digest: [u8; 32],
    /// When the first of the chain ends, in seconds since 1970.
    ends: Option<i64>,
}

impl Certificate {
    /// That of the configuration, if it names one.
    ///
    /// # Errors
    /// Files that cannot be read, or are no certificate with its key.
    pub fn load(limits: &config::Http, metrics: &Metrics) -> io::Result<Option<Self>> {
        let (Some(certificate), Some(key)) = (&limits.tls_certificate, &limits.tls_key) else {
            return Ok(None);
        };
        let files = Files { certificate: certificate.clone(), key: key.clone() };
        let read = files.read()?.parse(&files)?;
        tell(&metrics.credential_expiry, read.ends);
        Ok(Some(Self {
            config: RustlsConfig::from_config(Arc::new(read.config)),
            files,
            seen: read.digest,
            reloads: metrics.config_reloads.clone(),
            expiry: metrics.credential_expiry.clone(),
        }))
    }

    /// What the acceptor is given; it changes with the certificate.
    pub fn config(&self) -> RustlsConfig {
        self.config.clone()
    }

    /// Looks at the files until `stop`, and takes what is new and good. What is bad keeps the old.
    pub async fn renew(mut self, stop: CancellationToken) {
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            self.look();
        }
    }

    fn look(&mut self) {
        let pem = match self.files.read() {
            // Half a replacement: the other half is there at the next look.
            Err(error) => return tracing::debug!(%error, "the certificate cannot be read now"),
            Ok(pem) if pem.digest() == self.seen => return,
            Ok(pem) => pem,
        };
        // A bad file is told once, not at every look.
        self.seen = pem.digest();
        let result = match pem.parse(&self.files) {
            Ok(read) => {
                self.config.reload_from_config(Arc::new(read.config));
                tell(&self.expiry, read.ends);
                tracing::info!("a new certificate is served");
                "ok"
            }
            Err(error) => {
                tracing::error!(%error, "the new certificate is not taken: the old one is served");
                "refused"
            }
        };
        self.reloads.with_label_values(&[result]).inc();
    }
}

/// Shows when the certificate ends.
fn tell(expiry: &GaugeVec, ends: Option<i64>) {
    if let Some(ends) = ends {
        expiry.with_label_values(&["tls_certificate"]).set(ends as f64);
    }
}

/// The bytes of both files.
struct Pem {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Files {
    fn read(&self) -> io::Result<Pem> {
        let read = |path: &PathBuf| {
            let named = |error: io::Error| {
                io::Error::new(error.kind(), format!("{}: {error}", path.display()))
            };
            std::fs::read(path).map_err(named)
        };
        Ok(Pem { certificate: read(&self.certificate)?, key: read(&self.key)? })
    }
}

impl Pem {
    fn digest(&self) -> [u8; 32] {
        let both = Sha256::new().chain_update(&self.certificate).chain_update(b"\0");
        both.chain_update(&self.key).finalize().into()
    }

    /// TLS 1.2 and 1.3, HTTP/1.1 alone: one parser, no downgrade.
    fn parse(&self, files: &Files) -> io::Result<Read> {
        let (certificate, key) = (files.certificate.display(), files.key.display());
        let fault = |text: String| io::Error::new(io::ErrorKind::InvalidData, text);
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.certificate).collect();
        let chain = chain.map_err(|error| fault(format!("{certificate}: {error}")))?;
        if chain.is_empty() {
            return Err(fault(format!("{certificate} holds no certificate")));
        }
        // The text of an error about a key could quote it: its place is enough.
        let secret = PrivateKeyDer::from_pem_slice(&self.key);
        let secret = secret.map_err(|_| fault(format!("{key} holds no private key")))?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|error| fault(error.to_string()))?;
        let mut config = builder
            .with_no_client_auth()
            .with_single_cert(chain, secret)
            .map_err(|error| fault(format!("{certificate} and {key}: {error}")))?;
        // Ours, best first; a client's order is what some machine was set up with once.
        config.ignore_client_order = true;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let ends = chain_ends(&self.certificate).map(|end| end.timestamp());
        Ok(Read { config, digest: self.digest(), ends })
    }
}

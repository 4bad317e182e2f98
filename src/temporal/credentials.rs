//! What we show to Temporal, which may be replaced while connections use it: an API key with each
//! call, a certificate with each handshake. No connection is cut for it, and none is made anew.

mod certificate;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use temporalio_client::grpc::WorkflowService;
use temporalio_client::tonic::{Code, IntoRequest};
use temporalio_client::{Client, ConnectionOptions};
use temporalio_common::protos::temporal::api::workflowservice::v1::DescribeNamespaceRequest;
use temporalio_common::telemetry::metrics::TemporalMeter;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::config;
use crate::temporal::connect::{ConnectError, connect, connect_with};
use crate::temporal::credentials::certificate::Presented;

/// New credentials are tried before they are taken; this long.
const TRIAL: Duration = Duration::from_secs(5);

/// How to reach Temporal, with what we show there now. Cheap to clone; all clones change together.
/// It has no `Debug`: it holds the API key.
#[derive(Clone)]
pub struct Access(Arc<Inner>);

struct Inner {
    settings: config::Temporal,
    key: watch::Sender<Option<String>>,
    certificate: Option<Arc<Presented>>,
}

/// Which key a connection shows.
pub(crate) struct Shown(Mutex<watch::Receiver<Option<String>>>);

impl Shown {
    /// Gives the connection the key of now, if it has an older one; who comes meanwhile waits, and
    /// goes on with the new one.
    pub(crate) fn renew(&self, client: &Client) {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.has_changed().unwrap_or_default() {
            show(client, &mut keys);
        }
    }
}

fn show(client: &Client, keys: &mut watch::Receiver<Option<String>>) {
    client.connection().set_api_key(keys.borrow_and_update().clone());
}

/// Why new credentials are not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// They are bad.
    #[error("{0}")]
    Bad(String),
    /// Temporal is not there to try them with: they may be good.
    #[error("they cannot be tried now: {0}")]
    Untried(ConnectError),
}

impl From<&config::Temporal> for Access {
    /// A certificate that cannot be read is left to the SDK, whose refusal says so.
    fn from(settings: &config::Temporal) -> Self {
        let pem = settings.client_pem();
        let certificate = pem.and_then(|(chain, key)| Presented::read(chain, key).ok());
        Self(Arc::new(Inner {
            key: watch::Sender::new(settings.options().api_key),
            certificate: certificate.map(Arc::new),
            settings: settings.clone(),
        }))
    }
}

impl Access {
    /// The settings as they were at the start.
    pub fn settings(&self) -> &config::Temporal {
        &self.0.settings
    }

    /// Connects with what is shown now; under another name than the process has, if one is given.
    ///
    /// # Errors
    /// Why there is no connection.
    pub(crate) async fn connect(
        &self,
        identity: Option<&str>,
        meter: Option<TemporalMeter>,
        limit: Duration,
    ) -> Result<Client, ConnectError> {
        let mut options = self.options();
        options.metrics_meter = meter;
        if let Some(identity) = identity {
            options.identity = identity.to_owned();
        }
        connect_with(self.settings(), options, limit).await
    }

    fn options(&self) -> ConnectionOptions {
        let mut options = self.settings().options();
        options.api_key = self.0.key.borrow().clone();
        if let (Some(certificate), Some(tls)) = (&self.0.certificate, &mut options.tls_options) {
            tls.client_tls_options = None;
            tls.client_cert_resolver = Some(Arc::clone(certificate) as _);
            // The SDK does not do both. The name is looked up at each new connection as before.
            options.dns_load_balancing = None;
            let named = tls.domain.is_some();
            dial_plainly(&mut options, named);
        }
        options
    }

    /// What a connection shows, beginning with the key of now.
    pub(crate) fn shown(&self) -> Shown {
        Shown(Mutex::new(self.0.key.subscribe()))
    }

    /// Gives a connection each new key as it comes. Never returns.
    pub(crate) async fn keep_showing(&self, client: &Client) {
        let mut keys = self.0.key.subscribe();
        show(client, &mut keys);
        while keys.changed().await.is_ok() {
            show(client, &mut keys);
        }
        // Somebody holds the sender as long as this is asked.
        std::future::pending().await
    }

    /// Takes the credentials of these settings, if Temporal does: calls carry the new key from now
    /// on, and the next handshake the new certificate.
    ///
    /// # Errors
    /// Why not; the old ones stay.
    pub async fn take(&self, new: &config::Temporal) -> Result<(), NotTaken> {
        let bad = |text: &str| NotTaken::Bad(text.to_owned());
        let settings = self.settings();
        if new.has_api_key() != settings.has_api_key() {
            return Err(bad("an API key came or went; restart for another way to log in"));
        }
        let certificate = match (new.client_pem(), &self.0.certificate) {
            (None, None) => None,
            (Some((chain, key)), Some(present)) => {
                let read = Presented::read(chain, key).map_err(NotTaken::Bad)?;
                Some((present, read))
            }
            _ => return Err(bad("a certificate came or went; restart for another way to log in")),
        };
        try_out(new).await?;
        if let Some((present, read)) = certificate {
            present.replace(read);
        }
        self.0.key.send_replace(new.options().api_key);
        Ok(())
    }
}

/// What asks for the certificate speaks TLS below tonic (SDK 1.1.1), and tonic refuses an address of
/// https that it does not speak TLS to itself. So it dials one of http; requests keep the address
/// that was meant, which the SDK sees to where the server goes by another name.
fn dial_plainly(options: &mut ConnectionOptions, named: bool) {
    if !named && options.override_origin.is_none() {
        options.override_origin = options.target.as_str().parse().ok();
    }
    let port = options.target.port_or_known_default();
    // Neither fails for an address with a host, and there is no other.
    let _ = options.target.set_scheme("http");
    let _ = options.target.set_port(port);
}

/// One connection, and one call that needs our rights.
async fn try_out(new: &config::Temporal) -> Result<(), NotTaken> {
    let client = connect(new, None, TRIAL).await.map_err(|error| match error {
        ConnectError::Credentials(_) | ConnectError::Tls { .. } | ConnectError::Settings { .. } => {
            NotTaken::Bad(error.to_string())
        }
        error => NotTaken::Untried(error),
    })?;
    let request =
        DescribeNamespaceRequest { namespace: new.namespace.clone(), ..Default::default() };
    let asked = async { client.clone().describe_namespace(request.into_request()).await };
    match timeout(TRIAL, asked).await {
        Ok(Err(status))
            if matches!(status.code(), Code::Unauthenticated | Code::PermissionDenied) =>
        {
            let refused = ConnectError::Credentials(new.address().to_owned());
            Err(NotTaken::Bad(refused.to_string()))
        }
        Ok(_) => Ok(()),
        Err(_) => {
            let silent = ConnectError::Silent(new.address().to_owned(), TRIAL);
            Err(NotTaken::Untried(silent))
        }
    }
}

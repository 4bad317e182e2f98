//! What the configuration names, read: certificate and key, mapping profiles, rules. Nothing is
//! opened, made or announced before all of it is good.

use std::sync::Arc;

use anyhow::Context;

use crate::activities::examiner::Examiner;
use crate::activities::statements::StatementSettings;
use crate::activities::upkeep::UpkeepSettings;
use crate::app::{Role, intake, payments, upkeep, webhooks};
use crate::config::{Settings, Temporal};
use crate::http::Certificate;
use crate::http::dashboard::drawings::Drawings;
use crate::metrics::Metrics;
use crate::temporal::connect::install_crypto;
use crate::webhooks::Sender;

/// Settings with what they name.
pub struct Prepared {
    pub(super) settings: Settings,
    pub(super) role: Role,
    pub(super) metrics: Arc<Metrics>,
    pub(super) sender: Sender,
    pub(super) drawings: Drawings,
    pub(super) certificate: Option<Certificate>,
    /// For the half that polls, if it runs here.
    pub(super) work: Option<Work>,
}

/// What the work is done by.
pub(super) struct Work {
    pub(super) examiner: Arc<Examiner>,
    pub(super) payments: StatementSettings,
    pub(super) upkeep: UpkeepSettings,
}

impl Prepared {
    /// Reads what this role needs: where only requests are served, nobody has the profiles.
    ///
    /// # Errors
    /// A file that is not there or not what it must be, with the setting that names it: the
    /// configuration is wrong.
    pub fn read(settings: Settings, role: Role) -> anyhow::Result<Self> {
        install_crypto();
        let metrics = Arc::new(Metrics::new());
        let certificate = Certificate::load(&settings.http, &metrics).context(
            "cannot serve TLS; AP_GATEWAY_TLS_CERTIFICATE and AP_GATEWAY_TLS_KEY must name PEM \
             files of a certificate with its key",
        )?;
        let work = match role {
            Role::Http => None,
            Role::All | Role::Worker => Some(Work {
                examiner: Arc::new(intake::examiner(&settings.extraction)?),
                payments: payments::settings(&settings.payments)?,
                upkeep: upkeep::settings(&settings.schedules, &settings.buckets)?,
            }),
        };
        let sender = webhooks::sender(&settings.webhooks)?;
        let drawings = Drawings::new(intake::program(&settings.extraction)?);
        Ok(Self { settings, role, metrics, sender, drawings, certificate, work })
    }

    /// At another Temporal: that of `dev` is started when everything else is known to be good.
    #[must_use]
    pub fn at(self, temporal: Temporal) -> Self {
        Self { settings: Settings { temporal, ..self.settings }, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::Prepared;
    use crate::app::Role;
    use crate::config::{Environment, Settings};

    #[test]
    fn who_only_serves_requests_needs_no_profiles() {
        let mut settings = Settings::load(None, &Environment::new()).expect("the defaults");
        settings.extraction.table_profiles = Some("/no/such/folder".into());
        assert!(Prepared::read(settings.clone(), Role::Http).is_ok());
        for role in [Role::All, Role::Worker] {
            let refused = Prepared::read(settings.clone(), role).err().expect("refused");
            assert!(refused.to_string().contains("AP_GATEWAY_TABLE_PROFILES"), "{refused}");
        }
    }
}

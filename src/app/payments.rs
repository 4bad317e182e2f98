//! Settings to what bank statements are matched by.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;

use crate::activities::statements::StatementSettings;
use crate::config;
use crate::extraction::statement::StatementProfile;

/// Reads the mapping profiles.
///
/// # Errors
/// A profile that cannot be read or is wrong, by its file.
pub(super) fn settings(settings: &config::Payments) -> anyhow::Result<StatementSettings> {
    let profiles = settings.statement_profiles.as_deref().map(profiles).transpose()?;
    Ok(StatementSettings {
        policy: settings.policy.clone(),
        ledger_currency: settings.ledger_currency,
        profiles: profiles.unwrap_or_default(),
    })
}

/// Every `NAME.toml` of the folder, by its name.
fn profiles(folder: &Path) -> anyhow::Result<BTreeMap<String, StatementProfile>> {
    let reading = || {
        format!(
            "cannot read the mapping profiles of {}; the setting is AP_GATEWAY_STATEMENT_PROFILES",
            folder.display()
        )
    };
    let mut profiles = BTreeMap::new();
    for entry in std::fs::read_dir(folder).with_context(reading)? {
        let path = entry.with_context(reading)?.path();
        let name = path.file_stem().and_then(|name| name.to_str());
        let toml = path.extension().is_some_and(|extension| extension == "toml");
        let Some(name) = name.filter(|_| toml) else { continue };
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let profile = StatementProfile::from_toml(&text);
        let profile = profile.with_context(|| path.display().to_string())?;
        profiles.insert(name.to_owned(), profile);
    }
    Ok(profiles)
}

//! Traces: whether they are exported. Everything else of the `OTEL_*` variables is read by the
//! exporter itself.

use anyhow::ensure;

use crate::config::Environment;

/// Any of them says that somebody collects.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// The more special one counts.
const PROTOCOLS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];

/// The one that we speak, and the default of the specification.
const PROTOCOL: &str = "http/protobuf";

/// Traces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traces {
    /// Whether spans are exported: an endpoint is named, or `OTEL_TRACES_EXPORTER=otlp`.
    pub export: bool,
    /// `OTEL_SERVICE_NAME`.
    pub service: String,
}

impl Traces {
    /// What the environment says.
    ///
    /// # Errors
    /// An exporter or a protocol that we do not have.
    pub(super) fn of(environment: &Environment) -> anyhow::Result<Self> {
        let first = |names: &[&str]| names.iter().find_map(|name| environment.get(*name));
        let exporter = environment.get("OTEL_TRACES_EXPORTER").map(String::as_str);
        let disabled = environment.get("OTEL_SDK_DISABLED");
        let disabled = disabled.is_some_and(|text| text.eq_ignore_ascii_case("true"));
        ensure!(
            matches!(exporter, None | Some("otlp" | "none")),
            "OTEL_TRACES_EXPORTER must be otlp or none, not {exporter:?}"
        );
        let wanted = exporter == Some("otlp") || first(&ENDPOINTS).is_some();
        let export = wanted && exporter != Some("none") && !disabled;
        if let Some(protocol) = first(&PROTOCOLS).filter(|_| export) {
            ensure!(
                protocol == PROTOCOL,
                "OTEL_EXPORTER_OTLP_PROTOCOL must be {PROTOCOL} (port 4318 of a collector), not \
                 {protocol:?}"
            );
        }
        let service = environment.get("OTEL_SERVICE_NAME").cloned();
        Ok(Self { export, service: service.unwrap_or_else(|| "ap-gateway".to_owned()) })
    }
}

#[cfg(test)]
mod tests {
    use super::Traces;

    #[test]
    fn nothing_is_exported_unless_somebody_says_where_to() {
        let of = |set: &[(&str, &str)]| {
            let set = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            Traces::of(&set.collect())
                .map(|traces| traces.export)
                .map_err(|error| error.to_string())
        };
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
        let traces = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector:4318/v1/traces");
        let table: [(&[(&str, &str)], bool); 7] = [
            (&[], false),
            (&[endpoint], true),
            (&[traces], true),
            (&[("OTEL_TRACES_EXPORTER", "otlp")], true),
            (&[endpoint, ("OTEL_TRACES_EXPORTER", "none")], false),
            (&[endpoint, ("OTEL_SDK_DISABLED", "TRUE")], false),
            (&[endpoint, ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")], true),
        ];
        for (set, export) in table {
            assert_eq!(of(set), Ok(export), "{set:?}");
        }
        for (name, value) in
            [("OTEL_TRACES_EXPORTER", "zipkin"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]
        {
            let refused = of(&[endpoint, (name, value)]).expect_err("refused");
            assert!(refused.contains(name) && refused.contains(value), "{refused}");
        }
    }
}

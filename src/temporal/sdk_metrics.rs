//! The SDK's own metrics in our registry: one scrape shows both.
//!
//! Durations are in seconds, and the buckets tell 5 ms from 50 ms: the SDK's defaults are whole
//! milliseconds, in buckets that begin at 50. Stock dashboards expect those; ours are in
//! `deploy/`.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{CounterVec, GaugeVec, HistogramOpts, HistogramVec, Opts, Registry};
use temporalio_common::telemetry::metrics::{
    CoreMeter, Counter, CounterBase, Gauge, GaugeBase, GaugeF64, GaugeF64Base, Histogram,
    HistogramBase, HistogramDuration, HistogramDurationBase, HistogramF64, HistogramF64Base,
    MetricAttributable, MetricAttributes, MetricParameters, NewAttributes, OrderedPromLabelSet,
    TemporalMeter, UpDownCounter, UpDownCounterBase,
};
use temporalio_common::telemetry::{TelemetryOptions, telemetry_init};

/// In seconds.
const BUCKETS: [f64; 12] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

/// The SDK makes about 150 series for our few workflow and activity types. Labels that someone
/// else may choose (a workflow type started on our queue, say) end here: beyond it, series are
/// counted nowhere.
const SERIES_MAX: usize = 2_000;

/// The SDK's metrics. Cheap to clone.
#[derive(Clone)]
pub struct SdkMetrics {
    meter: RegistryMeter,
    for_connections: Option<TemporalMeter>,
}

impl SdkMetrics {
    /// Registers the SDK's metrics. A registry takes them once.
    ///
    /// # Errors
    /// A registry that has them already; telemetry that cannot be set up.
    pub fn register(registry: &Registry) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let meter = RegistryMeter::default();
        registry.register(Box::new(meter.clone()))?;
        let instance = telemetry_init(telemetry(&meter))?;
        Ok(Self { for_connections: instance.get_temporal_metric_meter(), meter })
    }

    /// For a connection: the meter of a worker does not cover it.
    pub fn for_connections(&self) -> Option<TemporalMeter> {
        self.for_connections.clone()
    }

    /// For the runtime of a worker.
    pub(crate) fn telemetry(&self) -> TelemetryOptions {
        telemetry(&self.meter)
    }
}

fn telemetry(meter: &RegistryMeter) -> TelemetryOptions {
    TelemetryOptions::builder()
        .metrics(Arc::new(meter.clone()) as Arc<dyn CoreMeter>)
        .attach_service_name(false)
        .build()
}

#[derive(Clone)]
enum Family {
    Count(CounterVec),
    Level(GaugeVec),
    Spread(HistogramVec),
}

/// Families by name and label names, and how many series they have in all.
#[derive(Default)]
struct Families {
    by_key: HashMap<(String, Vec<String>), Family>,
    series: HashMap<(String, Vec<(String, String)>), Series>,
}

/// One name may come with several sets of labels, which a registry refuses. So this is one
/// collector that describes nothing and collects everything.
#[derive(Clone, Default)]
struct RegistryMeter(Arc<Mutex<Families>>);

impl fmt::Debug for RegistryMeter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RegistryMeter")
    }
}

impl Collector for RegistryMeter {
    fn desc(&self) -> Vec<&Desc> {
        Vec::new()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let families = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let each = |family: &Family| match family {
            Family::Count(family) => family.collect(),
            Family::Level(family) => family.collect(),
            Family::Spread(family) => family.collect(),
        };
        families.by_key.values().flat_map(each).collect()
    }
}

impl RegistryMeter {
    fn instrument(&self, of: MetricParameters, kind: Kind, suffix: &str) -> Arc<Instrument> {
        let name = format!("{}{suffix}", of.name).replace('-', "_");
        let help = match of.description.as_ref() {
            "" => name.clone(),
            text => text.to_owned(),
        };
        Arc::new(Instrument { name, help, kind, meter: self.clone() })
    }
}

/// The methods of the meter differ in name, type and suffix alone.
macro_rules! instruments {
    ($($method:ident $type:ident $kind:ident $suffix:literal),*) => {
        $(fn $method(&self, of: MetricParameters) -> $type {
            $type::new(self.instrument(of, Kind::$kind, $suffix))
        })*
    };
}

impl CoreMeter for RegistryMeter {
    fn new_attributes(&self, new: NewAttributes) -> MetricAttributes {
        MetricAttributes::Prometheus { labels: Arc::new(new.into()) }
    }

    fn extend_attributes(&self, old: MetricAttributes, new: NewAttributes) -> MetricAttributes {
        let MetricAttributes::Prometheus { labels } = old else {
            return self.new_attributes(new);
        };
        let mut labels = Arc::unwrap_or_clone(labels);
        new.attributes.into_iter().for_each(|kv| labels.add_kv(kv));
        MetricAttributes::Prometheus { labels: Arc::new(labels) }
    }

    instruments! {
        counter Counter Count "_total",
        histogram Histogram Spread "",
        histogram_f64 HistogramF64 Spread "",
        histogram_duration HistogramDuration Spread "_seconds",
        gauge Gauge Level "",
        gauge_f64 GaugeF64 Level "",
        up_down_counter UpDownCounter Level ""
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Count,
    Level,
    Spread,
}

/// A metric of the SDK before its labels are known.
struct Instrument {
    name: String,
    help: String,
    kind: Kind,
    meter: RegistryMeter,
}

impl Instrument {
    /// The series of these labels: the one that is there, a new one, or nothing beyond the limit.
    fn series(&self, attributes: &MetricAttributes) -> prometheus::Result<Series> {
        let none = OrderedPromLabelSet::new();
        let labels = match attributes {
            MetricAttributes::Prometheus { labels } => labels.as_ref(),
            _ => &none,
        };
        let values = labels.as_prom_labels();
        let names: Vec<&str> = labels.keys_ordered().collect();
        let pair = |name: &&str| {
            let value = values.get(name).cloned().unwrap_or_default();
            ((*name).to_owned(), value)
        };
        let key = (self.name.clone(), names.iter().map(pair).collect());
        let mut families = self.meter.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(series) = families.series.get(&key) {
            return Ok(series.clone());
        }
        if families.series.len() >= SERIES_MAX {
            return Ok(Series::Nothing);
        }
        let keys = names.iter().map(|name| (*name).to_owned()).collect();
        let family = match families.by_key.get(&(self.name.clone(), Vec::clone(&keys))) {
            Some(family) => family.clone(),
            None => {
                let family = self.family(&names)?;
                let key = (self.name.clone(), keys);
                families.by_key.insert(key, family.clone());
                family
            }
        };
        let series = match family {
            Family::Count(family) => Series::Count(family.get_metric_with(&values)?),
            Family::Level(family) => Series::Level(family.get_metric_with(&values)?),
            Family::Spread(family) => Series::Spread(family.get_metric_with(&values)?),
        };
        families.series.insert(key, series.clone());
        Ok(series)
    }

    fn family(&self, names: &[&str]) -> prometheus::Result<Family> {
        let (name, help) = (self.name.as_str(), self.help.as_str());
        Ok(match self.kind {
            Kind::Count => Family::Count(CounterVec::new(Opts::new(name, help), names)?),
            Kind::Level => Family::Level(GaugeVec::new(Opts::new(name, help), names)?),
            Kind::Spread => {
                let options = HistogramOpts::new(name, help).buckets(BUCKETS.to_vec());
                Family::Spread(HistogramVec::new(options, names)?)
            }
        })
    }
}

#[derive(Clone)]
enum Series {
    Count(prometheus::Counter),
    Level(prometheus::Gauge),
    Spread(prometheus::Histogram),
    Nothing,
}

impl Series {
    fn put(&self, value: f64, add: bool) {
        match self {
            Self::Count(series) => series.inc_by(value),
            Self::Level(series) if add => series.add(value),
            Self::Level(series) => series.set(value),
            Self::Spread(series) => series.observe(value),
            Self::Nothing => {}
        }
    }
}

/// The instrument traits differ in name, method and type alone.
macro_rules! recorded {
    ($base:ident, $method:ident, $value:ty, $add:literal, |$v:ident| $number:expr) => {
        impl $base for Series {
            fn $method(&self, $v: $value) {
                self.put($number, $add)
            }
        }
        impl MetricAttributable<Box<dyn $base>> for Instrument {
            fn with_attributes(
                &self,
                attributes: &MetricAttributes,
            ) -> Result<Box<dyn $base>, Box<dyn std::error::Error>> {
                Ok(Box::new(self.series(attributes)?))
            }
        }
    };
}
recorded!(CounterBase, adds, u64, true, |v| v as f64);
recorded!(UpDownCounterBase, adds, i64, true, |v| v as f64);
recorded!(GaugeBase, records, u64, false, |v| v as f64);
recorded!(GaugeF64Base, records, f64, false, |v| v);
recorded!(HistogramBase, records, u64, false, |v| v as f64);
recorded!(HistogramF64Base, records, f64, false, |v| v);
recorded!(HistogramDurationBase, records, Duration, false, |v| v.as_secs_f64());

#[cfg(test)]
mod tests {
    use super::{SERIES_MAX, SdkMetrics};
    use prometheus::{Registry, TextEncoder};
    use temporalio_common::telemetry::metrics::{
        CoreMeter, MetricKeyValue, MetricParameters, NewAttributes,
    };

    fn text(registry: &Registry) -> String {
        let encoder = TextEncoder::new();
        encoder.encode_to_string(&registry.gather()).expect("text")
    }

    fn labels(pairs: &[(&str, &str)]) -> NewAttributes {
        let pairs = pairs.iter();
        let pairs = pairs.map(|(k, v)| MetricKeyValue::new(*k, (*v).to_owned()));
        NewAttributes::new(pairs.collect::<Vec<_>>())
    }

    #[test]
    fn one_name_may_come_with_several_sets_of_labels() {
        let registry = Registry::new();
        let metrics = SdkMetrics::register(&registry).expect("registered");
        let parameters = MetricParameters::builder().name("temporal_request").build();
        let counter = metrics.meter.counter(parameters);
        for pairs in [&[("operation", "Start")][..], &[("operation", "Start"), ("namespace", "n")]]
        {
            let attributes = metrics.meter.new_attributes(labels(pairs));
            counter.add(1, &attributes);
            counter.add(1, &attributes);
        }
        let text = text(&registry);
        assert_eq!(text.matches("# TYPE temporal_request_total counter").count(), 1);
        assert!(text.contains("temporal_request_total{operation=\"Start\"} 2"), "{text}");
        assert!(text.contains("namespace=\"n\""), "{text}");
    }

    #[test]
    fn labels_without_end_do_not_grow_without_end() {
        let registry = Registry::new();
        let metrics = SdkMetrics::register(&registry).expect("registered");
        let parameters = MetricParameters::builder().name("temporal_x").build();
        let gauge = metrics.meter.gauge(parameters);
        for n in 0..SERIES_MAX + 500 {
            let value = n.to_string();
            let attributes = metrics.meter.new_attributes(labels(&[("type", &value)]));
            gauge.record(1, &attributes);
        }
        assert_eq!(text(&registry).lines().count(), SERIES_MAX + 2);
    }

    #[test]
    fn a_registry_takes_them_once() {
        let registry = Registry::new();
        assert!(SdkMetrics::register(&registry).is_ok());
        assert!(SdkMetrics::register(&registry).is_err());
    }
}

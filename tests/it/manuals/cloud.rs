//! Settings that the manuals show are settings that the gateway takes.

use ap_gateway::config::{Environment, Settings};

const CLOUD: &str = include_str!("../../../docs/temporal-cloud.md");

/// The variables that a block of shell sets.
fn exports(block: &str) -> Environment {
    let pairs = block.lines().filter_map(|line| line.strip_prefix("export ")?.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn both_ways_to_temporal_cloud_are_taken_as_they_are_shown() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let made = rcgen::generate_simple_self_signed(["gateway".to_owned()]).expect("a certificate");
    let files =
        [("temporal.pem", made.cert.pem()), ("temporal.key", made.signing_key.serialize_pem())];
    for (name, text) in &files {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    let here = |value: &str| {
        value.replace("/etc/ap-gateway", folder.path().to_str().expect("a plain name"))
    };
    let blocks = CLOUD.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let blocks: Vec<Environment> = blocks.map(exports).filter(|set| !set.is_empty()).collect();
    assert_eq!(blocks.len(), 2, "a key, and a certificate");
    for block in blocks {
        let set = block.into_iter().map(|(name, value)| (name, here(&value))).collect();
        let settings = Settings::load(None, &set).expect("they are taken").temporal;
        assert_eq!(settings.address(), "https://accounts-payable.a1b2c.tmprl.cloud:7233/");
        assert_eq!(settings.namespace, "accounts-payable.a1b2c");
        let by_key = set.contains_key("TEMPORAL_API_KEY");
        assert_eq!(settings.has_api_key(), by_key);
        assert_eq!(settings.client_certificate().is_some(), !by_key);
    }
}

//! Settings: file, environment, flags; contradictions are refused before a port is bound.

use ap_gateway::config::{Environment, Settings, variable_names};
use ap_gateway::models::policy::MatchLevel;
use rstest::rstest;
use temporalio_client::GrpcCompression;

/// A client of a provider, and nothing of where the gateway is.
const CLIENT: &str =
    "[oidc]\nclient_id = \"ap\"\n[jwt]\nissuer = \"https://i.example\"\naudience = \"a\"\n";

fn environment(pairs: &[(&str, &str)]) -> Environment {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn refusal(file: &str, pairs: &[(&str, &str)]) -> String {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("ap-gateway.toml");
    std::fs::write(&path, file).expect("writable");
    let loaded = Settings::load(Some(&path), &environment(pairs));
    format!("{:#}", loaded.err().expect("these settings are refused"))
}

#[test]
fn nothing_set_is_a_gateway_on_this_machine() {
    let settings = Settings::load(None, &Environment::new()).expect("the defaults are legal");
    assert_eq!(settings.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.worker.task_queue, "ap-default");
    assert_eq!(settings.temporal.address(), "http://localhost:7233/");
    assert_eq!(settings.temporal.namespace, "default");
    assert_eq!(settings.policy.match_level.entity, MatchLevel::TwoWay);
}

#[test]
fn calls_to_temporal_are_not_compressed() {
    let settings = Settings::load(None, &Environment::new()).expect("the defaults are legal");
    assert_eq!(settings.temporal.options().grpc_compression, GrpcCompression::None);
}

#[test]
fn the_environment_wins_over_the_file() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("ap-gateway.toml");
    let file = "[http]\nlisten = \"127.0.0.1:1\"\n[worker]\ntask_queue = \"file\"\n[policy]\nmatch_level = \"three_way\"\n[policy.tolerances.UNIT_PRICE.upper]\npercent = \"5\"\n";
    std::fs::write(&path, file).expect("writable");
    let set = environment(&[("AP_GATEWAY_LISTEN", "127.0.0.1:2")]);
    let settings = Settings::load(Some(&path), &set).expect("legal");
    assert_eq!(settings.http.listen.port(), 2);
    assert_eq!(settings.worker.task_queue, "file");
    assert_eq!(settings.policy.match_level.entity, MatchLevel::ThreeWay);
}

#[rstest]
#[case::endpoint_is_an_alias(&[("TEMPORAL_ENDPOINT", "host:7")], "http://host:7/")]
#[case::address_wins(&[("TEMPORAL_ENDPOINT", "a:1"), ("TEMPORAL_ADDRESS", "b:2")], "http://b:2/")]
#[case::a_key_means_tls(&[("TEMPORAL_ENDPOINT", "cloud:7233"), ("TEMPORAL_API_KEY", "k")], "https://cloud:7233/")]
fn the_names_that_a_temporal_user_knows_work(#[case] set: &[(&str, &str)], #[case] address: &str) {
    let settings = Settings::load(None, &environment(set)).expect("legal");
    assert_eq!(settings.temporal.address(), address);
}

#[rstest]
#[case::unknown_setting("[http]\nlisten_on = \"x\"\n", &[], "listen_on")]
#[case::no_toml("[http", &[], "not valid TOML")]
#[case::not_an_address("", &[("AP_GATEWAY_LISTEN", "here")], "AP_GATEWAY_LISTEN")]
#[case::not_a_number("", &[("AP_GATEWAY_DRAIN_SECONDS", "1.5")], "AP_GATEWAY_DRAIN_SECONDS")]
#[case::beyond_loopback("", &[("AP_GATEWAY_LISTEN", "0.0.0.0:80")], "without login")]
#[case::hmac("[jwt]\nissuer = \"https://i.example\"\naudience = \"a\"\nalgorithms = [\"HS256\"]\n", &[("AP_GATEWAY_AUTH", "required")], "HS256 is not taken")]
#[case::any_audience("", &[("AP_GATEWAY_AUTH", "required"), ("AP_GATEWAY_JWT_ISSUER", "https://i.example")], "AP_GATEWAY_JWT_AUDIENCE")]
#[case::keys_in_clear("", &[("AP_GATEWAY_AUTH", "required"), ("AP_GATEWAY_JWT_ISSUER", "http://i.example"), ("AP_GATEWAY_JWT_AUDIENCE", "a")], "https")]
#[case::tokens_for_nobody("", &[("AP_GATEWAY_JWT_ISSUER", "https://i.example"), ("AP_GATEWAY_JWT_AUDIENCE", "a")], "AP_GATEWAY_AUTH=required")]
#[case::secret_of_no_client("", &[("AP_GATEWAY_OIDC_CLIENT_SECRET", "canary")], "AP_GATEWAY_OIDC_CLIENT_ID")]
#[case::place_of_no_client("[oidc]\npublic_url = \"https://ap.example\"\n", &[], "AP_GATEWAY_OIDC_CLIENT_ID")]
#[case::secret_in_the_file("[oidc]\nclient_secret = \"canary\"\n", &[], "client_secret")]
#[case::client_of_nobody("[oidc]\nclient_id = \"ap\"\npublic_url = \"https://localhost\"\n", &[], "AP_GATEWAY_JWT_ISSUER")]
#[case::client_without_a_place(CLIENT, &[], "AP_GATEWAY_OIDC_PUBLIC_URL")]
#[case::codes_in_clear(CLIENT, &[("AP_GATEWAY_OIDC_PUBLIC_URL", "http://ap.example")], "must be an https address")]
#[case::place_with_a_path(CLIENT, &[("AP_GATEWAY_OIDC_PUBLIC_URL", "https://localhost/ap")], "without path")]
#[case::place_with_a_password(CLIENT, &[("AP_GATEWAY_OIDC_PUBLIC_URL", "https://me:canary@localhost")], "user or password")]
#[case::place_that_is_not_served(CLIENT, &[("AP_GATEWAY_OIDC_PUBLIC_URL", "https://ap.example")], "AP_GATEWAY_ALLOWED_HOSTS")]
#[case::no_id_token(CLIENT, &[("AP_GATEWAY_OIDC_PUBLIC_URL", "https://localhost"), ("AP_GATEWAY_OIDC_SCOPES", "profile,email")], "must name openid")]
#[case::scopes_in_one(CLIENT, &[("AP_GATEWAY_OIDC_PUBLIC_URL", "https://localhost"), ("AP_GATEWAY_OIDC_SCOPES", "openid,profile email")], "\"profile email\"")]
#[case::session_for_ever(concat!("[oidc]\nclient_id = \"ap\"\nsession_minutes = 481\n", "[jwt]\nissuer = \"https://i.example\"\naudience = \"a\"\n"), &[("AP_GATEWAY_OIDC_PUBLIC_URL", "https://localhost")], "5 to 480")]
#[case::sign_in_for_nobody(CLIENT, &[("AP_GATEWAY_OIDC_PUBLIC_URL", "https://localhost")], "AP_GATEWAY_AUTH=required")]
#[case::unknown_login("", &[("AP_GATEWAY_AUTH", "maybe")], "maybe")]
#[case::ledger_of_no_kind("", &[("AP_GATEWAY_LEDGER_URL", "mysql://me:canary@h/x")], "AP_GATEWAY_LEDGER_URL is no database address")]
#[case::contradiction("[worker]\ngraceful_seconds = 20\n", &[], "worker.graceful_seconds (20)")]
#[case::key_in_clear("", &[("TEMPORAL_API_KEY", "canary"), ("TEMPORAL_ADDRESS", "http://h:1")], "clear text")]
#[case::tls_in_clear("", &[("TEMPORAL_TLS", "true"), ("TEMPORAL_ADDRESS", "http://h:1")], "says http")]
#[case::key_with_a_line_break("", &[("TEMPORAL_API_KEY", "canary\nx"), ("TEMPORAL_ADDRESS", "h:1")], "no header")]
#[case::ui_is_no_address("[temporal]\nui = \"temporal.example\"\n", &[], "AP_GATEWAY_TEMPORAL_UI")]
#[case::ui_would_run("", &[("AP_GATEWAY_TEMPORAL_UI", "javascript:alert(1)")], "http or https")]
#[case::ui_with_a_password("", &[("AP_GATEWAY_TEMPORAL_UI", "https://me:canary@t.example")], "user or password")]
#[case::ui_with_a_query("", &[("AP_GATEWAY_TEMPORAL_UI", "https://t.example/?x=1")], "query")]
#[case::missing_file("", &[("TEMPORAL_CONFIG_FILE", "/no/such.toml")], "/no/such.toml")]
#[case::bad_tolerance("[policy.tolerances.UNIT_PRICE.upper]\npercent = \"5%\"\n", &[], "percent")]
#[case::policy_against_itself("[[policy.tolerance_rules]]\ntolerances = { LINE_NET = {} }\n", &[], "/tolerance_rules/0: the rule names no place")]
fn what_is_wrong_is_refused_by_name(
    #[case] file: &str,
    #[case] set: &[(&str, &str)],
    #[case] words: &str,
) {
    let text = refusal(file, set);
    assert!(text.contains(words), "{text}");
    assert!(!text.contains("canary"), "{text}");
}

#[rstest]
#[case("AP_GATEWAY_LISTEN", "nonsense", "is \"nonsense\": write ADDRESS:PORT")]
#[case("AP_GATEWAY_OPS_LISTEN", "8081", "is \"8081\": write ADDRESS:PORT")]
#[case("AP_GATEWAY_AUTH", "maybe", "is \"maybe\": unknown variant `maybe`, expected `none` or")]
#[case("AP_GATEWAY_FAILED_LOGINS_MAX", "-1", "must be 0 or more, not -1")]
#[case("AP_GATEWAY_FAILED_LOGINS_MAX", "5000000000", "is 5000000000, and that is too large")]
#[case("AP_GATEWAY_TRUSTED_PROXIES", "10.0.0.0/8,proxy", "\"proxy\" is no network (10.0.0.0/8)")]
#[case("AP_GATEWAY_MATCH_LEVEL", "some", "choose of none, two_way, three_way and four_way")]
#[case("AP_GATEWAY_FORWARDED_HEADER", "Via", "unknown variant `Via`")]
#[case("AP_GATEWAY_WORKER_VERSIONING", "ramped", "expected `auto_upgrade` or `pinned`")]
#[case("AP_GATEWAY_HSTS_SECONDS", "abc", "must be a whole number, not \"abc\"")]
fn a_wrong_variable_is_named_alone_with_what_is_expected(
    #[case] name: &str,
    #[case] value: &str,
    #[case] words: &str,
) {
    let others = ["AP_GATEWAY_TASK_QUEUE", "AP_GATEWAY_ARTIFACTS", "AP_GATEWAY_ALLOWED_HOSTS"];
    let mut set: Vec<_> = others.map(|other| (other, "fine")).into();
    set.push((name, value));
    let text = refusal("[http]\nhsts_seconds = 1\n", &set);
    assert!(text.starts_with(name) && text.contains(words), "{text}");
    assert!(others.iter().all(|other| !text.contains(other)), "{text}");
}

#[test]
fn with_login_every_address_may_be_served() {
    let set = environment(&[
        ("AP_GATEWAY_AUTH", "required"),
        ("AP_GATEWAY_LISTEN", "0.0.0.0:80"),
        ("AP_GATEWAY_ALLOWED_HOSTS", "ap.example, localhost"),
    ]);
    let settings = Settings::load(None, &set).expect("legal");
    assert_eq!(settings.http.allowed_hosts, ["ap.example", "localhost"]);
}

#[test]
fn the_secret_of_a_client_is_taken_from_the_environment_and_does_not_print() {
    let set = environment(&[
        ("AP_GATEWAY_AUTH", "required"),
        ("AP_GATEWAY_JWT_ISSUER", "https://i.example"),
        ("AP_GATEWAY_JWT_AUDIENCE", "ap-gateway"),
        ("AP_GATEWAY_ALLOWED_HOSTS", "ap.example"),
        ("AP_GATEWAY_OIDC_CLIENT_ID", "ap"),
        ("AP_GATEWAY_OIDC_PUBLIC_URL", "https://AP.example/"),
        ("AP_GATEWAY_OIDC_CLIENT_SECRET", "canary"),
    ]);
    let oidc = Settings::load(None, &set).expect("legal").oidc;
    assert_eq!(oidc.scopes, ["openid", "profile", "email"]);
    assert!(oidc.client_secret.is_some());
    assert!(!format!("{oidc:?}").contains("canary"));
}

#[test]
fn the_readme_names_every_variable() {
    let readme = include_str!("../../README.md");
    let missing: Vec<_> = variable_names().filter(|name| !readme.contains(name)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "add them to the README's table");
}

#[test]
fn the_readme_shows_the_notice_that_the_rules_ask_for() {
    let readme = include_str!("../../README.md");
    assert!(readme.contains(ap_gateway::validation::ATTRIBUTION));
}

#[test]
fn the_policy_in_the_manual_is_a_policy() {
    let manual = include_str!("../../docs/reconciliation.md");
    let example = manual.split("```toml").nth(1).expect("an example");
    let example = example.split("```").next().expect("its end");
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("ap-gateway.toml");
    std::fs::write(&path, example).expect("writable");
    let settings = Settings::load(Some(&path), &Environment::new()).expect("legal");
    assert_eq!(settings.policy.tolerances.len(), 2);
}

#[test]
fn the_sign_in_of_the_manual_can_be_configured() {
    let manual = include_str!("../../docs/access.md");
    let examples = manual.split("```toml").skip(1).map(|rest| rest.split("```").next());
    let example: String = examples.map(|example| example.expect("its end")).collect();
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("ap-gateway.toml");
    std::fs::write(&path, example).expect("writable");
    let set = environment(&[("AP_GATEWAY_ALLOWED_HOSTS", "ap.example.org")]);
    let oidc = Settings::load(Some(&path), &set).expect("legal").oidc;
    assert_eq!(oidc.client_id.as_deref(), Some("ap-gateway-dashboard"));
}

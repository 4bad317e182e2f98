//! The other formats: each leads to entries.

use ap_gateway::activities::statements::StatementSettings;
use ap_gateway::extraction::statement::StatementProfile;
use ap_gateway::temporal::WorkerSupervisor;

use crate::bench::Bench;
use crate::edge::Edge;
use crate::http_bank_statements::World;

const MT940: &str = ":20:STARTUMS\n:25:10020030/1234567\n:28C:1/1\n:60F:C261126EUR100,00\n\
    :61:2611271127D59,50NTRFNONREF//B7\n:86:166?00UEBERWEISUNG?20RE-MT-1?32Meier\n\
    :62F:C261127EUR40,50\n-\n";

const OFX: &str = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\n\n<OFX><BANKMSGSRSV1><STMTTRNRS>\
    <STMTRS><CURDEF>EUR<BANKACCTFROM><BANKID>1<ACCTID>77<ACCTTYPE>CHECKING</BANKACCTFROM>\
    <BANKTRANLIST><DTSTART>20261126<DTEND>20261127<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261127\
    <TRNAMT>-59.50<FITID>F1<NAME>Meier<MEMO>RE-OFX-1</STMTTRN></BANKTRANLIST></STMTRS>\
    </STMTTRNRS></BANKMSGSRSV1></OFX>";

const CSV: &str = "Buchungstag;Betrag;Währung;Verwendungszweck;IBAN\n\
    27.11.2026;-59,50;EUR;RE-CSV-1;DE02120300000000202051\n";

#[tokio::test(flavor = "multi_thread")]
async fn each_format_becomes_entries() {
    let world = World::start().await;
    for (kind, file, syntax, text) in [
        ("text/plain", MT940, "mt940", "RE-MT-1"),
        ("application/x-ofx", OFX, "ofx-1", "RE-OFX-1"),
        ("text/csv", CSV, "csv", "RE-CSV-1"),
    ] {
        let answer = world.hand_in(kind, file).await;
        let body = answer.json();
        assert_eq!((answer.status.as_u16(), &body["status"]), (200, &"done".into()), "{body}");
        assert_eq!(body["document"]["syntax"], syntax);
        let transaction = &body["entries"][0]["transaction"];
        assert_eq!(
            (&transaction["amount"], &transaction["direction"]),
            (&"59.50".into(), &"out".into())
        );
        assert!(transaction["text"].as_str().expect("a text").contains(text), "{transaction}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_profile_says_which_column_is_what() {
    let bench = Bench::start().await;
    let profile = StatementProfile::from_toml(
        "account = 'DE89370400440532013000'\ncurrency = 'EUR'\ndate_format = 'DD.MM.YYYY'\n\
         decimal = ','\n[columns]\nbooking_date = 'A'\namount = 'B'\ntext = ['C']\n",
    );
    let profile = profile.expect("a profile");
    let profiles = [("odd".to_owned(), profile)].into();
    let mut parts = bench.parts();
    let settings = StatementSettings { profiles, ..StatementSettings::default() };
    parts.activities = parts.activities.with_payments(settings);
    let worker = WorkerSupervisor::start(parts).expect("a thread");
    bench.polling().await;
    let edge = Edge::over(&bench);
    let world = World { bench, edge, _worker: worker };
    let file = "A;B;C\n27.11.2026;-59,50;RE-CSV-2\n";
    let read = world.hand_in_to("/bank-statements?profile=odd", "text/csv", file).await.json();
    assert_eq!(read["status"], "done", "{read}");
    assert_eq!(read["document"]["profile"], "odd");
    assert_eq!(read["entries"][0]["transaction"]["text"], "RE-CSV-2");
    // By another profile its entries would come twice.
    let other = world.hand_in("text/csv", file).await;
    assert_eq!(other.problem(), (409, "resource-exists".to_owned()));
    assert_eq!(other.json()["id"], read["id"]);
}

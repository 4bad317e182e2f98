//! UBL `PaymentMeans`: BG-16 to BG-19.

use crate::extraction::iban;
use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::extraction::ubl::party::SEPA;
use crate::models::invoice::{Account, Card, DirectDebit, Payment};

/// Every group in the order of the document.
pub(crate) fn read(root: Element<'_, '_>, notes: &mut Notes) -> Vec<Payment> {
    let creditor = creditor(root);
    let groups = root.all("cac:PaymentMeans").zip(1..);
    groups
        .map(|(group, number)| {
            let place = format!("BG-16[{number}]");
            notes.within(&place, |notes| payment(group, creditor, notes))
        })
        .collect()
}

fn payment(
    group: Element<'_, '_>,
    creditor: Option<Element<'_, '_>>,
    notes: &mut Notes,
) -> Payment {
    let code = group.find("cbc:PaymentMeansCode");
    let accounts = group.all("cac:PayeeFinancialAccount").zip(1..);
    Payment {
        means_code: notes.word(code, "BT-81"),
        means_text: notes.attribute(code, "name", "BT-82"),
        remittance: notes.word(group.find("cbc:PaymentID"), "BT-83"),
        accounts: accounts
            .map(|(at, number)| {
                notes.within(&format!("BG-17[{number}]"), |notes| account(at, notes))
            })
            .collect(),
        card: group.find("cac:CardAccount").map(|at| Card {
            number: notes.word(at.find("cbc:PrimaryAccountNumberID"), "BT-87"),
            holder: notes.word(at.find("cbc:HolderName"), "BT-88"),
        }),
        direct_debit: group.find("cac:PaymentMandate").map(|at| DirectDebit {
            mandate: notes.word(at.find("cbc:ID"), "BT-89"),
            creditor: notes.word(creditor, "BT-90"),
            account: iban::account(at.find("cac:PayerFinancialAccount/cbc:ID"), "BT-91", notes),
        }),
    }
}

fn account(at: Element<'_, '_>, notes: &mut Notes) -> Account {
    Account {
        id: iban::account(at.find("cbc:ID"), "BT-84", notes),
        name: notes.word(at.find("cbc:Name"), "BT-85"),
        bic: notes.word(at.find("cac:FinancialInstitutionBranch/cbc:ID"), "BT-86"),
    }
}

/// BT-90 stands among the ids of the payee, or of the seller.
fn creditor<'a, 'i: 'a>(root: Element<'a, 'i>) -> Option<Element<'a, 'i>> {
    let parties = ["cac:PayeeParty", "cac:AccountingSupplierParty/cac:Party"];
    let parties = parties.into_iter().filter_map(|path| root.find(path));
    let mut ids = parties.flat_map(|party| {
        let all = party.all("cac:PartyIdentification");
        all.filter_map(|group| group.find("cbc:ID")).collect::<Vec<_>>()
    });
    ids.find(|id| id.attribute("schemeID") == Some(SEPA))
}

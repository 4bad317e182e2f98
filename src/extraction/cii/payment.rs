//! CII `SpecifiedTradeSettlementPaymentMeans`: BG-16 to BG-19.

use crate::extraction::cii::either;
use crate::extraction::iban;
use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::models::invoice::{Account, Card, DirectDebit, Payment};

/// UNTDID 4461: direct debit, and SEPA direct debit.
const DEBITS: [&str; 2] = ["49", "59"];

/// An account: an IBAN, or another number.
const ACCOUNT_IDS: [&str; 2] = ["ram:IBANID", "ram:ProprietaryID"];

/// What CII says once for all ways to pay, and UBL with each.
struct Shared<'a, 'i> {
    /// BT-83.
    remittance: Option<Element<'a, 'i>>,
    /// BT-89, from the payment terms.
    mandate: Option<Element<'a, 'i>>,
    /// BT-90.
    creditor: Option<Element<'a, 'i>>,
}

/// Every group in the order of the document.
pub(crate) fn read(settlement: Element<'_, '_>, notes: &mut Notes) -> Vec<Payment> {
    let mut terms = settlement.all("ram:SpecifiedTradePaymentTerms");
    let shared = Shared {
        remittance: settlement.find("ram:PaymentReference"),
        mandate: terms.find_map(|at| at.find("ram:DirectDebitMandateID")),
        creditor: settlement.find("ram:CreditorReferenceID"),
    };
    let groups: Vec<_> = settlement.all("ram:SpecifiedTradeSettlementPaymentMeans").collect();
    if groups.is_empty() {
        let payment = notes.within("BG-16[1]", |notes| without_means(&shared, notes));
        return Some(payment)
            .filter(|payment| *payment != Payment::default())
            .into_iter()
            .collect();
    }
    // A mandate belongs to the debits, and where nothing says which they are, to the first.
    let none_is_debit = !groups.iter().any(|group| is_debit(*group));
    let numbered = groups.into_iter().zip(1..);
    numbered
        .map(|(group, number)| {
            let debit = is_debit(group) || (none_is_debit && number == 1);
            notes.within(&format!("BG-16[{number}]"), |notes| payment(group, debit, &shared, notes))
        })
        .collect()
}

fn is_debit(group: Element<'_, '_>) -> bool {
    let code = group.text_at("ram:TypeCode");
    let payer = group.find("ram:PayerPartyDebtorFinancialAccount");
    payer.is_some() || code.is_some_and(|code| DEBITS.contains(&code.as_str()))
}

fn without_means(shared: &Shared<'_, '_>, notes: &mut Notes) -> Payment {
    Payment {
        remittance: notes.word(shared.remittance, "BT-83"),
        direct_debit: direct_debit(None, shared, notes),
        ..Payment::default()
    }
}

fn payment(
    group: Element<'_, '_>,
    debit: bool,
    shared: &Shared<'_, '_>,
    notes: &mut Notes,
) -> Payment {
    Payment {
        means_code: notes.word(group.find("ram:TypeCode"), "BT-81"),
        means_text: notes.word(group.find("ram:Information"), "BT-82"),
        remittance: notes.word(shared.remittance, "BT-83"),
        accounts: accounts(group, notes),
        card: group.find("ram:ApplicableTradeSettlementFinancialCard").map(|at| Card {
            number: notes.word(at.find("ram:ID"), "BT-87"),
            holder: notes.word(at.find("ram:CardholderName"), "BT-88"),
        }),
        direct_debit: if debit { direct_debit(Some(group), shared, notes) } else { None },
    }
}

/// BG-17: the bank stands beside the account, not inside it.
fn accounts(group: Element<'_, '_>, notes: &mut Notes) -> Vec<Account> {
    let banks = group.all("ram:PayeeSpecifiedCreditorFinancialInstitution");
    let mut banks = banks.map(|bank| bank.find("ram:BICID"));
    let groups = group.all("ram:PayeePartyCreditorFinancialAccount").zip(1..);
    groups
        .map(|(at, number)| {
            let bank = banks.next().flatten();
            notes.within(&format!("BG-17[{number}]"), |notes| Account {
                id: iban::account(either(at, ACCOUNT_IDS), "BT-84", notes),
                name: notes.word(at.find("ram:AccountName"), "BT-85"),
                bic: notes.word(bank, "BT-86"),
            })
        })
        .collect()
}

/// BG-19. ZUGFeRD 1 has mandate and creditor in an id of the means and its agency.
fn direct_debit(
    group: Option<Element<'_, '_>>,
    shared: &Shared<'_, '_>,
    notes: &mut Notes,
) -> Option<DirectDebit> {
    let id = group.and_then(|at| at.find("ram:ID"));
    let payer = group.and_then(|at| at.find("ram:PayerPartyDebtorFinancialAccount"));
    let payer = payer.and_then(|at| either(at, ACCOUNT_IDS));
    let mandate = notes.word(shared.mandate, "BT-89");
    let creditor = notes.word(shared.creditor, "BT-90");
    let debit = DirectDebit {
        mandate: mandate.or_else(|| notes.word(id, "BT-89")),
        creditor: creditor.or_else(|| notes.attribute(id, "schemeAgencyID", "BT-90")),
        account: iban::account(payer, "BT-91", notes),
    };
    (debit != DirectDebit::default()).then_some(debit)
}

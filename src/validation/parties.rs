//! Who sends to whom: VAT ids by their check digits, and ourselves on the wrong side.

use crate::models::finding::{Finding, Severity};
use crate::models::invoice::{Invoice, Party};
use crate::validation::{finding, vat_id};

/// Check digits of seller, buyer and tax representative; ourselves as the seller; another buyer.
pub(crate) const RULES: usize = 5;

/// Looks at the VAT ids; `own` are ours.
pub(crate) fn judge(invoice: &Invoice, own: &[String]) -> Vec<Finding> {
    let mut found = Vec::new();
    let representative = invoice.tax_representative.as_ref();
    let ids = [
        ("BT-31", invoice.seller.vat_id.as_deref()),
        ("BT-48", invoice.buyer.vat_id.as_deref()),
        ("BT-63", representative.and_then(|party| party.vat_id.as_deref())),
    ];
    for (term, id) in ids {
        found.extend(id.and_then(|id| check_digits(term, id)));
    }
    let own: Vec<_> = own.iter().map(|id| vat_id::normalised(id)).collect();
    found.extend(sold_by_us(&invoice.seller, &own));
    found.extend(bought_by_another(&invoice.buyer, &own));
    found
}

fn check_digits(term: &str, id: &str) -> Option<Finding> {
    let fault = vat_id::fault(id)?;
    let mut wrong = finding("VAT_ID_WRONG", Severity::Warning, &[term], format!("{id:?} {fault}"));
    wrong.place = Some(term.to_owned());
    wrong.actual = Some(id.to_owned());
    wrong.remedy =
        Some("compare it with the master data of the supplier, or ask VIES for it".to_owned());
    Some(wrong)
}

/// An invoice that we wrote ourselves has no place among those that we pay.
fn sold_by_us(seller: &Party, own: &[String]) -> Option<Finding> {
    let id = seller.vat_id.as_deref()?;
    let ours = own.contains(&vat_id::normalised(id));
    ours.then(|| {
        let message = format!("the seller has our own VAT id {id}: it is an invoice of ours");
        let mut found = finding("SELLER_IS_OURSELVES", Severity::Fatal, &["BT-31"], message);
        found.place = Some("BT-31".to_owned());
        found.actual = Some(id.to_owned());
        found.expected = Some("the VAT id of a supplier".to_owned());
        found.remedy = Some("take it to accounts receivable, or correct what was read".to_owned());
        found
    })
}

fn bought_by_another(buyer: &Party, own: &[String]) -> Option<Finding> {
    let id = buyer.vat_id.as_deref()?;
    let another = !own.is_empty() && !own.contains(&vat_id::normalised(id));
    another.then(|| {
        let message = format!("the buyer has the VAT id {id}, which is none of ours");
        let mut found = finding("BUYER_IS_ANOTHER", Severity::Warning, &["BT-48"], message);
        found.place = Some("BT-48".to_owned());
        found.actual = Some(id.to_owned());
        found.expected = Some(own.join(" or "));
        found.remedy = Some("find out whether the invoice is for us before paying it".to_owned());
        found
    })
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::models::invoice::{Invoice, Party, TaxRepresentative};

    fn party(id: &str) -> Party {
        Party { vat_id: Some(id.to_owned()), ..Party::default() }
    }

    #[test]
    fn we_do_not_sell_to_ourselves_and_do_not_pay_for_others() {
        let own = ["DE136695976".to_owned()];
        for (seller, buyer, code) in [
            ("ATU13585627", "DE 136 695 976", None),
            ("de136695976", "DE136695976", Some("SELLER_IS_OURSELVES")),
            ("ATU13585627", "FR40303265045", Some("BUYER_IS_ANOTHER")),
            ("DE123456789", "DE136695976", Some("VAT_ID_WRONG")),
        ] {
            let invoice =
                Invoice { seller: party(seller), buyer: party(buyer), ..Invoice::default() };
            let codes: Vec<_> = judge(&invoice, &own).into_iter().map(|found| found.code).collect();
            assert_eq!(codes, code.into_iter().collect::<Vec<_>>(), "{seller} {buyer}");
        }
        let mut alone = Invoice { seller: party("ATU13585627"), ..Invoice::default() };
        assert_eq!(judge(&alone, &[]), []);
        let representative =
            TaxRepresentative { vat_id: Some("ATU1".into()), ..TaxRepresentative::default() };
        alone.tax_representative = Some(representative);
        assert_eq!(judge(&alone, &[]).len(), 1);
    }
}

//! placeholder until merged
use rust_decimal::Decimal;
use crate::models::money::Currency;
use crate::models::rate::Rate;
pub struct Rates { rates: Vec<Rate>, ledger: Option<Currency>, inverse: bool }
impl Rates {
    pub fn new(rates: &[Rate], ledger: Option<Currency>, inverse: bool) -> Self {
        Self { rates: rates.to_vec(), ledger, inverse }
    }
    fn direct(&self, from: Currency, to: Currency) -> Option<Decimal> {
        if from == to { return Some(Decimal::ONE); }
        let found = self.rates.iter().find(|r| r.from == from && r.to == to).map(|r| r.rate);
        found.or_else(|| {
            let back = self.rates.iter().find(|r| r.from == to && r.to == from)?;
            self.inverse.then(|| Decimal::ONE.checked_div(back.rate))?
        })
    }
    pub fn convert(&self, from: Currency, to: Currency) -> Option<Decimal> {
        self.direct(from, to).or_else(|| {
            let ledger = self.ledger?;
            self.direct(from, ledger)?.checked_mul(self.direct(ledger, to)?)
        })
    }
}

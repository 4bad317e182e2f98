//! What a person says is paid with what, carried out in order.

use std::collections::{BTreeMap, HashSet};

use rust_decimal::Decimal;

use crate::models::payment::{
    Direction, Instruction, OpenItem, PaymentCase, Row, Settlement, StepResult,
};
use crate::reconciliation::payments::amount::{TooLarge, add, less, written};
use crate::reconciliation::payments::ledger::Ledger;
use crate::reconciliation::payments::refusal::Refusal;

/// Carries out all instructions; the payments that they name are decided by that.
pub(crate) fn carry_out<'a>(
    case: &'a PaymentCase,
    ledger: &mut Ledger<'_>,
    settlement: &mut Settlement,
) -> HashSet<&'a str> {
    for instruction in &case.instructions {
        let before = ledger.added().len();
        let fault = step(instruction, ledger).err();
        let rows = ledger.added()[before..].to_vec();
        settlement.steps.push(result(instruction, ledger, rows, fault));
    }
    case.instructions.iter().filter_map(|one| one.transaction.as_deref()).collect()
}

fn result(
    instruction: &Instruction,
    ledger: &Ledger<'_>,
    rows: Vec<Row>,
    fault: Option<String>,
) -> StepResult {
    let of_rows = rows.iter().map(|row| &row.item);
    let items = instruction.items.iter().chain(&instruction.offset_by).chain(of_rows);
    let open = items.filter_map(|id| {
        let place = ledger.place(id)?;
        Some((id.clone(), written(ledger.open(place), ledger.item(place).currency)))
    });
    let of_rows = rows.iter().filter_map(|row| row.transaction.as_ref());
    let transactions = instruction.transaction.iter().chain(of_rows);
    let left = transactions.filter_map(|id| {
        let (left, currency) = (ledger.left(id)?, ledger.transaction(id)?.currency?);
        Some((id.clone(), written(left, currency)))
    });
    let (open, unallocated): (BTreeMap<_, _>, BTreeMap<_, _>) = (open.collect(), left.collect());
    StepResult { step: instruction.step.clone(), open, unallocated, rows, fault }
}

/// The rows of a step, or in words why there are none.
fn step(instruction: &Instruction, ledger: &mut Ledger<'_>) -> Result<(), String> {
    if ledger.of_step(&instruction.step).is_some() {
        return Err(format!("step {} was carried out before", instruction.step));
    }
    if let Some(undone) = &instruction.undo {
        let rows = ledger.of_step(undone);
        let rows = rows.ok_or_else(|| format!("there is no step {undone} to take back"))?;
        if rows.is_empty() {
            return Err(format!("step {undone} was taken back before"));
        }
        let rows = Ledger::reversal(&rows, None, Some(&instruction.step));
        return ledger.post(rows).map(|_| ()).map_err(|refusal| refusal.to_string());
    }
    let rows = Allocation::new(instruction, ledger)?.rows()?;
    ledger.post(rows).map(|_| ()).map_err(|refusal| refusal.to_string())
}

/// One step while it is worked out.
struct Allocation<'s, 'a> {
    instruction: &'s Instruction,
    /// The way of the money, or of the first item.
    direction: Direction,
    /// What is left of the payment.
    pool: Decimal,
    /// In the order of the instruction: item, what is open, and its row.
    with: Vec<(&'a OpenItem, Decimal, Row)>,
    against: Vec<(&'a OpenItem, Decimal, Row)>,
    offsets: Vec<(&'a OpenItem, Decimal)>,
}

impl<'s, 'a> Allocation<'s, 'a> {
    fn new(instruction: &'s Instruction, ledger: &Ledger<'a>) -> Result<Self, String> {
        let find = |id: &String| {
            let place = ledger.place(id).ok_or_else(|| Refusal::NoItem(id.clone()).to_string())?;
            Ok::<_, String>((ledger.item(place), ledger.open(place)))
        };
        let items: Vec<_> = instruction.items.iter().map(find).collect::<Result<_, _>>()?;
        let offsets = instruction.offset_by.iter().map(find).collect::<Result<_, _>>()?;
        let Some((first, _)) = items.first().copied() else {
            return Err("it names no item".to_owned());
        };
        let (direction, pool) = match &instruction.transaction {
            None => (first.kind.direction(), Decimal::ZERO),
            Some(id) => {
                let missing = || Refusal::NoTransaction(id.clone()).to_string();
                let transaction = ledger.transaction(id).ok_or_else(missing)?;
                if transaction.pending {
                    return Err(format!("the bank has not booked transaction {id}"));
                }
                if items.iter().any(|(item, _)| Some(item.currency) != transaction.currency) {
                    return Err(format!("transaction {id} is in another currency than its items"));
                }
                (transaction.direction, ledger.left(id).unwrap_or_default())
            }
        };
        let row = |(item, open): (&'a OpenItem, Decimal)| {
            (item, open, empty(instruction, item, direction))
        };
        let (with, against): (Vec<_>, Vec<_>) =
            items.into_iter().map(row).partition(|(item, ..)| item.kind.direction() == direction);
        if with.is_empty() {
            return Err(format!("the money goes the other way than item {}", first.id));
        }
        let allocation = Self { instruction, direction, pool, with, against, offsets };
        allocation.one_currency()?;
        Ok(allocation)
    }

    fn one_currency(&self) -> Result<(), String> {
        let currency = self.with[0].0.currency;
        let against = self.against.iter().map(|(item, ..)| item);
        let mut others = against.chain(self.offsets.iter().map(|(item, _)| item));
        if others.any(|item| item.currency != currency) {
            return Err("its items are in more than one currency".to_owned());
        }
        if self.offsets.iter().any(|(item, _)| item.kind.direction() == self.direction) {
            return Err("an item is offset only by one that goes the other way".to_owned());
        }
        Ok(())
    }

    /// Offsets, then differences on the last items, then the money in order.
    fn rows(mut self) -> Result<Vec<Row>, String> {
        let offsets = self.offset().map_err(|error| error.to_string())?;
        self.differ().map_err(|error| error.to_string())?;
        self.pay().map_err(|error| error.to_string())?;
        for (item, open, row) in &self.with {
            let closes = row.taken == *open;
            let closing = !row.discount.is_zero() || !row.write_off.is_zero();
            if closing && !closes {
                return Err(format!(
                    "a discount or write-off closes its item, and {} of item {} would stay open",
                    written(*open - row.taken, item.currency),
                    item.id
                ));
            }
        }
        let rows = self.with.into_iter().chain(self.against).map(|(item, _, row)| (item, row));
        let rows =
            rows.chain(offsets).filter(|(_, row)| !row.taken.is_zero() || !row.paid.is_zero());
        let rows: Vec<Row> = rows
            .map(|(item, row)| crate::reconciliation::payments::fit::canonical(row, item))
            .collect();
        if rows.is_empty() {
            return Err("nothing is left of the payment, or nothing is open".to_owned());
        }
        Ok(rows)
    }

    fn offset(&mut self) -> Result<Vec<(&'a OpenItem, Row)>, TooLarge> {
        let mut rows = Vec::new();
        for (other, mut available) in std::mem::take(&mut self.offsets) {
            for (item, open, row) in &mut self.with {
                let amount = available.min(less(*open, row.taken)?);
                if amount.is_zero() || row.offset_by.is_some() {
                    continue;
                }
                available = less(available, amount)?;
                (row.offset, row.offset_by) = (amount, Some(other.id.clone()));
                row.taken = add(row.taken, amount)?;
                let mut back = empty(self.instruction, other, self.direction.reverse());
                back.transaction = None;
                (back.offset, back.taken) = (amount, amount);
                back.offset_by = Some(item.id.clone());
                rows.push((other, back));
            }
        }
        Ok(rows)
    }

    fn differ(&mut self) -> Result<(), Refusal> {
        type Slot = fn(&mut Row) -> &mut Decimal;
        let slots: [(Option<Decimal>, Slot); 3] = [
            (self.instruction.discount, |row| &mut row.discount),
            (self.instruction.fee, |row| &mut row.fee),
            (self.instruction.write_off, |row| &mut row.write_off),
        ];
        for (amount, slot) in slots {
            let mut rest = amount.unwrap_or_default();
            for (_, open, row) in self.with.iter_mut().rev() {
                let room = less(*open, row.taken)?;
                let part = rest.min(room);
                *slot(row) = part;
                row.taken = add(row.taken, part)?;
                rest = less(rest, part)?;
            }
            if !rest.is_zero() {
                let (item, open, _) = &self.with[0];
                let (item, taken, open) = (item.id.clone(), rest, *open);
                return Err(Refusal::ItemOverdrawn { item, taken, open, whole: open });
            }
        }
        Ok(())
    }

    fn pay(&mut self) -> Result<(), TooLarge> {
        if self.instruction.transaction.is_none() {
            return Ok(());
        }
        let mut needed = Decimal::ZERO;
        for (_, open, row) in &self.with {
            needed = add(needed, less(*open, row.taken)?)?;
        }
        // Credits add to what can be paid, as far as it is needed.
        for (_, open, row) in &mut self.against {
            let amount = (*open).min(less(needed, self.pool)?.max(Decimal::ZERO));
            (row.paid, row.taken) = (-amount, -amount);
            self.pool = add(self.pool, amount)?;
        }
        for (_, open, row) in &mut self.with {
            let amount = self.pool.min(less(*open, row.taken)?);
            row.paid = amount;
            row.taken = add(row.taken, amount)?;
            self.pool = less(self.pool, amount)?;
        }
        Ok(())
    }
}

fn empty(instruction: &Instruction, item: &OpenItem, direction: Direction) -> Row {
    Row {
        sequence: 0,
        transaction: instruction.transaction.clone(),
        item: item.id.clone(),
        direction,
        paid: Decimal::ZERO,
        discount: Decimal::ZERO,
        fee: Decimal::ZERO,
        write_off: Decimal::ZERO,
        offset: Decimal::ZERO,
        offset_by: None,
        exchange: None,
        taken: Decimal::ZERO,
        step: Some(instruction.step.clone()),
        reverses: None,
    }
}

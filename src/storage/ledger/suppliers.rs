//! Suppliers' master records, every revision of them, and what each is known by.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sqlx::any::AnyRow;

use crate::models::hold::{Hold, HoldCode};
use crate::models::refs::{InvoiceId, SupplierId};
use crate::models::supplier::Supplier;
use crate::models::supplier::record::SupplierRecord;
use crate::storage::ledger::database::Engine;
use crate::storage::ledger::dispatch::waiting;
use crate::storage::ledger::orders::Registration;
use crate::storage::ledger::registry::{Draft, Kept, Tables};
use crate::storage::ledger::select::Select;
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{Ledger, LedgerError, texts};

/// Records of one identity that an invoice is compared with: two refuse it already, and a text
/// lists five.
const SAME_IDENTITY_MAX: i64 = 20;

/// What matchings and changes of suppliers meet in (PostgreSQL): a number that nothing else of
/// ours locks.
const SUPPLIERS: i64 = 0x7375_7070;

/// Holds that a supplier's record raises, or may free.
const OF_SUPPLIERS: [HoldCode; 6] = [
    HoldCode::VendorUnknown,
    HoldCode::VendorAmbiguous,
    HoldCode::VendorBlocked,
    HoldCode::VendorMismatch,
    HoldCode::BankChanged,
    HoldCode::SenderUnverified,
];

/// A supplier that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct SupplierRow {
    /// Its id; the same for every revision.
    pub id: SupplierId,
    /// When this revision came.
    pub created_at: DateTime<Utc>,
    /// What it says.
    pub record: SupplierRecord,
}

/// What narrows the list of suppliers.
#[derive(Debug, Clone, Default)]
pub struct SupplierFilter {
    /// The name begins with this, whatever the case.
    pub name: Option<String>,
    /// It has one of each of these identities.
    pub identities: Vec<Vec<String>>,
}

const TABLES: Tables = Tables {
    name: "supplier",
    deed: "create_supplier",
    find: "SELECT id, revision FROM supplier WHERE number_key = $1",
    insert: "INSERT INTO supplier (number_key, name_key, id, revision) VALUES ($1, $2, $3, $4)",
    raise: "UPDATE supplier SET revision = $2 WHERE id = $1",
    keep: "INSERT INTO supplier_revision (id, revision, created_at, content) \
           VALUES ($1, $2, $3, $4)",
    read: "SELECT id, created_at, content FROM supplier_revision \
           WHERE id = $1 AND revision = $2",
};

/// Each supplier with its newest revision.
const NEWEST: &str = "SELECT o.id, r.created_at, r.content FROM supplier o \
     JOIN supplier_revision r ON r.id = o.id AND r.revision = o.revision";

const KNOWN_BY: &str = "SELECT o.id, r.created_at, r.content FROM supplier_identity k \
     JOIN supplier o ON o.id = k.supplier_id \
     JOIN supplier_revision r ON r.id = o.id AND r.revision = o.revision \
     WHERE k.identity = $1 ORDER BY o.id LIMIT $2";

impl Ledger {
    /// Keeps a supplier under its natural key, its number; `identities` are what it is known by
    /// from now on. Waits for all matchings: they see it all or not at all, and those invoices
    /// that something about such a supplier holds are told.
    pub async fn register_supplier(
        &self,
        id: SupplierId,
        record: &SupplierRecord,
        identities: &BTreeSet<String>,
        at: DateTime<Utc>,
    ) -> Result<Registration<SupplierRow>, LedgerError> {
        let mut write = self.write().await?;
        write.suppliers_change().await?;
        let name_key = name_key(record.name.as_deref().unwrap_or_default());
        let draft = Draft {
            natural_key: vec![texts::order_key(&record.supplier_number)],
            lookups: vec![name_key.clone()],
            id: id.as_str(),
            revision: record.revision,
            document: record,
            at,
        };
        let registered = write.register(&TABLES, draft).await?.read(supplier_row)?;
        match &registered {
            Registration::New(row) => {
                let before = i64::from(record.revision) - 1;
                let before = write.revision::<SupplierRecord>(&TABLES, row.id.as_str(), before);
                let before = before.await?.map(|kept| kept.document.accounts).unwrap_or_default();
                write.note_editor(&row.id, &before, &record.accounts, at).await?;
                write.keep_identities(&row.id, &name_key, identities).await?;
                write.registered(&TABLES, row.id.as_str(), record.revision).await?;
            }
            // The claim of a key, if there is one.
            Registration::Known(_) => write.commit().await?,
            Registration::Conflict { .. } => {}
        }
        Ok(registered)
    }

    /// The newest revision of a supplier.
    pub async fn supplier(&self, id: &SupplierId) -> Result<Option<SupplierRow>, LedgerError> {
        let id = Some(id.to_string());
        let rows = Select::new(NEWEST).text("o.id =", id).fetch("o.id", 1, &self.pool).await?;
        rows.first().map(read).transpose()
    }

    /// One revision of a supplier, old ones too.
    pub async fn supplier_revision(
        &self,
        id: &SupplierId,
        revision: u32,
    ) -> Result<Option<SupplierRow>, LedgerError> {
        let query = sqlx::query(TABLES.read).bind(id.as_str()).bind(i64::from(revision));
        let row = query.fetch_optional(&self.pool).await?;
        row.as_ref().map(read).transpose()
    }

    /// Newest first, newest revisions.
    pub async fn suppliers(
        &self,
        filter: &SupplierFilter,
        after: Option<&SupplierId>,
        limit: u32,
    ) -> Result<Vec<SupplierRow>, LedgerError> {
        let mut select = Select::new(NEWEST);
        select.text("o.id <", after.map(ToString::to_string));
        if let Some(name) = &filter.name {
            // Master records are few beside invoices: reading their names through is quick.
            select.text("o.name_key LIKE", Some(format!("{}%", unescaped(&name_key(name)))));
            select.literal("ESCAPE '!'");
        }
        for any in &filter.identities {
            let keys = any.iter().map(|identity| texts::key(identity)).collect();
            select.literal("AND o.id IN (SELECT supplier_id FROM supplier_identity WHERE 1 = 1");
            select.any("identity", keys);
            select.literal(")");
        }
        let rows = select.fetch("o.id DESC", limit, &self.pool).await?;
        rows.iter().map(read).collect()
    }
}

impl Write {
    /// Matchings wait until this transaction ends, and it waited for theirs. (A SQLite file has
    /// one writer.)
    async fn suppliers_change(&mut self) -> Result<(), LedgerError> {
        self.meet("SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)").await
    }

    /// No supplier changes until this transaction ends.
    pub(super) async fn suppliers_stay(&mut self) -> Result<(), LedgerError> {
        self.meet("SELECT CAST(pg_advisory_xact_lock_shared($1) AS TEXT)").await
    }

    async fn meet(&mut self, sql: &'static str) -> Result<(), LedgerError> {
        if self.engine() == Engine::Postgres {
            sqlx::query(sql).bind(SUPPLIERS).execute(self.on()).await?;
        }
        Ok(())
    }

    /// Replaces what a supplier is known by, and marks the waiting invoices of what it was and is
    /// known by.
    async fn keep_identities(
        &mut self,
        id: &SupplierId,
        name_key: &str,
        identities: &BTreeSet<String>,
    ) -> Result<(), LedgerError> {
        let sql = "UPDATE supplier SET name_key = $2 WHERE id = $1";
        sqlx::query(sql).bind(id.as_str()).bind(name_key).execute(self.on()).await?;
        let sql = "DELETE FROM supplier_identity WHERE supplier_id = $1 RETURNING identity";
        let before = sqlx::query_scalar(sql).bind(id.as_str());
        let before: Vec<String> = before.fetch_all(self.on()).await?;
        let now: BTreeSet<String> = identities.iter().map(|one| texts::key(one)).collect();
        for identity in &now {
            let sql = "INSERT INTO supplier_identity (identity, supplier_id) VALUES ($1, $2)";
            sqlx::query(sql).bind(identity).bind(id.as_str()).execute(self.on()).await?;
        }
        for identity in now.into_iter().chain(before).collect::<BTreeSet<_>>() {
            let sql = concat!(
                waiting!(),
                " AND id IN (SELECT invoice_id FROM invoice_identity WHERE identity = $1)"
            );
            sqlx::query(sql).bind(identity).execute(self.on()).await?;
        }
        Ok(())
    }

    /// The suppliers on file that have one of these identities, in the order of their ids; none
    /// when there is no supplier at all.
    pub(super) async fn suppliers_known_by(
        &mut self,
        identities: &[String],
    ) -> Result<Option<Vec<Supplier>>, LedgerError> {
        let any = sqlx::query_scalar::<_, String>("SELECT id FROM supplier LIMIT 1");
        if any.fetch_optional(self.on()).await?.is_none() {
            return Ok(None);
        }
        let mut found = BTreeMap::new();
        for identity in identities {
            let query = sqlx::query(KNOWN_BY).bind(texts::key(identity)).bind(SAME_IDENTITY_MAX);
            for row in query.fetch_all(self.on()).await? {
                let row = read(&row)?;
                found.insert(row.id, row.record.supplier());
            }
        }
        Ok(Some(found.into_values().collect()))
    }

    /// Remembers what the seller is known by while something about the supplier holds the invoice.
    pub(super) async fn await_supplier(
        &mut self,
        id: &InvoiceId,
        identities: &[String],
        holds: &[Hold],
    ) -> Result<(), LedgerError> {
        let sql = "DELETE FROM invoice_identity WHERE invoice_id = $1";
        sqlx::query(sql).bind(id.as_str()).execute(self.on()).await?;
        if !holds.iter().any(|hold| OF_SUPPLIERS.contains(&hold.code)) {
            return Ok(());
        }
        for identity in identities {
            let sql = "INSERT INTO invoice_identity (identity, invoice_id) VALUES ($1, $2) \
                       ON CONFLICT DO NOTHING";
            let query = sqlx::query(sql).bind(texts::key(identity)).bind(id.as_str());
            query.execute(self.on()).await?;
        }
        Ok(())
    }
}

/// A name as it is listed.
fn name_key(name: &str) -> String {
    texts::shown(&name.trim().to_lowercase())
}

/// For LIKE: without a meaning of `%` and `_`.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '!') {
            plain.push('!');
        }
        plain.push(character);
    }
    plain
}

fn read(row: &AnyRow) -> Result<SupplierRow, LedgerError> {
    supplier_row(Kept::read(TABLES.name, row)?)
}

fn supplier_row(kept: Kept<SupplierRecord>) -> Result<SupplierRow, LedgerError> {
    let id = SupplierId::parse(&kept.id);
    Ok(SupplierRow {
        id: id.map_err(|error| kept.unreadable(TABLES.name, &error))?,
        created_at: kept.created_at,
        record: kept.document,
    })
}

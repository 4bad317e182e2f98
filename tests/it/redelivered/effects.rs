//! What the ledger holds, to be compared: all rows of all tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use sqlx::{AnyPool, AssertSqlSafe};

use crate::ledger::Database;

/// Table to its rows, each as one text, sorted.
pub(super) type Rows = BTreeMap<String, Vec<String>>;

async fn words(pool: &AnyPool, sql: String) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(pool).await.expect("rows")
}

pub(super) async fn rows(pool: &AnyPool, database: Database) -> Rows {
    let tables = match database {
        Database::Sqlite => {
            "SELECT CAST(name AS TEXT) FROM sqlite_master WHERE type = 'table' \
                             AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations'"
        }
        Database::Postgres => {
            "SELECT table_name::text FROM information_schema.tables \
                               WHERE table_schema = 'public' \
                               AND table_name <> '_sqlx_migrations'"
        }
    };
    let mut all = Rows::new();
    for table in words(pool, tables.to_owned()).await {
        let columns = match database {
            Database::Sqlite => {
                format!("SELECT CAST(name AS TEXT) FROM pragma_table_info('{table}')")
            }
            Database::Postgres => format!(
                "SELECT column_name::text FROM information_schema.columns \
                 WHERE table_name = '{table}' ORDER BY ordinal_position"
            ),
        };
        let quoted = words(pool, columns).await.into_iter().map(|column| match database {
            Database::Sqlite => format!("quote(\"{column}\")"),
            Database::Postgres => format!("coalesce(\"{column}\"::text, 'NULL')"),
        });
        let parts: Vec<_> = quoted.collect();
        let mut kept =
            words(pool, format!("SELECT {} FROM {table}", parts.join(" || ' | ' || "))).await;
        kept.sort();
        all.insert(table, kept);
    }
    all
}

/// The same without what is drawn or told by the clock: ids, digests, times.
pub(super) fn faceless(rows: &Rows) -> Rows {
    let plain = |kept: &Vec<String>| {
        let mut kept: Vec<_> = kept.iter().map(|row| without_faces(row)).collect();
        kept.sort();
        kept
    };
    rows.iter().map(|(table, kept)| (table.clone(), plain(kept))).collect()
}

fn without_faces(row: &str) -> String {
    let part = |c: char| c.is_ascii_alphanumeric() || "_-:.+/=".contains(c);
    let mut plain = String::new();
    let mut word = String::new();
    for c in row.chars().chain([' ']) {
        if part(c) {
            word.push(c);
            continue;
        }
        plain.push_str(face(&word).unwrap_or(&word));
        word.clear();
        plain.push(c);
    }
    plain
}

/// What stands for a word that another run has otherwise.
fn face(word: &str) -> Option<&'static str> {
    let word = word.trim_matches([':', '.', '-']);
    let tail = word.rsplit('_').next().unwrap_or(word);
    let digits = word.bytes().all(|b| b.is_ascii_digit());
    if digits && word.len() >= 16 {
        return Some("TIME");
    }
    if word.len() >= 20 && word.starts_with("20") && word.as_bytes().get(10) == Some(&b'T') {
        return Some("TIME");
    }
    (tail.len() >= 26 || word.len() >= 32).then_some("NAME")
}

/// What one of two has and the other has not; empty when they are alike.
pub(super) fn difference(one: &Rows, other: &Rows) -> String {
    let mut told = String::new();
    let tables: BTreeSet<_> = one.keys().chain(other.keys()).collect();
    for table in tables {
        let (left, right) = (one.get(table), other.get(table));
        if left == right {
            continue;
        }
        let (mut left, mut right) =
            (left.cloned().unwrap_or_default(), right.cloned().unwrap_or_default());
        left.retain(|row| match right.iter().position(|same| same == row) {
            Some(place) => {
                right.remove(place);
                false
            }
            None => true,
        });
        let _ = writeln!(told, "{table}:\n  only here: {left:#?}\n  only there: {right:#?}");
    }
    told
}

//! A SELECT whose conditions depend on what was asked.
//!
//! The text is made of literals of this program and of numbered places alone; every value is
//! bound. (`sqlx::QueryBuilder` writes `?`, which PostgreSQL does not take.)

use std::fmt::Write as _;

use sqlx::any::{Any, AnyArguments, AnyRow};
use sqlx::{AnyPool, AssertSqlSafe, Encode, Type};

use crate::storage::ledger::LedgerError;

/// A query in the making.
pub(super) struct Select {
    sql: String,
    values: Vec<Value>,
}

enum Value {
    Text(String),
    Number(i64),
}

impl Select {
    /// Starts with everything up to the conditions.
    pub(super) fn new(from: &'static str) -> Self {
        let sql = format!("{from} WHERE 1 = 1");
        let values = Vec::new();
        Self { sql, values }
    }

    /// Narrows by a text, if there is one; `condition` ends where the value goes: `number =`.
    pub(super) fn text(&mut self, condition: &'static str, value: Option<String>) -> &mut Self {
        if let Some(value) = value {
            self.sql.push_str(" AND ");
            self.sql.push_str(condition);
            self.place(Value::Text(value));
        }
        self
    }

    /// The same for a condition that goes on after its value: a selection within.
    pub(super) fn text_in(
        &mut self,
        condition: &'static str,
        value: Option<String>,
        rest: &'static str,
    ) -> &mut Self {
        let there = value.is_some();
        self.text(condition, value);
        self.sql.push_str(if there { rest } else { "" });
        self
    }

    /// Narrows by a number, if there is one.
    pub(super) fn number(&mut self, condition: &'static str, value: Option<i64>) -> &mut Self {
        if let Some(value) = value {
            self.sql.push_str(" AND ");
            self.sql.push_str(condition);
            self.place(Value::Number(value));
        }
        self
    }

    /// Closes a condition that opened a bracket.
    pub(super) fn close(&mut self) -> &mut Self {
        self.sql.push(')');
        self
    }

    /// Narrows by a condition without a value: how tables go together.
    pub(super) fn same(&mut self, condition: &'static str) -> &mut Self {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self
    }

    /// Narrows to any of these texts; none is all.
    pub(super) fn any(&mut self, column: &'static str, values: Vec<String>) -> &mut Self {
        if values.is_empty() {
            return self;
        }
        self.sql.push_str(" AND ");
        self.sql.push_str(column);
        for (index, value) in values.into_iter().enumerate() {
            self.sql.push_str(if index == 0 { " IN (" } else { "," });
            self.place(Value::Text(value));
        }
        self.sql.push(')');
        self
    }

    /// Narrows to texts that begin like any of these patterns, in which a backslash goes before
    /// what is meant as it stands; none is all.
    pub(super) fn any_like(&mut self, column: &'static str, patterns: Vec<String>) -> &mut Self {
        if patterns.is_empty() {
            return self;
        }
        for (index, pattern) in patterns.into_iter().enumerate() {
            self.sql.push_str(if index == 0 { " AND (" } else { " OR " });
            self.sql.push_str(column);
            self.sql.push_str(" LIKE");
            self.place(Value::Text(pattern));
            self.sql.push_str(" ESCAPE '\\'");
        }
        self.sql.push(')');
        self
    }

    /// Adds text of ours.
    pub(super) fn literal(&mut self, text: &'static str) -> &mut Self {
        self.sql.push(' ');
        self.sql.push_str(text);
        self
    }

    /// Ends with order and limit, and runs.
    pub(super) async fn fetch(
        &mut self,
        order: &'static str,
        limit: u32,
        pool: &AnyPool,
    ) -> Result<Vec<AnyRow>, LedgerError> {
        self.sql.push_str(" ORDER BY ");
        self.sql.push_str(order);
        self.sql.push_str(" LIMIT");
        self.place(Value::Number(i64::from(limit)));
        let mut arguments = AnyArguments::default();
        for value in self.values.drain(..) {
            match value {
                Value::Text(text) => bind(&mut arguments, text)?,
                Value::Number(number) => bind(&mut arguments, number)?,
            }
        }
        let sql = AssertSqlSafe(std::mem::take(&mut self.sql));
        Ok(sqlx::query_with(sql, arguments).fetch_all(pool).await?)
    }

    fn place(&mut self, value: Value) {
        self.values.push(value);
        write!(self.sql, " ${}", self.values.len()).expect("a String takes everything");
    }
}

fn bind<T: Encode<'static, Any> + Type<Any>>(
    arguments: &mut AnyArguments,
    value: T,
) -> Result<(), LedgerError> {
    let added = sqlx::Arguments::add(arguments, value);
    added.map_err(|error| LedgerError::Unavailable(error.to_string()))
}

//! Small facts of the installation.

use std::fmt::Write as _;

use chrono::Utc;

use crate::storage::ledger::{Ledger, LedgerError};

impl Ledger {
    /// The signing key; the first process to ask makes it.
    pub(super) async fn shared_key(&self) -> Result<[u8; 32], LedgerError> {
        let name = "signing_key";
        let mut key = [0; 32];
        aws_lc_rs::rand::fill(&mut key).map_err(|_| {
            LedgerError::Unavailable("the system gives no random numbers".to_owned())
        })?;
        let mut write = self.write().await?;
        let insert = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        let insert = sqlx::query(insert).bind(name).bind(hexadecimal(&key));
        insert.execute(write.on()).await?;
        let kept = sqlx::query_scalar("SELECT value FROM setting WHERE name = $1").bind(name);
        let kept: String = kept.fetch_one(write.on()).await?;
        write.commit().await?;
        bytes(&kept).ok_or_else(|| LedgerError::Unreadable {
            place: "setting signing_key".to_owned(),
            reason: "is not 64 hexadecimal digits; delete the row, and a new key is made at the \
                     next start"
                .to_owned(),
        })
    }

    pub(super) async fn write_and_read_back(&self) -> Result<(), LedgerError> {
        let written = Utc::now().timestamp_micros().to_string();
        let mut write = self.write().await?;
        let upsert = "INSERT INTO setting (name, value) VALUES ('probe', $1) \
                      ON CONFLICT (name) DO UPDATE SET value = excluded.value RETURNING value";
        let read = sqlx::query_scalar(upsert).bind(&written);
        let read: String = read.fetch_one(write.on()).await?;
        write.commit().await?;
        if read == written {
            Ok(())
        } else {
            Err(LedgerError::Unavailable(
                "what was written reads back as something else".to_owned(),
            ))
        }
    }
}

fn hexadecimal(bytes: &[u8; 32]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes everything");
        text
    })
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let byte = |index: usize| u8::from_str_radix(&text[index * 2..index * 2 + 2], 16);
    let mut bytes = [0; 32];
    for (index, place) in bytes.iter_mut().enumerate() {
        *place = byte(index).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{bytes, hexadecimal};

    #[test]
    fn keys_are_read_back_and_nothing_else_is() {
        let key = std::array::from_fn(|index| u8::try_from(index * 8).expect("below 256"));
        assert_eq!(bytes(&hexadecimal(&key)), Some(key));
        for bad in ["", "00", &"g".repeat(64), &"ü".repeat(32), &"0".repeat(66)] {
            assert_eq!(bytes(bad), None, "{bad}");
        }
    }
}

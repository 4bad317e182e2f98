//! Signatures of Standard Webhooks 1.0: HMAC-SHA-256 over `id.timestamp.body`.

use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret, SecretString};

/// What each secret starts with, so that scanners of repositories and logs can know one.
const PREFIX: &str = "whsec_";

/// Bytes of a secret; the standard asks for 24 to 64.
const SECRET_BYTES: usize = 32;

/// A new secret; `None` when the system gives no random numbers.
pub fn draw_secret() -> Option<SecretString> {
    let mut bytes = [0; SECRET_BYTES];
    rand::fill(&mut bytes).ok()?;
    Some(format!("{PREFIX}{}", BASE64_STANDARD.encode(bytes)).into())
}

/// The value of `webhook-signature`: one signature for each secret, with a blank between them.
/// A secret that is none of ours signs nothing.
pub fn sign(secrets: &[SecretString], id: &str, timestamp: i64, body: &str) -> String {
    let signed = format!("{id}.{timestamp}.{body}");
    let one = |secret: &SecretString| {
        let key = secret.expose_secret().strip_prefix(PREFIX)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &BASE64_STANDARD.decode(key).ok()?);
        let tag = hmac::sign(&key, signed.as_bytes());
        Some(format!("v1,{}", BASE64_STANDARD.encode(tag.as_ref())))
    };
    secrets.iter().filter_map(one).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use secrecy::{ExposeSecret, SecretString};

    use super::{draw_secret, sign};

    /// The example of the standard's own libraries.
    #[test]
    fn signs_as_the_standard_says() {
        let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signed = sign(
            &[secret],
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn two_secrets_give_two_signatures() {
        let (new, old) = (draw_secret().expect("random"), draw_secret().expect("random"));
        assert_ne!(new.expose_secret(), old.expose_secret());
        let both = sign(&[new.clone(), old.clone()], "dlv_1", 1, "{}");
        let alone = [&new, &old].map(|one| sign(std::slice::from_ref(one), "dlv_1", 1, "{}"));
        assert_eq!(both, alone.join(" "));
        assert!(!format!("{new:?}").contains("whsec"));
    }
}

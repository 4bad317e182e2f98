//! Buckets of S3-compatible stores: where one is, and what opens it.

use secrecy::SecretString;

use crate::config::Environment;

/// What the environment may say of them, under the names that other programs read too. Secrets
/// stand nowhere else.
const VARIABLES: [&str; 15] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ALLOW_HTTP",
    "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
];

/// One of these opens a bucket.
const CREDENTIALS: [&str; 4] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// What the environment says of buckets.
#[derive(Debug, Clone, Default)]
pub struct Buckets(Vec<(&'static str, SecretString)>);

impl Buckets {
    /// Takes what is there.
    pub fn load(environment: &Environment) -> Self {
        let found = VARIABLES.iter().filter_map(|name| {
            let value = environment.get(*name)?;
            Some((*name, SecretString::from(value.clone())))
        });
        Self(found.collect())
    }

    /// Names and values.
    pub fn variables(&self) -> &[(&'static str, SecretString)] {
        &self.0
    }

    /// Refuses to be without credentials: they would be looked for in the network.
    ///
    /// # Errors
    /// With the variables that are missing.
    pub fn check(&self) -> anyhow::Result<()> {
        let has = |name: &str| self.0.iter().any(|(known, _)| *known == name);
        anyhow::ensure!(
            CREDENTIALS.iter().any(|name| has(name)),
            "a bucket needs credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or what \
             your cloud sets for a workload ({})",
            CREDENTIALS[1..].join(", ")
        );
        anyhow::ensure!(
            has("AWS_ACCESS_KEY_ID") == has("AWS_SECRET_ACCESS_KEY"),
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set together or not at all"
        );
        Ok(())
    }
}

/// A part of a bucket, as `s3://BUCKET/PREFIX` names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketPlace {
    /// The bucket.
    pub bucket: String,
    /// Folders in it, without slashes at the ends; empty for the bucket itself.
    pub prefix: String,
}

impl BucketPlace {
    /// Reads `s3://BUCKET` or `s3://BUCKET/PREFIX`.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let refuse = || {
            format!("{text:?} names no bucket: write s3://BUCKET or s3://BUCKET/FOLDER/OF/FILES")
        };
        let place = text.strip_prefix("s3://").ok_or_else(|| anyhow::anyhow!(refuse()))?;
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let prefix = prefix.trim_end_matches('/');
        let legal = |part: &str| !part.is_empty() && part != "." && part != "..";
        anyhow::ensure!(
            legal(bucket) && (prefix.is_empty() || prefix.split('/').all(legal)),
            refuse()
        );
        Ok(Self { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::{BucketPlace, Buckets};

    #[test]
    fn a_place_is_a_bucket_and_folders_in_it() {
        for (text, bucket, prefix) in [
            ("s3://bank", "bank", ""),
            ("s3://bank/", "bank", ""),
            ("s3://bank/in", "bank", "in"),
            ("s3://bank/in/coming/", "bank", "in/coming"),
        ] {
            let read = BucketPlace::parse(text).expect("a place");
            assert_eq!((read.bucket.as_str(), read.prefix.as_str()), (bucket, prefix), "{text}");
        }
        for text in
            ["bank/in", "https://bank/in", "s3://", "s3:///in", "s3://bank//in", "s3://b/.."]
        {
            assert!(BucketPlace::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn credentials_come_from_the_environment_whole_and_do_not_print() {
        let with = |names: &[&str]| {
            let set = |name: &&str| ((*name).to_owned(), "hush".to_owned());
            Buckets::load(&names.iter().map(set).collect())
        };
        let whole = with(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "PATH"]);
        assert!(whole.check().is_ok());
        assert_eq!(whole.variables().len(), 3);
        assert!(!format!("{whole:?}").contains("hush"));
        assert!(with(&["AWS_WEB_IDENTITY_TOKEN_FILE"]).check().is_ok());
        for names in [&["AWS_REGION"][..], &["AWS_ACCESS_KEY_ID"], &["AWS_SECRET_ACCESS_KEY"]] {
            let error = with(names).check().expect_err("it is refused");
            assert!(error.to_string().contains("AWS_SECRET_ACCESS_KEY"), "{names:?}: {error}");
        }
    }
}

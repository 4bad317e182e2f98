//! An identity provider on this machine: its keys, and tokens that they sign.

mod desk;

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use ap_gateway::config;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaPublicKeyComponents,
};
use axum::http::StatusCode;
use axum::routing::get;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

pub(crate) use crate::http_auth::provider::desk::{Desk, Instead, Proof, consent};

/// Serves a set of keys, and counts who asks for it.
#[derive(Clone)]
pub(crate) struct Provider {
    pub(crate) issuer: String,
    answer: Arc<Mutex<(StatusCode, String)>>,
    asked: Arc<AtomicUsize>,
    desk: Arc<Mutex<Desk>>,
}

impl Provider {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let issuer = format!("http://{}", listener.local_addr().expect("bound"));
        let answer = Arc::new(Mutex::new((StatusCode::OK, String::new())));
        let signer = Arc::new(Signer::new("desk", Algorithm::EdDSA));
        let desk = Arc::new(Mutex::new(Desk::new(signer)));
        let provider = Self { issuer: issuer.clone(), answer, asked: Arc::default(), desk };
        let (answer, asked) = (Arc::clone(&provider.answer), Arc::clone(&provider.asked));
        let jwks = move || async move {
            asked.fetch_add(1, Ordering::Relaxed);
            answer.lock().expect("not poisoned").clone()
        };
        let shared = desk::Shared { issuer, desk: Arc::clone(&provider.desk) };
        let router = desk::routes(shared).route("/jwks", get(jwks));
        let server = axum_server::from_tcp(listener).expect("a server");
        tokio::spawn(server.serve(router.into_make_service()));
        provider
    }

    /// The settings of a gateway that takes its tokens.
    pub(crate) fn settings(&self) -> config::Jwt {
        config::Jwt {
            issuer: Some(self.issuer.clone()),
            audience: Some("ap-gateway".to_owned()),
            jwks_url: Some(format!("{}/jwks", self.issuer)),
            ..config::Jwt::default()
        }
    }

    pub(crate) fn publish(&self, signers: &[&Signer]) {
        let keys: Vec<_> = signers.iter().map(|signer| signer.jwk.clone()).collect();
        self.answer_with(StatusCode::OK, &json!({ "keys": keys }).to_string());
    }

    pub(crate) fn answer_with(&self, status: StatusCode, text: &str) {
        *self.answer.lock().expect("not poisoned") = (status, text.to_owned());
    }

    /// Where people sign in; its key is published by [`open_desk`](Self::open_desk).
    pub(crate) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().expect("not poisoned")
    }

    /// Lets people sign in.
    pub(crate) fn open_desk(&self) {
        let signer = Arc::clone(&self.desk().signer);
        self.publish(&[&signer]);
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// What a good token says.
    pub(crate) fn claims(&self) -> Value {
        let now = chrono::Utc::now().timestamp();
        json!({
            "iss": self.issuer, "aud": "ap-gateway", "sub": "alice", "iat": now,
            "exp": now + 300, "roles": ["submitter"],
        })
    }
}

/// A key of the provider.
pub(crate) struct Signer {
    pub(crate) id: String,
    pub(crate) algorithm: Algorithm,
    key: EncodingKey,
    jwk: Value,
}

impl Signer {
    pub(crate) fn new(id: &str, algorithm: Algorithm) -> Self {
        let random = SystemRandom::new();
        let base64 = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let (key, mut jwk) = match algorithm {
            Algorithm::EdDSA => {
                let der = Ed25519KeyPair::generate_pkcs8(&random).expect("a key");
                let pair = Ed25519KeyPair::from_pkcs8(der.as_ref()).expect("a key");
                let x = base64(pair.public_key().as_ref());
                let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
                (EncodingKey::from_ed_der(der.as_ref()), jwk)
            }
            Algorithm::ES256 => {
                let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
                let der = EcdsaKeyPair::generate_pkcs8(kind, &random).expect("a key");
                let pair = EcdsaKeyPair::from_pkcs8(kind, der.as_ref()).expect("a key");
                // 0x04, then both coordinates.
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                let jwk = json!({"kty": "EC", "crv": "P-256", "x": base64(x), "y": base64(y)});
                (EncodingKey::from_ec_der(der.as_ref()), jwk)
            }
            _ => {
                let pair = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).expect("a key");
                let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).expect("a key");
                // Behind the 26 bytes that say that it is RSA stands the bare key.
                let key = EncodingKey::from_rsa_der(&der.as_ref()[26..]);
                let jwk = Jwk::from_encoding_key(&key, algorithm).expect("a public half");
                (key, serde_json::to_value(jwk).expect("JSON"))
            }
        };
        jwk["kid"] = id.into();
        jwk["use"] = "sig".into();
        Self { id: id.to_owned(), algorithm, key, jwk }
    }

    /// An `Authorization` header with these claims.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_as(&Header { kid: Some(self.id.clone()), ..Header::new(self.algorithm) }, claims)
    }

    /// With a header of one's own.
    pub(crate) fn sign_as(&self, header: &Header, claims: &Value) -> String {
        format!("Bearer {}", encode(header, claims, &self.key).expect("a token"))
    }

    /// The public half, as an attacker would use it for a secret.
    pub(crate) fn public(&self) -> String {
        self.jwk["x"].as_str().or(self.jwk["n"].as_str()).expect("a public half").to_owned()
    }

    /// The public half of an RSA key as files hold it, in DER.
    pub(crate) fn public_der(&self) -> Vec<u8> {
        let number = |name: &str| {
            let text = self.jwk[name].as_str().expect("an RSA key");
            BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64")
        };
        let components = RsaPublicKeyComponents { n: number("n"), e: number("e") };
        let der = AsDer::<PublicKeyX509Der<'_>>::as_der(&components).expect("a key");
        der.as_ref().to_vec()
    }
}

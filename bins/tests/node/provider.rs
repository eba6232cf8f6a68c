//! A small OpenID provider: description, keys, authorization, tokens. It knows one person, lets her in without a question,
//! and does wrong what it is told to.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cronbus_core::local::clock::wall;
use openidconnect::core::{CoreJsonWebKey, CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey};
use openidconnect::{JsonWebKeyId, PrivateSigningKey};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// What the provider does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Good,
    WrongNonce,
    WrongAudience,
    WrongIssuer,
    Expired,
    OtherKey,
    NoAlgorithm,
    WithSecret,
    NoToken,
    Denies,
    ReplayedCode,
    Hangs,
    Floods,
}

/// Two keys, made once: it takes a while.
fn keys() -> &'static [String; 2] {
    static KEYS: OnceLock<[String; 2]> = OnceLock::new();
    KEYS.get_or_init(|| {
        [(); 2].map(|()| {
            let made = Command::new("openssl").args(["genrsa", "-traditional", "2048"]).output().unwrap();
            String::from_utf8(made.stdout).unwrap()
        })
    })
}

/// What it knows.
struct State {
    mood: Mutex<Mood>,
    /// The key that it signs with and shows: 0 or 1.
    key: Mutex<usize>,
    claims: Mutex<Map<String, Value>>,
    /// What each code stands for: nonce and challenge.
    codes: Mutex<HashMap<String, (String, String)>>,
    away: Arc<AtomicBool>,
    issuer: String,
}

/// The provider.
pub(crate) struct Provider {
    state: Arc<State>,
    pub(crate) away: Arc<AtomicBool>,
}

impl Provider {
    pub(crate) fn start() -> Self {
        // Before anybody waits for an answer.
        keys();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}/realms/main", listener.local_addr().unwrap());
        let claims = json!({
            "preferred_username": "anna", "email": "anna@example.com", "email_verified": true, "groups": ["sre", "dev"],
        });
        let Value::Object(claims) = claims else { unreachable!() };
        let away = Arc::new(AtomicBool::new(false));
        let state = Arc::new(State {
            mood: Mutex::new(Mood::Good),
            key: Mutex::new(0),
            claims: Mutex::new(claims),
            codes: Mutex::default(),
            away: Arc::clone(&away),
            issuer,
        });
        let served = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&served);
                std::thread::spawn(move || {
                    let _ = state.answer(stream);
                });
            }
        });
        Self { state, away }
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.state.issuer
    }

    pub(crate) fn set(&self, mood: Mood) {
        *self.state.mood.lock().unwrap() = mood;
    }

    pub(crate) fn claim(&self, name: &str, value: Value) {
        self.state.claims.lock().unwrap().insert(name.to_owned(), value);
    }

    /// Signs with another key from now on, and shows that alone.
    pub(crate) fn rotate(&self) {
        *self.state.key.lock().unwrap() = 1;
    }
}

impl State {
    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let (target, body) = request(&mut stream)?;
        if self.away.load(Ordering::SeqCst) {
            return respond(&mut stream, "503 Service Unavailable", "", b"away");
        }
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let mood = *self.mood.lock().unwrap();
        match path.strip_prefix("/realms/main") {
            Some("/.well-known/openid-configuration") => respond_json(&mut stream, &self.description()),
            Some("/keys") => respond_json(&mut stream, &self.shown_keys()),
            Some("/authorize") => {
                respond(&mut stream, "303 See Other", &format!("Location: {}\r\n", self.authorize(query, mood)), b"")
            }
            Some("/token") if mood == Mood::Hangs => stream.read_exact(&mut [0]),
            Some("/token") if mood == Mood::Floods => flood(&mut stream),
            Some("/token") => match self.token(&fields(&body), mood) {
                Ok(token) => respond_json(&mut stream, &token),
                Err(error) => {
                    let body = json!({ "error": error }).to_string();
                    respond(&mut stream, "400 Bad Request", "Content-Type: application/json\r\n", body.as_bytes())
                }
            },
            _ => respond(&mut stream, "404 Not Found", "", b""),
        }
    }

    fn description(&self) -> Value {
        let issuer = &self.issuer;
        json!({
            "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        })
    }

    fn signing_key(&self, number: usize) -> CoreRsaPrivateSigningKey {
        let id = JsonWebKeyId::new(format!("key-{number}"));
        CoreRsaPrivateSigningKey::from_pem(&keys()[number], Some(id)).unwrap()
    }

    fn shown_keys(&self) -> Value {
        let key: CoreJsonWebKey = self.signing_key(*self.key.lock().unwrap()).as_verification_key();
        json!({ "keys": [key] })
    }

    fn authorize(&self, query: &str, mood: Mood) -> String {
        let asked = fields(query);
        assert_eq!((asked["response_type"].as_str(), asked["code_challenge_method"].as_str()), ("code", "S256"));
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"), "{asked:?}");
        let (back, state) = (&asked["redirect_uri"], &asked["state"]);
        if mood == Mood::Denies {
            return format!("{back}?error=access_denied&error_description=No&state={state}");
        }
        let mut codes = self.codes.lock().unwrap();
        let code = format!("code-{}", codes.len());
        codes.insert(code.clone(), (asked["nonce"].clone(), asked["code_challenge"].clone()));
        format!("{back}?code={code}&state={state}&session_state=of-no-concern")
    }

    fn token(&self, asked: &HashMap<String, String>, mood: Mood) -> Result<Value, &'static str> {
        let known = self.codes.lock().unwrap().insert(asked["code"].clone(), Default::default());
        let (nonce, challenge) = known.filter(|(nonce, _)| !nonce.is_empty()).ok_or("invalid_grant")?;
        let proof = URL_SAFE_NO_PAD.encode(Sha256::digest(asked["code_verifier"].as_bytes()));
        if mood == Mood::ReplayedCode || proof != challenge {
            return Err("invalid_grant");
        }
        let mut answer = json!({ "access_token": "opaque", "token_type": "Bearer", "expires_in": 60 });
        if mood != Mood::NoToken {
            answer["id_token"] = json!(self.id_token(&nonce, mood));
        }
        Ok(answer)
    }

    fn id_token(&self, nonce: &str, mood: Mood) -> String {
        let now = wall().millis() / 1000;
        let mut claims = self.claims.lock().unwrap().clone();
        let or = |wrong: Mood, value: Value, otherwise: Value| if mood == wrong { value } else { otherwise };
        claims.insert("iss".to_owned(), or(Mood::WrongIssuer, json!("https://evil.example"), json!(self.issuer)));
        claims.insert("aud".to_owned(), or(Mood::WrongAudience, json!("somebody-else"), json!("cronbus")));
        claims.insert("nonce".to_owned(), or(Mood::WrongNonce, json!("of-another"), json!(nonce)));
        claims.insert("exp".to_owned(), or(Mood::Expired, json!(now - 60), json!(now + 300)));
        claims.insert("sub".to_owned(), json!("248289761001"));
        claims.insert("iat".to_owned(), json!(now));
        self.signed(&claims, mood)
    }

    fn signed(&self, claims: &Map<String, Value>, mood: Mood) -> String {
        let number = *self.key.lock().unwrap();
        let algorithm = match mood {
            Mood::NoAlgorithm => "none",
            Mood::WithSecret => "HS256",
            _ => "RS256",
        };
        let header = json!({ "alg": algorithm, "kid": format!("key-{number}") });
        let parts = [header.to_string(), Value::Object(claims.clone()).to_string()];
        let message = parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        let signature = match mood {
            Mood::NoAlgorithm => Vec::new(),
            // With what the client itself knows, or anything that stands for it.
            Mood::WithSecret => Sha256::digest(message.as_bytes()).to_vec(),
            _ => {
                let key = self.signing_key(if mood == Mood::OtherKey { 1 - number } else { number });
                key.sign(&CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, message.as_bytes()).unwrap()
            }
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// The target of a request, and its body.
fn request(stream: &mut TcpStream) -> std::io::Result<(String, String)> {
    let mut read = Vec::new();
    let mut byte = [0];
    while !read.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        read.push(byte[0]);
    }
    let head = String::from_utf8(read).unwrap();
    let target = head.split(' ').nth(1).unwrap().to_owned();
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body)?;
    if target.ends_with("/token") {
        let expected = format!("Basic {}", STANDARD.encode("cronbus:hidden"));
        assert!(head.contains(&expected), "the client shows its secret: {head}");
    }
    Ok((target, String::from_utf8(body).unwrap()))
}

fn fields(text: &str) -> HashMap<String, String> {
    let url = reqwest::Url::parse(&format!("http://x/?{text}")).unwrap();
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn respond_json(stream: &mut TcpStream, body: &Value) -> std::io::Result<()> {
    respond(stream, "200 OK", "Content-Type: application/json\r\n", body.to_string().as_bytes())
}

fn respond(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) -> std::io::Result<()> {
    let length = body.len();
    write!(stream, "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n")?;
    stream.write_all(body)
}

/// A hundred megabytes, or as many as somebody takes.
fn flood(stream: &mut TcpStream) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n")?;
    let piece = vec![b' '; 1 << 20];
    (0..100).try_for_each(|_| stream.write_all(&piece))
}

//! A receiver of calls: a web server on loopback that keeps what it got.

use std::sync::mpsc::{Receiver as Channel, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data, Path};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use futures::stream;

/// A request that came.
#[derive(Clone, Debug)]
pub struct Got {
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Got {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Clone)]
struct State {
    got: Sender<Got>,
    /// How many calls of `/flaky` are still answered with 503.
    failing: Arc<Mutex<u32>>,
}

pub struct Receiver {
    pub port: u16,
    got: Mutex<Channel<Got>>,
    failing: Arc<Mutex<u32>>,
    handle: actix_web::dev::ServerHandle,
}

impl Receiver {
    pub fn start() -> Self {
        let (got, coming) = channel();
        let failing = Arc::new(Mutex::new(0));
        let state = State { got, failing: Arc::clone(&failing) };
        let (ready, started) = channel();
        std::thread::spawn(move || {
            actix_rt::System::new().block_on(async move {
                let app = move || {
                    App::new()
                        .app_data(Data::new(state.clone()))
                        .default_service(web::to(no_path))
                        .route("/{path}", web::to(answer))
                };
                let server = HttpServer::new(app).workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
                let port = server.addrs()[0].port();
                let server = server.run();
                ready.send((port, server.handle())).unwrap();
                server.await.unwrap();
            });
        });
        let (port, handle) = started.recv().unwrap();
        Self { port, got: Mutex::new(coming), failing, handle }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// The next call; what a client had an answer to is there already.
    pub fn next(&self) -> Got {
        self.got.lock().unwrap().recv_timeout(Duration::from_secs(60)).expect("a call should have come")
    }

    pub fn has_nothing(&self) -> bool {
        self.got.lock().unwrap().try_recv().is_err()
    }

    pub fn fail_next(&self, count: u32) {
        *self.failing.lock().unwrap() = count;
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

async fn no_path() -> HttpResponse {
    HttpResponse::NotFound().finish()
}

async fn answer(request: HttpRequest, path: Path<String>, body: Bytes, state: Data<State>) -> HttpResponse {
    let text = |value: &actix_web::http::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = request.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let query = request.query_string().to_owned();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let _ = state.got.send(Got { path: path.clone(), query: query.clone(), headers, body });
    match path.as_str() {
        "redirect" => HttpResponse::Found().append_header(("Location", "/ok")).finish(),
        "slow" => {
            actix_rt::time::sleep(Duration::from_secs(600)).await;
            HttpResponse::Ok().finish()
        }
        "huge" => HttpResponse::Ok()
            .streaming(stream::repeat_with(|| Ok::<_, actix_web::Error>(Bytes::from_static(&[b'x'; 4096])))),
        "busy" => HttpResponse::TooManyRequests().append_header(("Retry-After", "7")).finish(),
        "refuses" => HttpResponse::build(StatusCode::BAD_REQUEST).body(format!("what is {query}?")),
        "flaky" => {
            let mut failing = state.failing.lock().unwrap();
            let is_well = *failing == 0 || !query.contains("222");
            *failing = failing.saturating_sub(u32::from(!is_well));
            if is_well { HttpResponse::Ok().finish() } else { HttpResponse::ServiceUnavailable().finish() }
        }
        "robot" => HttpResponse::Ok()
            .json(serde_json::json!({ "errcode": 310_000, "errmsg": format!("sign not match: {query}") })),
        _ => HttpResponse::Ok().body("ok"),
    }
}

//! Answering at a socket that somebody else answers at afterwards: every connection that was taken is answered before the
//! end, and those that were not are left in the socket for the next. actix-web's own server drops connections that it has
//! taken and not yet read when it stops, which a probe sees as a node that broke.
//!
//! It is for the few who ask a node that waits; what a node serves is [`super::server`]'s.

use std::io;
use std::time::Duration;

use actix_http::{HttpService, KeepAlive, Request};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, map_config};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, ServiceResponse};
use futures::stream::{FuturesUnordered, StreamExt};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::server::{Listening, SLOWEST_HEAD};

/// How many are answered at a time; those beyond wait to be accepted.
const CONNECTIONS: usize = 256;

/// How long those who are being answered at the end may take.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// The pause after the system refused to accept (no descriptors left, say).
const PAUSE: Duration = Duration::from_millis(100);

/// A socket that is answered at, until the end.
#[derive(Debug)]
pub(crate) struct Serving {
    end: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Serving {
    /// Answers as `app` does from now on, over TLS if so given.
    ///
    /// # Errors
    /// When the socket cannot be used.
    pub(crate) fn begin<A, F, B>(listening: Listening, tls: Option<ServerConfig>, app: A) -> io::Result<Self>
    where
        A: IntoServiceFactory<F, Request> + 'static,
        F: ServiceFactory<
                Request,
                Config = AppConfig,
                Response = ServiceResponse<B>,
                Error = actix_web::Error,
                InitError = (),
            > + 'static,
        B: MessageBody + 'static,
    {
        let listener = TcpListener::from_std(listening.into_listener())?;
        let (end, ended) = oneshot::channel();
        let task = actix_rt::spawn(async move {
            let app = map_config(app, |()| AppConfig::default());
            // A connection that is kept would have to be cut in the end, perhaps while it asks again.
            let (keep_alive, slowest) = (KeepAlive::Disabled, SLOWEST_HEAD);
            if let Some(tls) = tls {
                let service = HttpService::build().keep_alive(keep_alive).client_request_timeout(slowest).finish(app);
                answer(&listener, service.rustls_0_23(tls), ended).await;
            } else {
                let service = HttpService::build().keep_alive(keep_alive).client_request_timeout(slowest).finish(app);
                answer(&listener, service.tcp(), ended).await;
            }
        });
        Ok(Self { end, task })
    }

    /// Answers those who were accepted, and no more.
    pub(crate) async fn end(self) {
        drop(self.end);
        // It does not panic, and nobody else ends it.
        let _ = self.task.await;
    }
}

/// Answers at `listener` until `ended`, and then those who were accepted.
async fn answer<F>(listener: &TcpListener, service: F, mut ended: oneshot::Receiver<()>)
where
    F: ServiceFactory<TcpStream, Config = (), InitError = ()>,
{
    // It is made without asking anybody.
    let Ok(service) = service.new_service(()).await else { return };
    let mut answering = FuturesUnordered::new();
    loop {
        tokio::select! {
            _ = &mut ended => break,
            Some(_) = answering.next() => {}
            accepted = listener.accept(), if answering.len() < CONNECTIONS => match accepted {
                Ok((stream, _)) => answering.push(service.call(stream)),
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }
    // Whoever takes longer than that has not sent a request.
    let _ = tokio::time::timeout(LAST_ANSWERS, async { while answering.next().await.is_some() {} }).await;
}

#[cfg(test)]
mod tests {
    use actix_web::{App, HttpResponse, web};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::web::server;

    fn serve(listening: &Listening, who: &'static str) -> Serving {
        let answer = move || async move { HttpResponse::Ok().body(who) };
        Serving::begin(listening.again().unwrap(), None, App::new().default_service(web::to(answer))).unwrap()
    }

    async fn ask(listening: &Listening) -> String {
        let mut stream = TcpStream::connect(listening.address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: node\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.rsplit('\n').next().unwrap_or_default().to_owned()
    }

    #[actix_rt::test]
    async fn whoever_asks_while_another_takes_over_is_answered_by_one_of_them() {
        let listening = server::listen("127.0.0.1:0").unwrap();
        let mut serving = serve(&listening, "first");
        for who in ["second", "third", "fourth", "fifth"] {
            let asking = futures::future::join_all((0..40).map(|_| ask(&listening)));
            let taking_over = async {
                tokio::task::yield_now().await;
                serving.end().await;
                serve(&listening, who)
            };
            let (answers, next) = futures::join!(asking, taking_over);
            assert!(answers.iter().all(|answer| !answer.is_empty()), "{answers:?}");
            assert_eq!(ask(&listening).await, who);
            serving = next;
        }
        serving.end().await;
    }

    #[actix_rt::test]
    async fn who_sends_nothing_does_not_hold_up_the_end() {
        let listening = server::listen("127.0.0.1:0").unwrap();
        let serving = serve(&listening, "somebody");
        let silent = TcpStream::connect(listening.address).await.unwrap();
        assert_eq!(ask(&listening).await, "somebody");
        serving.end().await;
        drop(silent);
    }
}

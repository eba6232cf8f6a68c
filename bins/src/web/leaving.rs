//! Sending those who are answered away, without refusing anybody: connections that are kept are closed with their next
//! answer, and what streams ends, so that everybody comes again and meets whoever answers then.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::middleware::Next;
use actix_web::web::Data;
use tokio::sync::watch;

/// What all answers of a node share.
#[derive(Clone, Debug)]
pub(crate) struct Leaving(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    closes: AtomicBool,
    answering: AtomicUsize,
    streams_end: watch::Sender<bool>,
}

impl Default for Leaving {
    fn default() -> Self {
        let (closes, answering) = (AtomicBool::new(false), AtomicUsize::new(0));
        Self(Arc::new(Shared { closes, answering, streams_end: watch::Sender::new(false) }))
    }
}

/// A request that is being answered.
struct Answering(Leaving);

impl Leaving {
    /// Closes each connection with the next answer on it.
    pub(crate) fn close_connections(&self) {
        self.0.closes.store(true, Ordering::SeqCst);
    }

    /// Ends what streams, and what will.
    pub(crate) fn end_streams(&self) {
        self.0.streams_end.send_replace(true);
    }

    /// Returns once what streams shall end.
    pub(crate) async fn streams_end(&self) {
        let mut ends = self.0.streams_end.subscribe();
        // The sender lives as long as this.
        let _ = ends.wait_for(|ends| *ends).await;
    }

    /// How many requests are being answered; streams count until they begin.
    pub(crate) fn answering(&self) -> usize {
        self.0.answering.load(Ordering::SeqCst)
    }

    fn begin(&self) -> Answering {
        self.0.answering.fetch_add(1, Ordering::SeqCst);
        Answering(self.clone())
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.0.answering.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Counts what is being answered, and closes connections when that is wanted.
///
/// # Errors
/// Those of whoever answers.
pub(crate) async fn mark<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let Some(leaving) = request.app_data::<Data<Leaving>>().map(|leaving| Leaving::clone(leaving)) else {
        return next.call(request).await;
    };
    let _answering = leaving.begin();
    let mut response = next.call(request).await?;
    if leaving.0.closes.load(Ordering::SeqCst) {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service};
    use actix_web::{App, HttpResponse, web};

    use super::*;

    #[actix_rt::test]
    async fn connections_are_kept_until_they_are_to_be_closed() {
        let leaving = Leaving::default();
        let app = App::new()
            .app_data(Data::new(leaving.clone()))
            .default_service(web::to(|leaving: Data<Leaving>| async move {
                HttpResponse::Ok().body(leaving.answering().to_string())
            }))
            .wrap(from_fn(mark));
        let app = init_service(app).await;
        let kept = call_service(&app, TestRequest::get().uri("/").to_request()).await;
        assert_eq!(kept.response().head().connection_type(), ConnectionType::KeepAlive);
        leaving.close_connections();
        let closed = call_service(&app, TestRequest::get().uri("/").to_request()).await;
        assert_eq!(closed.response().head().connection_type(), ConnectionType::Close);
        assert_eq!(actix_web::test::read_body(closed).await, "1");
        assert_eq!(leaving.answering(), 0);
        leaving.end_streams();
        leaving.streams_end().await;
    }
}

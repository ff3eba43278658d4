//! HTTP/1.1 on accepted connections (RFC 9112): who is at the other end, how long a request's head may take, a graceful end.
//!
//! Invariant: the address of a connection comes from the connection; a header is believed only behind a proxy.
//! Invariant: a client that sends its head byte by byte, or nothing, loses its connection and keeps nobody else waiting.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tower::ServiceExt as _;

/// How long the head of a request may take, the wait of a kept connection for its next request included.
pub(super) const HEAD: Duration = Duration::from_secs(30);

/// Serves until `until` comes; then no connection is taken any more, and requests that run are answered.
pub(super) async fn serve<L>(mut listener: L, router: Router, head: Duration, until: impl Future<Output = ()>)
where
    L: Listener<Addr = SocketAddr>,
{
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head);
    let open = GracefulShutdown::new();
    let mut until = pin!(until);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut until => break,
        };
        let router = router.clone();
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(peer);
            router.clone().oneshot(request.map(Body::new))
        });
        let connection = open.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // What ends a connection early is the client's doing: it went away, or was too slow.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    open.shutdown().await;
}

#[cfg(test)]
mod tests {
    use axum::extract::Request;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::oneshot;

    use super::*;

    async fn started(head: Duration) -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let peer = |request: Request| async move {
            let peer = request.extensions().get::<SocketAddr>().copied();
            peer.map(|peer| peer.ip().to_string()).unwrap_or_default()
        };
        let (stop, stopped) = oneshot::channel();
        let until = async move { stopped.await.unwrap_or_default() };
        let task = tokio::spawn(serve(listener, Router::new().route("/", get(peer)), head, until));
        (address, stop, task)
    }

    #[tokio::test]
    async fn a_request_is_answered_and_knows_who_asks() {
        let (address, stop, task) = started(HEAD).await;
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"), "{answer}");
        stop.send(()).expect("the server runs");
        task.await.expect("the server ends");
    }

    #[tokio::test]
    async fn a_head_that_never_ends_closes_its_connection_alone() {
        let (address, _stop, _task) = started(Duration::from_millis(200)).await;
        let mut slow = TcpStream::connect(address).await.expect("a connection");
        slow.write_all(b"GET / HTTP/1.1\r\nho").await.expect("sent");
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(Duration::from_secs(20), slow.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "the connection stays open");
        assert!(TcpStream::connect(address).await.is_ok());
    }

    #[tokio::test]
    async fn an_idle_connection_does_not_keep_the_program_running() {
        let (address, stop, task) = started(HEAD).await;
        let _idle = TcpStream::connect(address).await.expect("a connection");
        tokio::time::sleep(Duration::from_millis(100)).await;
        stop.send(()).expect("the server runs");
        assert!(tokio::time::timeout(Duration::from_secs(20), task).await.is_ok(), "the server goes on");
    }
}

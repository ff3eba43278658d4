//! TLS (RFC 8446, RFC 5246) in front of the server, by rustls with ring.
//!
//! Invariant: a client that dawdles over its handshake keeps nobody else waiting.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::TlsFiles;
use crate::exit::Failure;

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Handshakes at the same moment.
const HANDSHAKES: usize = 256;

/// Reads certificate and key.
///
/// # Errors
/// Which file is wrong, and how.
pub(crate) fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, Failure> {
    let wrong = |path: &Path, ja: &str, en: &str| {
        let path = path.display();
        Failure::input(format!("{path}: {ja}"), format!("{path}: {en}"))
    };
    let not_chain =
        || wrong(&files.cert, "PEMの証明書として読めない。", "holds no certificate in PEM form, or cannot be read");
    let chain = CertificateDer::pem_file_iter(&files.cert).map_err(|_| not_chain())?;
    let chain: Vec<_> = chain.collect::<Result<_, _>>().map_err(|_| not_chain())?;
    if chain.is_empty() {
        return Err(not_chain());
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|_| {
        wrong(&files.key, "PEMの秘密鍵として読めない。", "holds no private key in PEM form, or cannot be read")
    })?;
    let builder =
        ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
    let builder = builder.map_err(|_| Failure::internal("TLSを始められない。", "TLS cannot be set up"))?;
    let mut config = builder
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|_| wrong(&files.key, "証明書と合わない鍵である。", "the key does not belong to the certificate"))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Accepts connections whose handshake is done.
#[derive(Debug)]
pub(super) struct TlsListener {
    address: SocketAddr,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
}

impl TlsListener {
    /// Begins to accept.
    pub(super) fn new(listener: TcpListener, acceptor: TlsAcceptor, address: SocketAddr) -> Self {
        let (done, ready) = mpsc::channel(HANDSHAKES);
        tokio::spawn(accept(listener, acceptor, done));
        Self { address, ready }
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, done: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>) {
    let places = Arc::new(Semaphore::new(HANDSHAKES));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = done.closed() => return,
        };
        let Ok((stream, client)) = accepted else {
            // Too many open files, mostly; they become fewer.
            tokio::time::sleep(Duration::from_millis(200)).await;
            continue;
        };
        let (acceptor, done) = (acceptor.clone(), done.clone());
        tokio::spawn(async move {
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                let _ = done.send((stream, client)).await;
            }
            drop(place);
        });
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        Ok(self.address)
    }
}

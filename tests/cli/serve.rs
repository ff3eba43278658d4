//! `kitei serve`: it starts, says where it is and with which code to set it up, answers, and stops when told.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::program::Place;

/// A running server; ended when dropped.
pub(crate) struct Server {
    child: Child,
    out: BufReader<ChildStdout>,
    address: String,
}

impl Server {
    pub(crate) fn start(place: &Place, more: &[&str]) -> Self {
        let arguments = ["serve", "--listen", "127.0.0.1:0"].iter().chain(more);
        let mut child = place.command(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let address = line.trim().rsplit_once("//").map(|(_, rest)| rest.trim_end_matches('/').to_owned());
        Self { child, out, address: address.unwrap_or_else(|| panic!("no address in {line:?}")) }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    /// Tells it to stop as systemd does, and gives its exit code.
    pub(crate) fn stop(mut self) -> i32 {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        let since = Instant::now();
        while since.elapsed() < Duration::from_secs(20) {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it does not stop");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const REQUEST: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

#[test]
fn it_serves_tells_its_set_up_code_and_stops_when_told() {
    let place = Place::new();
    let mut server = Server::start(&place, &[]);
    let code = server.line();
    assert!(code.starts_with("Set-up code") && code.contains('-'), "{code:?}");
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.write_all(REQUEST.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with(r#"{"database":true,"keys":true,"mail":null}"#),
        "{answer}"
    );
    for path in ["data", "data/keys", "data/kitei.db", "data/kitei.lock"] {
        let mode = place.path(path).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "others may use {path}");
    }
    let second = place.run(["serve", "--listen", "127.0.0.1:0"]);
    assert!(second.code == 1 && second.err.contains("another kitei has this data directory open"), "{second:?}");
    let taken = Place::new().run(["serve", "--listen", &server.address]);
    assert!(taken.code == 1 && taken.err.contains("another program serves there"), "{taken:?}");
    assert_eq!(server.stop(), 0);
    // A new start gives a new code; the earlier one has ended.
    let mut again = Server::start(&place, &[]);
    assert_ne!(again.line(), code);
    assert_eq!(again.stop(), 0);
}

#[test]
fn a_connection_that_stays_open_does_not_keep_it_from_stopping() {
    let place = Place::new();
    let server = Server::start(&place, &[]);
    let mut open = TcpStream::connect(&server.address).unwrap();
    open.write_all(b"GET /healthz HTTP/1.1\r\nHost: ").unwrap();
    // Long enough for the server to have begun to read it.
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(server.stop(), 0);
}

#[test]
fn under_tls_it_answers_and_a_client_that_dawdles_keeps_nobody_waiting() {
    let place = Place::new();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(place.path(""))
        .stderr(Stdio::null())
        .status();
    assert!(made.is_ok_and(|status| status.success()), "openssl is missing: apt-get install openssl");
    let server = Server::start(&place, &["--tls-cert", "cert.pem", "--tls-key", "key.pem"]);
    let _dawdler = TcpStream::connect(&server.address).unwrap();
    let since = Instant::now();
    let mut client = Command::new("openssl")
        .args(["s_client", "-quiet", "-connect", &server.address, "-CAfile", "cert.pem", "-verify_return_error"])
        .current_dir(place.path(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    client.stdin.as_mut().unwrap().write_all(REQUEST.as_bytes()).unwrap();
    let mut answer = String::new();
    client.stdout.take().unwrap().read_to_string(&mut answer).unwrap();
    assert!(since.elapsed() < Duration::from_secs(8), "it waited for the one who dawdles: {:?}", since.elapsed());
    client.kill().unwrap();
    client.wait().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer:?}");
    assert_eq!(server.stop(), 0);
}

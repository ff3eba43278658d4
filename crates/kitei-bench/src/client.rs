//! A small HTTP/1.1 client on loopback: kept connections, whole answers. It costs little beside what it measures.
//!
//! Invariant: an answer without a stated length is refused, so nothing is counted that was not read to its end.

use std::{
    collections::BTreeMap,
    io::{Error, ErrorKind},
    net::SocketAddr,
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

use crate::Trouble;

/// An answer.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn header<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let name = name.to_owned();
        self.headers.iter().filter(move |(key, _)| *key == name).map(|(_, value)| value.as_str())
    }
}

/// A connection that is kept.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    line: String,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::with_capacity(64 * 1024, stream), line: String::new() })
    }

    /// Sends the bytes of a request and reads the whole answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> std::io::Result<Answer> {
        self.stream.get_mut().write_all(request).await?;
        let mut answer = Answer { status: 0, ..Answer::default() };
        let status = self.read_line().await?.split(' ').nth(1).and_then(|code| code.parse().ok());
        answer.status = status.ok_or_else(|| wrong("no status line"))?;
        let mut length = None;
        loop {
            let line = self.read_line().await?;
            let Some((name, value)) = line.split_once(':') else { break };
            let (name, value) = (name.to_ascii_lowercase(), value.trim().to_owned());
            if name == "content-length" {
                length = value.parse::<usize>().ok();
            }
            answer.headers.push((name, value));
        }
        answer.body = vec![0; length.ok_or_else(|| wrong("an answer without a length"))?];
        self.stream.read_exact(&mut answer.body).await?;
        Ok(answer)
    }

    async fn read_line(&mut self) -> std::io::Result<&str> {
        self.line.clear();
        if self.stream.read_line(&mut self.line).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(self.line.trim_end())
    }
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

/// The bytes of a request.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n{headers}content-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// Somebody at a browser: keeps cookies, fills in forms.
#[derive(Debug)]
pub(crate) struct Browser {
    connection: Connection,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    /// A fresh browser.
    pub(crate) async fn open(address: SocketAddr) -> Result<Self, Trouble> {
        Ok(Self { connection: Connection::open(address).await?, cookies: BTreeMap::new() })
    }

    /// The cookies as a header's value.
    pub(crate) fn cookie(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Sends a form.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Answer, Trouble> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let cookie = self.cookie();
        let headers = [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
        let bytes = request("POST", path, &headers, &body);
        self.keep(&bytes).await
    }

    /// The token of a form, which holds for every sending of it in this session.
    pub(crate) async fn token(&mut self, path: &str) -> Result<String, Trouble> {
        let cookie = self.cookie();
        let page = self.keep(&request("GET", path, &[("cookie", &cookie)], "")).await?.text();
        let marker = "name=\"token\" value=\"";
        // The form's own token comes after that of signing out.
        let token =
            page.rsplit(marker).next().filter(|_| page.contains(marker)).and_then(|rest| rest.split('"').next());
        Ok(token.ok_or_else(|| format!("{path} has no form"))?.to_owned())
    }

    async fn keep(&mut self, bytes: &[u8]) -> Result<Answer, Trouble> {
        let answer = self.connection.exchange(bytes).await?;
        for cookie in answer.header("set-cookie") {
            let pair = cookie.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(answer)
    }
}

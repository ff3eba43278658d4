//! Rendering across a process border.
//!
//! A template that an organisation edits can loop for ever or eat memory. The program therefore renders such papers in a
//! child process (`kitei render`) that it may kill: it writes one request to the child's standard input and reads one
//! response from its standard output. This module frames both; the time limit belongs to whoever starts the child.
//!
//! A frame is four bytes of magic, one byte of kind, the length of the JSON head (u32, big endian), the JSON head, and
//! the rest as it is. A request (`KPRq`, kind 1) has no rest; a response (`KPRs`) is kind 1 with the PDF as its rest or
//! kind 2 with a [`PaperError`] as its head.

use jiff::civil;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Conformance, Paper, PaperError, Rendered, Renderer};

const REQUEST_MAGIC: [u8; 4] = *b"KPRq";
const RESPONSE_MAGIC: [u8; 4] = *b"KPRs";
const KIND_PAPER: u8 = 1;
const KIND_ERROR: u8 = 2;
const PREFIX: usize = 9;

/// A [`Paper`] that owns its parts.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperRequest {
    /// As [`Paper::template`].
    pub template: String,
    /// As [`Paper::data`].
    pub data: Value,
    /// As [`Paper::title`].
    pub title: String,
    /// As [`Paper::author`].
    pub author: String,
    /// As [`Paper::date`].
    pub date: civil::DateTime,
    /// As [`Paper::ident`].
    pub ident: String,
}

/// Everything of a [`Rendered`] but its bytes.
#[derive(Serialize, Deserialize)]
struct RenderedHead {
    pages: usize,
    conformance: Conformance,
    notes: Vec<String>,
}

impl PaperRequest {
    /// The paper it asks for.
    #[must_use]
    pub fn paper(&self) -> Paper<'_> {
        Paper {
            template: &self.template,
            data: &self.data,
            title: &self.title,
            author: &self.author,
            date: self.date,
            ident: &self.ident,
        }
    }

    /// The request as bytes for the child.
    ///
    /// # Errors
    /// [`PaperError::Request`] when it is larger than a frame holds.
    pub fn encode(&self) -> Result<Vec<u8>, PaperError> {
        frame(REQUEST_MAGIC, KIND_PAPER, self, &[])
    }
}

/// Renders one framed request to one framed response; every failure becomes a response too.
#[must_use]
pub fn render_request(renderer: &Renderer, request: &[u8]) -> Vec<u8> {
    let response = open::<PaperRequest>(REQUEST_MAGIC, KIND_PAPER, request)
        .and_then(|(request, _)| renderer.render(&request.paper()))
        .and_then(|rendered| {
            let head = RenderedHead { pages: rendered.pages, conformance: rendered.conformance, notes: rendered.notes };
            frame(RESPONSE_MAGIC, KIND_PAPER, &head, &rendered.bytes)
        });
    response.unwrap_or_else(|error| {
        // An error is small and always serialises; an empty response would say "invalid" at the other end.
        frame(RESPONSE_MAGIC, KIND_ERROR, &error, &[]).unwrap_or_default()
    })
}

/// Reads the response of [`render_request`].
///
/// # Errors
/// The [`PaperError`] of the rendering, or [`PaperError::Request`] when the response is cut off or damaged.
pub fn decode_response(response: &[u8]) -> Result<Rendered, PaperError> {
    if response.get(4) == Some(&KIND_ERROR) {
        let (error, _) = open::<PaperError>(RESPONSE_MAGIC, KIND_ERROR, response)?;
        return Err(error);
    }
    let (head, bytes) = open::<RenderedHead>(RESPONSE_MAGIC, KIND_PAPER, response)?;
    Ok(Rendered { bytes: bytes.to_vec(), pages: head.pages, conformance: head.conformance, notes: head.notes })
}

fn frame(magic: [u8; 4], kind: u8, head: &impl Serialize, rest: &[u8]) -> Result<Vec<u8>, PaperError> {
    let head = serde_json::to_vec(head).map_err(PaperError::internal)?;
    let length = u32::try_from(head.len()).map_err(|_| invalid("the head is longer than 4 GiB"))?;
    let mut bytes = Vec::with_capacity(PREFIX + head.len() + rest.len());
    bytes.extend_from_slice(&magic);
    bytes.push(kind);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(&head);
    bytes.extend_from_slice(rest);
    Ok(bytes)
}

fn open<T: for<'de> Deserialize<'de>>(magic: [u8; 4], kind: u8, bytes: &[u8]) -> Result<(T, &[u8]), PaperError> {
    let (prefix, body) = bytes.split_first_chunk::<PREFIX>().ok_or_else(|| invalid("shorter than its prefix"))?;
    let [m0, m1, m2, m3, found, l0, l1, l2, l3] = *prefix;
    if [m0, m1, m2, m3] != magic || found != kind {
        return Err(invalid("unknown magic or kind"));
    }
    let length = u32::from_be_bytes([l0, l1, l2, l3]) as usize;
    let (head, rest) = body.split_at_checked(length).ok_or_else(|| invalid("cut off inside its head"))?;
    // The parser's own message could quote the data.
    let head = serde_json::from_slice(head)
        .map_err(|error| invalid(&format!("line {} column {} of its head", error.line(), error.column())))?;
    Ok((head, rest))
}

fn invalid(problem: &str) -> PaperError {
    PaperError::Request { problem: problem.to_owned() }
}

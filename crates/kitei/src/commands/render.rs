//! `kitei render`: sets one paper by a template of a pack, in a process of its own. The server starts it; people do not.
//!
//! Invariant: it reads standard input and its fonts, writes standard output, and dies of its own limits on time and memory.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;

use clap::Args;
use kitei_papers::pdf::{Fonts, Renderer, request::render_request};
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::exit::{Failure, Verdict};

/// Most seconds of processor time.
const SECONDS: u64 = 20;
/// Most bytes of address space.
const BYTES: u64 = 2 << 30;
/// Most bytes of a request.
const REQUEST: u64 = 64 << 20;

/// Arguments of `kitei render`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Directories of fonts.
    fonts: Vec<PathBuf>,
}

/// Renders the request on standard input.
///
/// # Errors
/// The limits cannot be set, the fonts cannot be read, or the streams fail. What is wrong with the paper is in the response.
pub(super) fn run(arguments: &Arguments) -> Result<Verdict, Failure> {
    for (what, most) in [(Resource::Cpu, SECONDS), (Resource::As, BYTES), (Resource::Core, 0)] {
        setrlimit(what, Rlimit { current: Some(most), maximum: Some(most) }).map_err(|error| broken(&error))?;
    }
    let renderer = Fonts::new(&arguments.fonts)
        .map_err(|error| broken(&error))
        .and_then(|fonts| Renderer::new(fonts).map_err(|error| broken(&error)))?;
    let mut request = Vec::new();
    std::io::stdin().lock().take(REQUEST).read_to_end(&mut request).map_err(|error| broken(&error))?;
    let response = render_request(&renderer, &request);
    std::io::stdout().lock().write_all(&response).map_err(|error| broken(&error))?;
    Ok(Verdict::Clean)
}

fn broken(error: &dyn std::error::Error) -> Failure {
    Failure::internal(format!("書類を作れない。（{error}）"), format!("the paper cannot be set: {error}"))
}

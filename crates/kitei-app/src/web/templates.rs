//! Templates of packs, rendered where a hostile one does no harm.
//!
//! Invariant: a template that loops or eats memory ends as an error after a few seconds; the pages go on.

use std::{path::PathBuf, process::Stdio, time::Duration};

use kitei_papers::pdf::{
    PaperError, Rendered, Renderer,
    request::{PaperRequest, decode_response},
};
use tokio::{io::AsyncWriteExt as _, process::Command, time::timeout};

/// The longest that a template may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where templates of packs are rendered.
#[derive(Clone, Debug)]
pub enum Templates {
    /// In this process: for packs that are known, as in tests.
    Here,
    /// In a child process of this program, started with these words; it reads a request and writes a response.
    Child {
        /// The program.
        program: PathBuf,
        /// Its arguments.
        arguments: Vec<String>,
    },
}

/// Why a template gave no paper.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The template or its data.
    #[error("{0}")]
    Paper(#[from] PaperError),
    /// The child process.
    #[error("the process that sets templates: {0}")]
    Io(#[from] std::io::Error),
    /// It took too long and was stopped.
    #[error("the template took longer than {} seconds and was stopped", PATIENCE.as_secs())]
    Slow,
}

impl Templates {
    /// Renders a request.
    ///
    /// # Errors
    /// [`TemplateError`].
    pub async fn render(&self, renderer: &Renderer, request: &PaperRequest) -> Result<Rendered, TemplateError> {
        match self {
            Self::Here => Ok(renderer.render(&request.paper())?),
            Self::Child { program, arguments } => {
                let bytes = request.encode()?;
                let mut child = Command::new(program)
                    .args(arguments)
                    .env_clear()
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::null())
                    .kill_on_drop(true)
                    .spawn()?;
                let answered = timeout(PATIENCE, async move {
                    if let Some(mut input) = child.stdin.take() {
                        input.write_all(&bytes).await?;
                    }
                    child.wait_with_output().await
                });
                let output = answered.await.map_err(|_| TemplateError::Slow)??;
                Ok(decode_response(&output.stdout)?)
            }
        }
    }
}

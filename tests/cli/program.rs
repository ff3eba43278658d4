//! Calling the program.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long a call may take; on a busy machine a start takes seconds.
const LIMIT: Duration = Duration::from_secs(60);

/// A place to call it from.
pub(crate) struct Place {
    directory: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
}

/// How a call ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Exit code; -1 when a signal ended it.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Ended {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Standard output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }
}

impl Place {
    /// An empty directory.
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    /// With a variable set.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    /// A path in it.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.directory.path().join(path)
    }

    /// Writes a file in it, with the directories above it.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The program, not yet started.
    pub(crate) fn command(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kitei"));
        command.args(arguments).current_dir(self.directory.path()).stdin(Stdio::null());
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("LANG", "C.UTF-8");
        command.envs(self.variables.iter().map(|(name, value)| (*name, value.as_str())));
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run<const N: usize>(&self, arguments: [&str; N]) -> Ended {
        let mut command = self.command(arguments);
        finish(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// As `run`, with any number of arguments.
    pub(crate) fn call(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Ended {
        let mut command = self.command(arguments);
        finish(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Runs it with something on its standard input.
    pub(crate) fn run_with<const N: usize>(&self, arguments: [&str; N], input: &str) -> Ended {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        finish(child)
    }
}

/// Waits for the end of a call, a minute at most: a server that starts where it should refuse must not hold up the tests.
fn finish(child: Child) -> Ended {
    let (end, ended) = mpsc::channel();
    let id = child.id();
    std::thread::spawn(move || end.send(child.wait_with_output()));
    let Ok(output) = ended.recv_timeout(LIMIT) else {
        Command::new("kill").args(["-KILL", &id.to_string()]).status().unwrap();
        panic!("the program did not end within {LIMIT:?}");
    };
    Ended::of(&output.unwrap())
}

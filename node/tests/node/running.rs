//! A real `vouchsafed` process: started, polled until it is ready, asked, stopped or killed.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use tonic::transport::{Channel, Endpoint};
use vouchsafe_proto::v1::vouchsafe_client::VouchsafeClient;

/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a poll pauses.
const PAUSE: Duration = Duration::from_millis(10);

/// The program under test, without the caller's own variables.
pub(crate) fn vouchsafed() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vouchsafed"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VOUCHSAFED_")) {
        command.env_remove(name);
    }
    command.env_remove("RUST_LOG").stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) fn output(command: &mut Command) -> Output {
    command.output().expect("the program starts")
}

/// Runs a command that must fail, and returns what it says.
pub(crate) fn refusal(command: &mut Command) -> String {
    let output = output(command);
    assert!(!output.status.success(), "it should have been refused");
    String::from_utf8(output.stderr).expect("text")
}

/// Runs a command that must succeed, and returns what it prints.
pub(crate) fn printed(command: &mut Command) -> String {
    let output = output(command);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Polls until there is an answer.
pub(crate) fn poll<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = attempt() {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "gave up on {what}");
        std::thread::sleep(PAUSE);
    }
}

/// A node that runs.
pub(crate) struct Running {
    child: Child,
    pub(crate) home: PathBuf,
    pub(crate) grpc: String,
    pub(crate) http: String,
}

impl Running {
    /// Starts `vouchsafed dev` on a home and waits until it is ready.
    pub(crate) fn dev(home: &Path, arguments: &[&str]) -> Self {
        let mut command = vouchsafed();
        command.arg("dev").args(["--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"]);
        command.args(arguments);
        Self::start(command, home)
    }

    /// Starts any command that serves on a home, and waits until it is ready.
    pub(crate) fn start(command: Command, home: &Path) -> Self {
        let node = Self::spawn(command, home);
        node.until_ready();
        node
    }

    /// Starts any command that serves on a home, and waits until it listens.
    pub(crate) fn spawn(mut command: Command, home: &Path) -> Self {
        let log = File::options().create(true).append(true).open(log_path(home)).expect("a log");
        command.arg("--home").arg(home).stdout(Stdio::null()).stderr(log);
        let mut child = command.spawn().expect("the program starts");
        let (grpc, http) = poll("the listeners", || {
            if let Some(status) = child.try_wait().expect("a child") {
                panic!("the node ended ({status}): {}", log_of(home));
            }
            listeners(home, child.id())
        });
        Self { child, home: home.to_owned(), grpc, http }
    }

    /// Waits until answers can be proven here.
    pub(crate) fn until_ready(&self) {
        poll("readiness", || (self.get("/readyz").0 == 200).then_some(()));
    }

    /// A metric's value, once it is there.
    pub(crate) fn metric(&self, name: &str) -> Option<f64> {
        let metrics = self.get("/metrics").1;
        let value = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
        Some(value.parse().expect("a number"))
    }

    /// An HTTP GET: status and body.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.http).expect("the probes' port");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n")
            .expect("sent");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("an answer");
        let status = text.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
        let body = text.split_once("\r\n\r\n").expect("a body").1;
        (status, body.to_owned())
    }

    /// A client.
    pub(crate) async fn client(&self) -> VouchsafeClient<Channel> {
        VouchsafeClient::new(self.channel().await).max_decoding_message_size(32 << 20)
    }

    /// A connection.
    pub(crate) async fn channel(&self) -> Channel {
        let endpoint = Endpoint::from_shared(self.grpc.clone()).expect("a URL");
        endpoint.connect().await.expect("the node answers")
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let command = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &command]).status().expect("sh").success());
    }

    /// Waits for the end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        poll("the end", || self.child.try_wait().expect("a child"))
    }

    /// Stops the node as an operator does.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.signal("TERM");
        self.wait()
    }

    /// How often the log holds a text, over all runs on the home.
    pub(crate) fn logged(&self, text: &str) -> usize {
        log_of(&self.home).matches(text).count()
    }

    /// Kills the node without a warning.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("a child");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the node logged:\n{}", log_of(&self.home));
        }
        // Ended already, or the test failed: nothing may stay behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn log_path(home: &Path) -> PathBuf {
    home.with_extension("log")
}

fn log_of(home: &Path) -> String {
    fs::read_to_string(log_path(home)).unwrap_or_default()
}

/// The API's URL and the probes' address, once this process has written them.
pub(crate) fn listeners(home: &Path, pid: u32) -> Option<(String, String)> {
    let text = fs::read_to_string(home.join("data/listeners.json")).ok()?;
    let value: serde_json::Value = serde_json::from_str(&text).ok()?;
    let address = |name: &str| value[name].as_str().map(str::to_owned);
    let url = || Some(format!("{}://{}", address("grpc_scheme")?, address("grpc")?));
    (value["pid"] == pid).then(|| Some((url()?, address("http")?)))?
}

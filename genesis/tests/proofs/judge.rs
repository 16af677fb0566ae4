//! The verifiers that share no code with this one, as processes: a line in, a line out.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// One of the verifiers in `verifiers/`.
pub(crate) struct Judge {
    pub(crate) name: &'static str,
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Judge {
    fn start(name: &'static str, program: &str, script: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../verifiers").join(script);
        let mut process = Command::new(program)
            .arg(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program} is needed here (scripts/setup): {error}"));
        let questions = process.stdin.take().expect("piped");
        let answers = BufReader::new(process.stdout.take().expect("piped"));
        Self { name, process, questions, answers }
    }

    /// All of them.
    pub(crate) fn all() -> [Self; 2] {
        [
            Self::start("JavaScript", "node", "js/judge.mjs"),
            Self::start("Python", "python3", "python/judge.py"),
        ]
    }

    /// What it says of a proof: what it shows, or the rule that it breaks.
    pub(crate) fn judge(
        &mut self,
        genesis: &str,
        proof: &[u8],
        asset: &Value,
    ) -> Result<Value, String> {
        let question = json!({"genesis": genesis, "proof": hex::encode(proof), "asset": asset});
        writeln!(self.questions, "{question}").expect("it listens");
        self.questions.flush().expect("it listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("it answers");
        let answer: Value = serde_json::from_str(&answer)
            .unwrap_or_else(|error| panic!("{} answers {answer:?}: {error}", self.name));
        match answer["error"].as_str() {
            Some(rule) => Err(rule.to_owned()),
            None => Ok(answer["shown"].clone()),
        }
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

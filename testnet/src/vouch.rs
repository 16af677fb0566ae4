//! The command `vouch`, as somebody runs it who trusts the genesis document and no node.

use serde_json::Value;

use crate::error::TestnetError;
use crate::program::{beside, command, run};
use crate::testnet::Testnet;
use crate::trial_error::TrialError;

/// The program.
const PROGRAM: &str = "vouch";

/// How many offences `vouch evidence` proves by a node's answer.
///
/// # Errors
/// [`TrialError::NotShown`] when the command fails: its proof does not hold, or it has none.
pub fn evidence(testnet: &Testnet, node: u8) -> Result<usize, TrialError> {
    let mut vouch = command(&beside(PROGRAM)?);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("VOUCH_") {
            vouch.env_remove(name);
        }
    }
    let home = testnet.layout().home().join("vouch");
    vouch.arg("--home").arg(&home).arg("--genesis").arg(testnet.layout().genesis());
    let url = format!("http://{}", testnet.node(node).addresses.grpc);
    vouch.args(["--node", &url, "--plaintext", "--output", "json", "evidence"]);
    let printed = run(&mut vouch).map_err(|error| not_shown(node, &error))?;
    let json: Value = serde_json::from_str(&printed).unwrap_or_default();
    match json["results"][0]["offences"].as_array() {
        Some(offences) => Ok(offences.len()),
        None => Err(TrialError::NotShown { node, said: printed }),
    }
}

fn not_shown(node: u8, error: &TestnetError) -> TrialError {
    TrialError::NotShown { node, said: error.to_string() }
}

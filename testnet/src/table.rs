//! A testnet's state as a table for people.

use comfy_table::{CellAlignment, Table, presets};

use crate::status::{NodeStatus, TestnetStatus};

/// What stands where there is nothing to say.
const NOTHING: &str = "–";

/// How the nodes are reached, and where they are: for one look after `up`.
#[must_use]
pub fn addresses(status: &TestnetStatus) -> String {
    let head = ["node", "organization", "role", "pid", "gRPC", "HTTP", "p2p", "height"];
    let row = |node: &NodeStatus| {
        [
            node.node.clone(),
            node.organization.clone(),
            node.role.to_owned(),
            or_nothing(node.pid),
            node.grpc.clone(),
            node.http.clone(),
            node.p2p.clone(),
            or_nothing(node.answer.map(|answer| answer.height)),
        ]
    };
    table(&head, status.nodes.iter().map(row), &[3, 7])
}

/// How the nodes are doing: for many looks.
#[must_use]
pub fn health(status: &TestnetStatus) -> String {
    let head =
        ["node", "organization", "state", "height", "round", "peers", "waiting", "votes", "signed"];
    let row = |node: &NodeStatus| {
        let answer = node.answer;
        [
            node.node.clone(),
            node.organization.clone(),
            node.state.to_owned(),
            or_nothing(answer.map(|answer| answer.height)),
            or_nothing(answer.map(|answer| answer.round)),
            or_nothing(answer.map(|answer| answer.peers)),
            or_nothing(answer.map(|answer| answer.mempool_transactions)),
            or_nothing(answer.map(|answer| if answer.votes { "yes" } else { "no" })),
            node.signed.map_or_else(
                || NOTHING.to_owned(),
                |signed| format!("{signed} of {}", status.signed_blocks),
            ),
        ]
    };
    let mut text = table(&head, status.nodes.iter().map(row), &[3, 4, 5, 6, 8]);
    if !status.cuts.is_empty() {
        text.push_str(&format!("\ncut: {}", status.cuts.join(" ")));
    }
    text
}

fn or_nothing(value: Option<impl ToString>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |value| value.to_string())
}

/// Rows under a head; the numbers' columns are aligned to the right.
pub(crate) fn table<const N: usize>(
    head: &[&str; N],
    rows: impl Iterator<Item = [String; N]>,
    numbers: &[usize],
) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(head);
    for row in rows {
        table.add_row(row);
    }
    for index in numbers {
        let column = table.column_mut(*index).expect("the column is one of the head's");
        column.set_cell_alignment(CellAlignment::Right);
    }
    let lines = table.to_string();
    lines.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::NodeAnswer;

    #[test]
    fn a_node_that_does_not_answer_has_a_row_without_numbers() {
        let answer = NodeAnswer {
            height: 71,
            round: 0,
            peers: 3,
            votes: true,
            mempool_transactions: 5,
            mempool_bytes: 900,
        };
        let node = |number: u8, answer, state| NodeStatus {
            node: format!("node-{number}"),
            organization: "acme".to_owned(),
            role: "validator",
            state,
            pid: None,
            grpc: String::new(),
            http: String::new(),
            p2p: String::new(),
            answer,
            signed: Some(19),
        };
        let status = TestnetStatus {
            version: 1,
            chain_id: String::new(),
            cuts: vec!["1>2".to_owned()],
            signed_blocks: 20,
            nodes: vec![node(1, Some(answer), "running"), node(2, None, "dead")],
        };
        let text = health(&status);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert!(lines[1].contains("71") && lines[1].contains("19 of 20"), "{text}");
        assert!(lines[2].contains("dead") && lines[2].contains(NOTHING), "{text}");
        assert_eq!(lines[3], "cut: 1>2");
    }
}

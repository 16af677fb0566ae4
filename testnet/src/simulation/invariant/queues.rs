//! Whatever others send, no queue of an honest node grows past its bound.

use vouchsafe_replica::Queue;

use super::Violation;

/// Is every queue of a node within its bound?
///
/// # Errors
/// The first that is not.
pub fn check(node: usize, queues: &[Queue]) -> Result<(), Violation> {
    match queues.iter().find(|queue| queue.length > queue.limit) {
        None => Ok(()),
        Some(Queue { name, length, limit }) => {
            Err(format!("queues: node {node} holds {length} {name}; {limit} is the bound"))
        }
    }
}

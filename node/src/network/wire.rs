//! The names and bytes of gossip.
//!
//! ```text
//! data = u64 sequence number, little-endian ‖ canonical bytes of the message
//! id   = SHA-256( topic ‖ 0x00 ‖ data )
//! ```
//!
//! Whoever publishes numbers its messages, so that what consensus says again is a new message:
//! caches that drop duplicates let it pass. Numbers begin at the time of the start, so that a node
//! that starts again does not use its old ones. The topic is part of the id, so that nobody can
//! hide a vote by publishing its bytes as transactions first.

use libp2p::gossipsub::{IdentTopic, Message, MessageId, TopicHash};
use vouchsafe_types::hash::{ChainId, sha256};

use super::metrics::Topic;

/// Bytes of the sequence number.
pub(crate) const SEQUENCE_BYTES: usize = 8;
/// Sequence numbers within a millisecond: the clock's time is shifted by so many bits. It holds
/// until the year 2527.
const SEQUENCE_SHIFT: u32 = 20;

/// Numbers the messages that this node publishes.
pub(crate) struct Sequence(u64);

impl Sequence {
    /// Begins at a time in milliseconds since 1970.
    pub(crate) fn starting_at(now_ms: u64) -> Self {
        Self(now_ms << SEQUENCE_SHIFT)
    }

    /// The data of a message's bytes, under a number of its own.
    pub(crate) fn seal(&mut self, message: &[u8]) -> Vec<u8> {
        self.0 = self.0.wrapping_add(1);
        let mut data = Vec::with_capacity(SEQUENCE_BYTES + message.len());
        data.extend_from_slice(&self.0.to_le_bytes());
        data.extend_from_slice(message);
        data
    }
}

/// The message's bytes; none if the data is too short to have any.
pub(crate) fn open(data: &[u8]) -> Option<&[u8]> {
    data.split_at_checked(SEQUENCE_BYTES).map(|(_, message)| message)
}

/// A message's id.
pub(crate) fn message_id(message: &Message) -> MessageId {
    let topic = message.topic.as_str().as_bytes();
    MessageId::new(sha256(&[topic, &[0], &message.data]).as_bytes())
}

/// The topics of one chain.
pub(crate) struct Topics {
    pub(crate) consensus: IdentTopic,
    pub(crate) transactions: IdentTopic,
}

impl Topics {
    pub(crate) fn of(chain_id: &ChainId) -> Self {
        let topic = |name: &str| IdentTopic::new(format!("/vouchsafe/{chain_id}/{name}/1"));
        Self { consensus: topic("consensus"), transactions: topic("transactions") }
    }

    /// The topic for gossipsub.
    pub(crate) fn get(&self, topic: Topic) -> &IdentTopic {
        match topic {
            Topic::Consensus => &self.consensus,
            Topic::Transactions => &self.transactions,
        }
    }

    /// Which topic is it? None of another chain's.
    pub(crate) fn find(&self, hash: &TopicHash) -> Option<Topic> {
        [Topic::Consensus, Topic::Transactions]
            .into_iter()
            .find(|topic| self.get(*topic).hash() == *hash)
    }
}

/// The name of the request protocol of one chain.
pub(crate) fn request_protocol(chain_id: &ChainId) -> String {
    format!("/vouchsafe/{chain_id}/request/1")
}

#[cfg(test)]
mod tests {
    use vouchsafe_types::hash::Digest;

    use super::*;

    fn message(topic: &IdentTopic, data: Vec<u8>) -> Message {
        Message { source: None, data, sequence_number: None, topic: topic.hash() }
    }

    #[test]
    fn what_is_said_again_is_a_new_message() {
        let topics = Topics::of(&ChainId(Digest::ZERO));
        let mut sequence = Sequence::starting_at(1);
        let (first, again) = (sequence.seal(b"vote"), sequence.seal(b"vote"));
        assert_eq!(open(&first), open(&again));
        let id = |data| message_id(&message(&topics.consensus, data));
        assert_ne!(id(first.clone()), id(again));
        let restarted = Sequence::starting_at(2).seal(b"vote");
        assert_ne!(id(first), id(restarted));
    }

    #[test]
    fn the_same_bytes_on_another_topic_are_another_message() {
        let topics = Topics::of(&ChainId(Digest::ZERO));
        let data = Sequence::starting_at(1).seal(b"vote");
        assert_ne!(
            message_id(&message(&topics.consensus, data.clone())),
            message_id(&message(&topics.transactions, data))
        );
        assert_eq!(topics.find(&topics.consensus.hash()), Some(Topic::Consensus));
        let other = Topics::of(&ChainId(Digest([1; 32])));
        assert_eq!(topics.find(&other.consensus.hash()), None);
    }

    #[test]
    fn data_without_a_number_has_no_message() {
        assert_eq!(open(&[0; SEQUENCE_BYTES - 1]), None);
        assert_eq!(open(&[0; SEQUENCE_BYTES]), Some([].as_slice()));
    }
}

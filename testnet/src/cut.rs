//! What a partition cuts: ordered pairs of nodes, from one of which nothing reaches the other.
//!
//! ```text
//! 1,2|3,4   two groups      1>3 1>4 2>3 2>4 and back
//! ring      neighbours only  1─2─3─4─1
//! 1>2       one way          nothing of 1's reaches 2
//! heal      nothing is cut
//! ```

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Nothing that one node sends reaches another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cut {
    /// Who sends.
    pub from: u8,
    /// Who does not hear.
    pub to: u8,
}

/// Why a text is not a partition of the nodes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CutError {
    /// Not of a known form.
    #[error(
        "{0:?} is not a partition: write groups such as '1,2|3,4' (or 1,2/3,4), one-way cuts such \
         as '1>2,1>3', 'ring' or 'heal'"
    )]
    Form(String),
    /// A node that is not there.
    #[error("there is no node {0}")]
    NoNode(u8),
    /// A node in two groups, or cut from itself.
    #[error("node {0} stands twice: put it in one group, and do not cut it from itself")]
    Twice(u8),
    /// A node in no group.
    #[error("node {0} is in no group: name every node, so that it is plain whom it reaches")]
    Missing(u8),
    /// Too few for a ring.
    #[error("a ring of {0} nodes cuts nothing: it takes at least 4")]
    SmallRing(usize),
}

impl fmt::Display for Cut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}>{}", self.from, self.to)
    }
}

impl FromStr for Cut {
    type Err = CutError;

    fn from_str(text: &str) -> Result<Self, CutError> {
        let form = || CutError::Form(text.to_owned());
        let (from, to) = text.split_once('>').ok_or_else(form)?;
        let number = |text: &str| text.trim().parse().map_err(|_| form());
        Ok(Self { from: number(from)?, to: number(to)? })
    }
}

impl Serialize for Cut {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cut {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Reads a partition of these nodes.
///
/// # Errors
/// [`CutError`].
pub fn parse(text: &str, nodes: &[u8]) -> Result<BTreeSet<Cut>, CutError> {
    match text {
        "heal" => Ok(BTreeSet::new()),
        "ring" => ring(nodes),
        _ if text.contains('>') => one_way(text, nodes),
        _ => groups(text, nodes),
    }
}

/// Every node reaches its two neighbours only.
///
/// # Errors
/// [`CutError::SmallRing`].
pub fn ring(nodes: &[u8]) -> Result<BTreeSet<Cut>, CutError> {
    let count = nodes.len();
    if count < 4 {
        return Err(CutError::SmallRing(count));
    }
    let apart = |one: usize, other: usize| {
        !matches!(one.abs_diff(other), 0 | 1) && one.abs_diff(other) != count - 1
    };
    Ok(pairs(count)
        .filter(|(one, other)| apart(*one, *other))
        .map(|(one, other)| Cut { from: nodes[one], to: nodes[other] })
        .collect())
}

fn pairs(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |one| (0..count).map(move |other| (one, other)))
}

fn one_way(text: &str, nodes: &[u8]) -> Result<BTreeSet<Cut>, CutError> {
    text.split(',')
        .map(|part| {
            let cut: Cut = part.parse().map_err(|_| CutError::Form(text.to_owned()))?;
            for number in [cut.from, cut.to] {
                if !nodes.contains(&number) {
                    return Err(CutError::NoNode(number));
                }
            }
            if cut.from == cut.to { Err(CutError::Twice(cut.from)) } else { Ok(cut) }
        })
        .collect()
}

fn groups(text: &str, nodes: &[u8]) -> Result<BTreeSet<Cut>, CutError> {
    let form = || CutError::Form(text.to_owned());
    let mut group_of = std::collections::BTreeMap::new();
    let groups: Vec<&str> = text.split(['|', '/']).collect();
    if groups.len() < 2 {
        return Err(form());
    }
    for (group, members) in groups.into_iter().enumerate() {
        for member in members.split(',') {
            let number: u8 = member.trim().parse().map_err(|_| form())?;
            if !nodes.contains(&number) {
                return Err(CutError::NoNode(number));
            }
            if group_of.insert(number, group).is_some() {
                return Err(CutError::Twice(number));
            }
        }
    }
    if let Some(missing) = nodes.iter().find(|number| !group_of.contains_key(number)) {
        return Err(CutError::Missing(*missing));
    }
    Ok(pairs(nodes.len())
        .map(|(one, other)| Cut { from: nodes[one], to: nodes[other] })
        .filter(|cut| group_of[&cut.from] != group_of[&cut.to])
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUR: [u8; 4] = [1, 2, 3, 4];

    fn text(cuts: &BTreeSet<Cut>) -> String {
        cuts.iter().map(Cut::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn groups_are_cut_from_each_other_both_ways() {
        let half = parse("1,2|3,4", &FOUR).expect("valid");
        assert_eq!(text(&half), "1>3 1>4 2>3 2>4 3>1 3>2 4>1 4>2");
        assert_eq!(parse("3,4/1,2", &FOUR).expect("valid"), half);
        assert_eq!(text(&parse("1,2,3|4", &FOUR).expect("valid")), "1>4 2>4 3>4 4>1 4>2 4>3");
        assert_eq!(parse("1|2|3|4", &FOUR).expect("valid").len(), 12);
    }

    #[test]
    fn a_ring_leaves_each_its_two_neighbours() {
        assert_eq!(text(&ring(&FOUR).expect("four")), "1>3 2>4 3>1 4>2");
        let seven = ring(&[1, 2, 3, 4, 5, 6, 7]).expect("seven");
        assert_eq!(seven.len(), 7 * 4);
        assert!(!seven.contains(&Cut { from: 1, to: 7 }));
        assert_eq!(ring(&[1, 2, 3]), Err(CutError::SmallRing(3)));
    }

    #[test]
    fn a_cut_may_be_one_way() {
        assert_eq!(text(&parse("2>1", &FOUR).expect("valid")), "2>1");
        assert_eq!(text(&parse("1>2,1>3", &FOUR).expect("valid")), "1>2 1>3");
        assert_eq!(parse("heal", &FOUR), Ok(BTreeSet::new()));
    }

    #[test]
    fn what_is_not_a_partition_of_the_nodes_is_refused() {
        for wrong in ["", "1,2", "1>", "a|b", "1,2||3,4", "1>2|3"] {
            assert!(matches!(parse(wrong, &FOUR), Err(CutError::Form(_))), "{wrong:?}");
        }
        assert_eq!(parse("1,2|3,5", &FOUR), Err(CutError::NoNode(5)));
        assert_eq!(parse("1>9", &FOUR), Err(CutError::NoNode(9)));
        assert_eq!(parse("1,2|2,3,4", &FOUR), Err(CutError::Twice(2)));
        assert_eq!(parse("3>3", &FOUR), Err(CutError::Twice(3)));
        assert_eq!(parse("1,2|3", &FOUR), Err(CutError::Missing(4)));
    }
}

//! The virtual network: who reaches whom, how long it takes, and what is lost.

use super::random::Random;

/// How a network is at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weather {
    /// Messages lost, in thousandths.
    pub loss_per_mille: u64,
    /// Messages delivered twice, in thousandths.
    pub duplicates_per_mille: u64,
    /// The least delay, in milliseconds.
    pub delay_least_ms: u64,
    /// The greatest delay, in milliseconds: the spread reorders.
    pub delay_most_ms: u64,
}

impl Weather {
    /// A good day.
    pub const CALM: Self =
        Self { loss_per_mille: 0, duplicates_per_mille: 0, delay_least_ms: 1, delay_most_ms: 5 };

    /// Some bad day.
    pub fn bad(random: &mut Random) -> Self {
        let delay_least_ms = random.between(1, 50);
        Self {
            loss_per_mille: if random.chance(600) { random.between(0, 300) } else { 0 },
            duplicates_per_mille: if random.chance(400) { random.between(0, 500) } else { 0 },
            delay_least_ms,
            delay_most_ms: delay_least_ms
                + if random.chance(600) { random.between(0, 800) } else { 5 },
        }
    }
}

/// Which links are cut, and who is connected with whom.
#[derive(Debug)]
pub struct Network {
    nodes: usize,
    /// `cut[from * nodes + to]`: nothing arrives.
    cut: Vec<bool>,
    /// Symmetric: both ends hold the connection to stand.
    connected: Vec<bool>,
    /// The weather.
    pub weather: Weather,
}

impl Network {
    /// All links work, and nobody is connected yet.
    #[must_use]
    pub fn new(nodes: usize) -> Self {
        let links = nodes * nodes;
        Self {
            nodes,
            cut: vec![false; links],
            connected: vec![false; links],
            weather: Weather::CALM,
        }
    }

    /// Does what one sends arrive at the other?
    #[must_use]
    pub fn reaches(&self, from: usize, to: usize) -> bool {
        !self.cut[from * self.nodes + to]
    }

    /// Can a connection stand between them?
    #[must_use]
    pub fn links(&self, one: usize, other: usize) -> bool {
        self.reaches(one, other) && self.reaches(other, one)
    }

    /// Are they connected?
    #[must_use]
    pub fn are_connected(&self, one: usize, other: usize) -> bool {
        self.connected[one * self.nodes + other]
    }

    /// They are connected from now on, or not any more.
    pub fn set_connected(&mut self, one: usize, other: usize, connected: bool) {
        self.connected[one * self.nodes + other] = connected;
        self.connected[other * self.nodes + one] = connected;
    }

    /// All links work.
    pub fn heal(&mut self) {
        self.cut.fill(false);
        self.weather = Weather::CALM;
    }

    /// Cuts some links, in one of the ways in which networks break.
    pub fn break_apart(&mut self, random: &mut Random) -> &'static str {
        self.cut.fill(false);
        let mut order: Vec<usize> = (0..self.nodes).collect();
        random.shuffle(&mut order);
        match random.below(5) {
            0 => {
                let (left, right) = order.split_at(self.nodes / 2);
                self.cut_between(left, right);
                "halves"
            }
            1 => {
                let (one, rest) = order.split_at(1);
                self.cut_between(one, rest);
                "one alone"
            }
            2 => {
                for (at, one) in order.iter().enumerate() {
                    for (of, other) in order.iter().enumerate() {
                        let distance = at.abs_diff(of);
                        if distance > 1 && distance < self.nodes - 1 {
                            self.cut_one_way(*one, *other);
                        }
                    }
                }
                "a ring"
            }
            3 => {
                self.cut_one_way(order[0], order[1]);
                "one way"
            }
            _ => {
                for link in 0..self.cut.len() {
                    self.cut[link] = random.chance(300);
                }
                "some links"
            }
        }
    }

    fn cut_between(&mut self, left: &[usize], right: &[usize]) {
        for one in left {
            for other in right {
                self.cut_one_way(*one, *other);
                self.cut_one_way(*other, *one);
            }
        }
    }

    fn cut_one_way(&mut self, from: usize, to: usize) {
        self.cut[from * self.nodes + to] = true;
    }
}

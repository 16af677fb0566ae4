//! What goes wrong in a run, and when: bad times of some seconds, each followed by a calm in which
//! progress is owed.

use super::random::Random;
use super::villain::{VILLAINS, Villain};

/// How long a bad time lasts, in milliseconds.
const BAD_MS: (u64, u64) = (1_000, 20_000);

/// One bad time.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// How long it lasts, in milliseconds.
    pub lasts_ms: u64,
    /// The links break.
    pub partition: bool,
    /// Messages are lost, late and doubled.
    pub weather: bool,
    /// Nodes crash now and then; about so many in this time.
    pub crashes: u64,
    /// All nodes crash at its beginning.
    pub all_crash: bool,
}

impl Trouble {
    /// Some trouble.
    pub fn draw(random: &mut Random) -> Self {
        Self {
            lasts_ms: random.between(BAD_MS.0, BAD_MS.1),
            partition: random.chance(500),
            weather: random.chance(600),
            crashes: if random.chance(600) { random.between(1, 6) } else { 0 },
            all_crash: random.chance(100),
        }
    }
}

/// Which validators are villains in a run, and which kind: less than a third of them.
pub fn villains(validators: u8, random: &mut Random) -> Vec<Option<Villain>> {
    let most = (validators - 1) / 3;
    let count = usize::try_from(random.below(u64::from(most) + 1)).expect("few");
    let mut roles: Vec<_> = (0..validators).map(|_| None).collect();
    for role in roles.iter_mut().take(count) {
        *role = Some(VILLAINS[random.index(VILLAINS.len())]);
    }
    random.shuffle(&mut roles);
    roles
}

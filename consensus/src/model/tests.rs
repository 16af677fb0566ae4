//! What is explored every day, what is explored on demand, and whether a fault would be found.

use std::collections::BTreeMap;
use std::time::Duration;

use stateright::report::{ReportData, ReportDiscovery, Reporter};
use stateright::{Checker, HasDiscoveries, Model, UniformChooser};

use super::carry_out::{DURABLE, GOES_ON, LOCKED, NEVER_TWICE, ONE_BLOCK, VOTES_ON};
use super::scope::{Scope, Weakness};
use super::world::{Checked, DECIDES, SECOND_ROUND};

/// More moves than any path has: to the end.
const TO_THE_END: usize = 1_000;

/// What a run found: each property that broke or was wanted, and the path to it.
type Found = BTreeMap<&'static str, Vec<String>>;

fn report(name: &str, checker: &impl Checker<Checked>) -> Found {
    println!(
        "{name}: done: {} steps to {} states, {} moves deep",
        checker.state_count(),
        checker.unique_state_count(),
        checker.max_depth() - 1,
    );
    let mut found = Found::new();
    for (property, path) in checker.discoveries() {
        let fault = path.last_state().fault.clone();
        let mut steps: Vec<_> = path.into_actions().into_iter().map(|step| step.name).collect();
        if let Some(fault) = fault {
            steps.push(format!("{fault:?}"));
            println!("{name}: not \"{property}\":\n  {}", steps.join("\n  "));
        }
        found.insert(property, steps);
    }
    for (property, (fault, told)) in checker.model().memory.faults() {
        found.entry(property).or_insert_with(|| {
            println!("{name}: not \"{property}\": {fault:?} after {told}");
            vec![told]
        });
    }
    found
}

/// Every path of so many moves, breadth first, until what is looked for was found.
fn search(scope: &Scope, moves: usize, until: HasDiscoveries) -> impl Checker<Checked> + use<> {
    // The beginning counts as one.
    let checker = Checked::new(scope.clone()).checker().target_max_depth(moves + 1);
    checker.finish_when(until).spawn_bfs()
}

fn explore(name: &str, scope: &Scope, moves: usize) -> Found {
    report(name, &search(scope, moves, HasDiscoveries::AnyFailures).join())
}

/// Is there a path of so many moves that breaks this property?
fn breaks(property: &'static str, scope: &Scope, moves: usize) -> bool {
    let until = HasDiscoveries::AnyOf([property].into());
    let name = format!("{:?}", scope.weakness);
    report(&name, &search(scope, moves, until).join()).contains_key(property)
}

/// Says twice a minute how far it is.
struct Progress {
    name: String,
}

impl Reporter<Checked> for Progress {
    fn report_checking(&mut self, data: ReportData) {
        let ReportData { total_states, unique_states, max_depth, duration, .. } = data;
        let (name, seconds) = (&self.name, duration.as_secs());
        println!(
            "{name}: {total_states} steps to {unique_states} states, {} moves deep, {seconds} s",
            max_depth - 1
        );
    }
    fn report_discoveries(
        &mut self,
        _: &Checked,
        _: BTreeMap<&'static str, ReportDiscovery<Checked>>,
    ) {
    }
    fn delay(&self) -> Duration {
        Duration::from_secs(30)
    }
}

/// Walks at random, many times from the beginning, through so many states.
fn walk(name: &str, scope: Scope, states: usize) -> Found {
    let seed = asked("VOUCHSAFE_MODEL_SEED", 1) as u64;
    let checker = Checked::new(scope).checker().target_state_count(states);
    let checker = checker.finish_when(HasDiscoveries::AnyFailures);
    report(name, &checker.spawn_simulation(seed, UniformChooser).join())
}

fn holds(found: &Found) -> bool {
    [NEVER_TWICE, DURABLE, LOCKED, GOES_ON, VOTES_ON, ONE_BLOCK]
        .iter()
        .all(|property| !found.contains_key(property))
}

/// A number from the environment.
fn asked(variable: &str, default: usize) -> usize {
    let asked = std::env::var(variable).ok();
    asked.map_or(default, |asked| asked.parse().expect("a number"))
}

#[test]
fn a_validator_that_is_locked_and_tempted_stays_so_over_every_power_cut_and_loss_of_its_log() {
    let scope = Scope { losses: 1, ..Scope::lock() };
    let found = explore("lock", &scope, 6);
    assert!(holds(&found) && found.contains_key(SECOND_ROUND));
}

#[test]
fn a_validator_that_proposes_never_proposes_twice_over_every_power_cut() {
    let scope = Scope { proposers: [0, 1], ..Scope::lock() };
    let found = explore("lock, own proposal", &scope, TO_THE_END);
    assert!(holds(&found) && found.contains_key(SECOND_ROUND));
}

#[test]
fn whatever_is_said_first_no_power_cut_makes_a_validator_contradict_itself() {
    assert!(holds(&explore("words", &Scope::words(), 4)));
    assert!(holds(&explore("letters", &Scope::letters(), 3)));
    let scope = Scope { early: true, certificate: true, ..Scope::words() };
    assert!(holds(&explore("words, early", &scope, 3)));
}

#[test]
fn three_engines_and_a_liar_decide_one_block_on_random_walks() {
    let found = walk("engines", Scope::engines(), 300);
    assert!(holds(&found));
}

#[test]
fn what_a_weak_driver_breaks_is_found() {
    let weak = Scope::weak;
    assert!(breaks(NEVER_TWICE, &weak(Weakness::LeavesFirst), 4));
    assert!(breaks(VOTES_ON, &weak(Weakness::FlushLies), 4));
    assert!(breaks(NEVER_TWICE, &weak(Weakness::BothLost), 4));
    assert!(breaks(GOES_ON, &weak(Weakness::Forgets), 4));
    assert!(breaks(LOCKED, &weak(Weakness::ReplaysOwn), 7));
    let lost = Scope { losses: 1, ..weak(Weakness::RecordSkipped) };
    assert!(breaks(NEVER_TWICE, &lost, 4));
    let early = Scope { durability: true, ..weak(Weakness::LeavesFirst) };
    assert!(breaks(DURABLE, &early, 4));
}

#[test]
#[ignore = "minutes: scripts/model-check"]
fn deep() {
    let name = std::env::var("VOUCHSAFE_MODEL_SCOPE").unwrap_or_else(|_| "words".to_owned());
    let depth = asked("VOUCHSAFE_MODEL_DEPTH", 7);
    let scope = match name.as_str() {
        "words" => Scope::words(),
        "letters" => Scope::letters(),
        "engines" => Scope::engines(),
        "lock" => Scope::lock(),
        other => panic!("no scope {other}"),
    };
    let (crashes, losses) = (usize::from(scope.crashes), usize::from(scope.losses));
    let first = asked("VOUCHSAFE_MODEL_FIRST", scope.proposers[0]);
    let second = asked("VOUCHSAFE_MODEL_SECOND", scope.proposers[1]);
    let scope = Scope {
        crashes: u8::try_from(asked("VOUCHSAFE_MODEL_CRASHES", crashes)).expect("few"),
        losses: u8::try_from(asked("VOUCHSAFE_MODEL_LOSSES", losses)).expect("few"),
        proposers: [first, second],
        early: asked("VOUCHSAFE_MODEL_EARLY", 0) == 1,
        certificate: asked("VOUCHSAFE_MODEL_CERTIFICATE", 0) == 1,
        ..scope
    };
    let walks = asked("VOUCHSAFE_MODEL_WALK_STATES", 0);
    let found = if walks == 0 {
        let mut progress = Progress { name: name.clone() };
        report(
            &name,
            &search(&scope, depth, HasDiscoveries::AnyFailures).join_and_report(&mut progress),
        )
    } else {
        walk(&name, scope, walks)
    };
    println!("decides: {:?}", found.get(DECIDES));
    assert!(holds(&found));
}

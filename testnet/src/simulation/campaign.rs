//! Many seeds, on all cores: what fails is told with the one command that shows it again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use super::run::{Failure, Outline, Report, simulate};

/// Which seeds are run.
#[derive(Clone, Copy, Debug)]
pub struct Campaign {
    /// The first seed.
    pub first_seed: u64,
    /// How many.
    pub seeds: u64,
    /// How many validators each run has; none: 4 and 7 in turn.
    pub validators: Option<u8>,
    /// How long each chain becomes, in heights.
    pub heights: u64,
    /// So many validators say nothing, instead of what the seeds say of villains.
    pub silent: Option<u8>,
    /// How many runs go on at one time.
    pub threads: usize,
    /// Go on after a failure.
    pub keep_going: bool,
}

/// What became of all runs.
#[derive(Debug, Default)]
pub struct Summary {
    /// How many runs ended well.
    pub passed: u64,
    /// The heights that they committed, together.
    pub heights: u64,
    /// The virtual time that they took, in milliseconds, together.
    pub virtual_ms: u64,
    /// The transactions that were acknowledged in them.
    pub acknowledged: u64,
    /// The pieces of evidence that honest nodes collected in them.
    pub evidence: u64,
    /// How many runs had villains.
    pub with_villains: u64,
    /// The most rounds that an honest node lost in a calm, in all of them.
    pub rounds_lost_max: u64,
    /// What failed.
    pub failures: Vec<(Outline, Failure)>,
}

impl Campaign {
    /// The run of a seed.
    #[must_use]
    pub fn outline(&self, seed: u64) -> Outline {
        let validators = self.validators.unwrap_or(if seed.is_multiple_of(3) { 7 } else { 4 });
        Outline { seed, validators, heights: self.heights, silent: self.silent, lines: false }
    }

    /// Runs all seeds. `told` hears of each run that ended.
    pub fn run(&self, told: &(dyn Fn(&Summary) + Sync)) -> Summary {
        let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
        let summary = Mutex::new(Summary::default());
        thread::scope(|scope| {
            for _ in 0..self.threads.max(1) {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        if at >= self.seeds {
                            return;
                        }
                        let outline = self.outline(self.first_seed + at);
                        let end = run_whole(&outline);
                        if end.is_err() && !self.keep_going {
                            stop.store(true, Ordering::Relaxed);
                        }
                        let mut summary = summary.lock().expect("nothing panics under this lock");
                        summary.take(outline, end);
                        told(&summary);
                    }
                });
            }
        });
        summary.into_inner().expect("nothing panics under this lock")
    }
}

/// A run in which the program panics has failed like any other.
fn run_whole(outline: &Outline) -> Result<Report, Box<Failure>> {
    catch_unwind(AssertUnwindSafe(|| simulate(outline))).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
        let violation = format!("panic: {}", words.unwrap_or("without words"));
        Err(Box::new(Failure { violation, lines: Vec::new() }))
    })
}

impl Summary {
    fn take(&mut self, outline: Outline, end: Result<Report, Box<Failure>>) {
        match end {
            Ok(report) => {
                self.passed += 1;
                self.heights += report.height;
                self.virtual_ms += report.virtual_ms;
                self.acknowledged += report.acknowledged as u64;
                self.evidence += report.evidence;
                self.rounds_lost_max = self.rounds_lost_max.max(report.rounds_lost_max);
                self.with_villains += u64::from(!report.villains.is_empty());
            }
            Err(failure) => self.failures.push((outline, *failure)),
        }
    }
}

/// The command that shows a run again.
#[must_use]
pub fn replay_command(outline: &Outline) -> String {
    let Outline { seed, validators, heights, silent, .. } = outline;
    let silent = silent.map(|count| format!(" --silent {count}")).unwrap_or_default();
    format!(
        "vouchsafe-testnet simulate --seeds 1 --seed {seed} --validators {validators} \
         --heights {heights}{silent} --trace"
    )
}

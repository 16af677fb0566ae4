//! A process that outlives the command that started it, found again by its id and the moment it
//! began: an id alone may be another's by now.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

use crate::error::{TestnetError, storage};

/// How long a poll pauses.
const PAUSE: Duration = Duration::from_millis(5);
/// A killed process is gone within this time.
const KILL_WITHIN: Duration = Duration::from_secs(10);

/// A process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Process {
    pid: u32,
    /// When it began, in clock ticks since the machine did (proc(5), starttime).
    began_ticks: u64,
}

/// How a process is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProcessState {
    /// It runs.
    Running,
    /// It is stopped by SIGSTOP.
    Paused,
    /// It has ended.
    Dead,
}

impl Process {
    /// Starts a command in a session of its own, with a file for what it prints.
    ///
    /// # Errors
    /// [`TestnetError::Launch`], [`TestnetError::Storage`].
    pub fn spawn(command: &Command, log: &Path) -> Result<Self, TestnetError> {
        let open = || std::fs::File::options().create(true).append(true).open(log);
        let output = open().and_then(|file| Ok((file.try_clone()?, file)));
        let (output, errors) = output.map_err(storage("open", log))?;
        // setsid becomes the command, in the same process.
        let mut detached = Command::new("setsid");
        detached.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => detached.env(name, value),
                None => detached.env_remove(name),
            };
        }
        detached.stdin(Stdio::null()).stdout(output).stderr(errors);
        let launch = |cause| TestnetError::Launch { program: "setsid".to_owned(), cause };
        let pid = detached.spawn().map_err(launch)?.id();
        // One that has ended already is dead whatever its beginning.
        let began_ticks = Stat::of(pid).map_or(0, |stat| stat.began_ticks);
        Ok(Self { pid, began_ticks })
    }

    /// The process's id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The process that a file names, if there is such a file.
    #[must_use]
    pub fn read(path: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(path).ok()?;
        let mut numbers = text.split_whitespace();
        let pid = numbers.next()?.parse().ok()?;
        Some(Self { pid, began_ticks: numbers.next()?.parse().ok()? })
    }

    /// Writes the file by which it is found again.
    ///
    /// # Errors
    /// [`TestnetError::Storage`].
    pub fn write(&self, path: &Path) -> Result<(), TestnetError> {
        let text = format!("{} {}\n", self.pid, self.began_ticks);
        std::fs::write(path, text).map_err(storage("write", path))
    }

    fn id(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.pid).unwrap_or(i32::MAX))
    }

    /// How it is.
    #[must_use]
    pub fn state(&self) -> ProcessState {
        // A child of ours that has ended stays until it is waited for; for another's this fails.
        let _ = waitpid(self.id(), Some(WaitPidFlag::WNOHANG));
        match Stat::of(self.pid) {
            Some(stat) if stat.began_ticks == self.began_ticks => match stat.state {
                'T' | 't' => ProcessState::Paused,
                // The first thread may be gone before the others, who still hold files and ports.
                'Z' | 'X' if threads(self.pid) <= 1 => ProcessState::Dead,
                _ => ProcessState::Running,
            },
            _ => ProcessState::Dead,
        }
    }

    /// Sends a signal. One that has ended takes it as well as any.
    ///
    /// # Errors
    /// [`TestnetError::Signal`].
    pub fn signal(&self, signal: Signal) -> Result<(), TestnetError> {
        if self.state() == ProcessState::Dead { Ok(()) } else { self.signal_at_once(signal) }
    }

    /// Sends a signal to one that was found alive a moment ago.
    ///
    /// # Errors
    /// [`TestnetError::Signal`].
    pub fn signal_at_once(&self, signal: Signal) -> Result<(), TestnetError> {
        match kill(self.id(), signal) {
            Ok(()) | Err(Errno::ESRCH) => Ok(()),
            Err(cause) => Err(TestnetError::Signal { pid: self.pid, cause }),
        }
    }

    /// Waits until it has ended; false if it has not within that time.
    #[must_use]
    pub fn ends_within(&self, within: Duration) -> bool {
        self.becomes_within(ProcessState::Dead, within)
    }

    /// Waits until it is so; false if it is not within that time.
    #[must_use]
    pub fn becomes_within(&self, state: ProcessState, within: Duration) -> bool {
        let began = Instant::now();
        while self.state() != state {
            if began.elapsed() >= within {
                return false;
            }
            std::thread::sleep(PAUSE);
        }
        true
    }

    /// Ends it without a warning, and waits until it is gone.
    ///
    /// # Errors
    /// [`TestnetError::Signal`], [`TestnetError::Unkillable`].
    pub fn kill(&self) -> Result<(), TestnetError> {
        self.signal(Signal::SIGKILL)?;
        if self.ends_within(KILL_WITHIN) { Ok(()) } else { Err(TestnetError::Unkillable(self.pid)) }
    }

    /// Asks it to end. Once: a second time would tell it not to finish what is in flight.
    ///
    /// # Errors
    /// [`TestnetError::Signal`].
    pub fn ask_to_end(&self) -> Result<(), TestnetError> {
        self.signal(Signal::SIGTERM)?;
        // One that is paused hears nothing until it goes on.
        self.signal(Signal::SIGCONT)
    }

    /// Waits for one that was asked to end, and ends it after that time; true if it went by
    /// itself.
    ///
    /// # Errors
    /// Those of [`Process::kill`].
    pub fn ended(&self, within: Duration) -> Result<bool, TestnetError> {
        if self.ends_within(within) {
            return Ok(true);
        }
        self.kill()?;
        Ok(false)
    }
}

fn threads(pid: u32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count)
}

/// What the system says of a process.
struct Stat {
    state: char,
    began_ticks: u64,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The second field is the name in parentheses, which may hold anything. After it, field
        // 3 is the state and field 22 the beginning.
        let mut fields = text.rsplit_once(')')?.1.split_whitespace();
        let state = fields.next()?.chars().next()?;
        Some(Self { state, began_ticks: fields.nth(22 - 4)?.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    fn spawn(script: &str) -> (tempfile::TempDir, Process) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let process = Process::spawn(&command, &folder.path().join("log")).expect("starts");
        (folder, process)
    }

    #[test]
    fn a_process_is_found_again_paused_resumed_and_killed() {
        let (folder, process) = spawn("exec sleep 600");
        let path = folder.path().join("pid");
        process.write(&path).expect("written");
        let found = Process::read(&path).expect("there");
        assert_eq!(found, process);
        assert_eq!(found.state(), ProcessState::Running);
        found.signal(Signal::SIGSTOP).expect("ours");
        assert!(found.becomes_within(ProcessState::Paused, PATIENCE));
        found.signal(Signal::SIGCONT).expect("ours");
        assert!(found.becomes_within(ProcessState::Running, PATIENCE));
        found.kill().expect("ours");
        assert_eq!(found.state(), ProcessState::Dead);
        found.signal(Signal::SIGKILL).expect("nobody to signal");
    }

    #[test]
    fn another_process_of_the_same_id_is_not_ours() {
        let (_folder, process) = spawn("exec sleep 600");
        let earlier = Process { began_ticks: process.began_ticks.wrapping_sub(1), ..process };
        assert_eq!(earlier.state(), ProcessState::Dead);
        earlier.kill().expect("already gone");
        assert_eq!(process.state(), ProcessState::Running);
        process.kill().expect("ours");
    }

    #[test]
    fn a_process_ends_by_itself_or_is_killed_even_when_paused() {
        let (_folder, polite) = spawn("exec sleep 600");
        polite.signal(Signal::SIGSTOP).expect("ours");
        assert!(polite.becomes_within(ProcessState::Paused, PATIENCE));
        polite.ask_to_end().expect("ours");
        assert!(polite.ended(PATIENCE).expect("ours"), "sleep heeds SIGTERM");
        let (folder, deaf) = spawn("trap '' TERM; echo deaf; while :; do sleep 0.1; done");
        while std::fs::read(folder.path().join("log")).unwrap_or_default().is_empty() {
            std::thread::sleep(PAUSE);
        }
        deaf.ask_to_end().expect("ours");
        assert!(!deaf.ended(Duration::from_millis(100)).expect("ours"));
        assert_eq!(deaf.state(), ProcessState::Dead);
    }
}

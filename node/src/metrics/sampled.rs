//! What is looked up when somebody asks for metrics: the database, its disk, and the process.

use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use nix::sys::statvfs::statvfs;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use vouchsafe_ledger::RocksStore;

use crate::clock::now_ms;

/// A gauge of what has no fractions worth showing, as the database and the system count it.
type Bytes = Gauge<u64, AtomicU64>;

/// Metrics that are set when they are asked for.
#[derive(Default)]
pub(crate) struct SampledMetrics {
    estimated_keys: Bytes,
    live_data_bytes: Bytes,
    files_bytes: Bytes,
    memtables_bytes: Bytes,
    block_cache_bytes: Bytes,
    pending_compaction_bytes: Bytes,
    writes_stopped: Bytes,
    delayed_write_rate_bytes: Bytes,
    background_errors: Bytes,
    disk_free_bytes: Bytes,
    disk_size_bytes: Bytes,
    clock_seconds: Gauge<f64, AtomicU64>,
    uptime_seconds: Gauge<f64, AtomicU64>,
    start_time_seconds: Gauge<f64, AtomicU64>,
    open_files: Bytes,
    open_files_max: Bytes,
    resident_bytes: Bytes,
}

impl SampledMetrics {
    pub(super) fn new() -> Self {
        let metrics = Self::default();
        metrics.start_time_seconds.set(now_seconds());
        metrics
    }

    /// Registers what has the program's own names.
    pub(super) fn register(&self, registry: &mut Registry) {
        for (name, help, gauge) in [
            ("rocksdb_estimated_keys", "Keys in the database, about", &self.estimated_keys),
            ("rocksdb_live_data_bytes", "Live data in its files, about", &self.live_data_bytes),
            ("rocksdb_files_bytes", "Its table files on disk", &self.files_bytes),
            ("rocksdb_memtables_bytes", "Writes not yet in a file", &self.memtables_bytes),
            ("rocksdb_block_cache_bytes", "Its cache of blocks", &self.block_cache_bytes),
            (
                "rocksdb_pending_compaction_bytes",
                "What compaction has yet to rewrite, about",
                &self.pending_compaction_bytes,
            ),
            ("rocksdb_writes_stopped", "1 while writes wait for it", &self.writes_stopped),
            (
                "rocksdb_delayed_write_rate_bytes",
                "Bytes a second that it slows writes down to; 0 for no limit",
                &self.delayed_write_rate_bytes,
            ),
            ("rocksdb_background_errors", "Errors of its own work", &self.background_errors),
            ("disk_free_bytes", "Free space where the data lies", &self.disk_free_bytes),
            ("disk_size_bytes", "All space where the data lies", &self.disk_size_bytes),
        ] {
            registry.register(name, help, gauge.clone());
        }
        registry.register(
            "clock_seconds",
            "This machine's clock, in seconds since 1970",
            self.clock_seconds.clone(),
        );
        registry.register(
            "uptime_seconds",
            "Since the program started",
            self.uptime_seconds.clone(),
        );
    }

    /// Registers what has the same name in every program.
    pub(super) fn register_process(&self, registry: &mut Registry) {
        registry.register(
            "process_start_time_seconds",
            "When the program started, in seconds since 1970",
            self.start_time_seconds.clone(),
        );
        registry.register("process_open_fds", "Files open", self.open_files.clone());
        registry.register("process_max_fds", "Files that may be open", self.open_files_max.clone());
        registry.register(
            "process_resident_memory_bytes",
            "Memory in use",
            self.resident_bytes.clone(),
        );
    }

    /// Looks everything up. What cannot be known keeps its last value: metrics are no reason to
    /// stop, and the log says why.
    pub(crate) fn sample(&self, store: &RocksStore) {
        let now = now_seconds();
        self.clock_seconds.set(now);
        self.uptime_seconds.set((now - self.start_time_seconds.get()).max(0.0));
        match store.statistics() {
            Ok(statistics) => {
                self.estimated_keys.set(statistics.estimated_keys);
                self.live_data_bytes.set(statistics.live_data_bytes);
                self.files_bytes.set(statistics.files_bytes);
                self.memtables_bytes.set(statistics.memtables_bytes);
                self.block_cache_bytes.set(statistics.block_cache_bytes);
                self.pending_compaction_bytes.set(statistics.pending_compaction_bytes);
                self.writes_stopped.set(u64::from(statistics.writes_stopped));
                self.delayed_write_rate_bytes.set(statistics.delayed_write_rate_bytes);
                self.background_errors.set(statistics.background_errors);
            }
            Err(error) => tracing::warn!("the database says nothing of itself: {error}"),
        }
        self.sample_disk(store.path());
        self.sample_process();
    }

    fn sample_disk(&self, path: &Path) {
        match statvfs(path) {
            Ok(disk) => {
                let block = disk.fragment_size();
                self.disk_free_bytes.set(disk.blocks_available().saturating_mul(block));
                self.disk_size_bytes.set(disk.blocks().saturating_mul(block));
            }
            Err(error) => tracing::warn!("the disk's space is not known: {error}"),
        }
    }

    fn sample_process(&self) {
        if let Ok(entries) = std::fs::read_dir("/proc/self/fd") {
            self.open_files.set(entries.count() as u64);
        }
        if let Some(most) = number_in("/proc/self/limits", "Max open files") {
            self.open_files_max.set(most);
        }
        if let Some(kibibytes) = number_in("/proc/self/status", "VmRSS:") {
            self.resident_bytes.set(kibibytes.saturating_mul(1024));
        }
    }
}

/// The first number after a name, in one of the kernel's tables (proc(5)).
fn number_in(path: &str, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(path).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

fn now_seconds() -> f64 {
    Duration::from_millis(now_ms()).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_tells_of_this_process() {
        assert!(number_in("/proc/self/limits", "Max open files").is_some_and(|most| most > 0));
        assert!(number_in("/proc/self/status", "VmRSS:").is_some_and(|kibibytes| kibibytes > 0));
        assert_eq!(number_in("/proc/self/status", "Nothing of the kind"), None);
    }
}

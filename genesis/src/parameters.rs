//! The numbers that all validators must agree on, each with its unit, default and bounds.

use serde::{Deserialize, Serialize};

use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::header::{BLOCK_BYTES_MAX, BLOCK_EVIDENCE_MAX, Header};
use vouchsafe_types::transaction::TRANSACTION_BYTES_MAX;

/// What a parameter may be, both ends included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// The parameter's unit.
    pub unit: &'static str,
    /// Its value unless a genesis document is made with another.
    pub default: u64,
    /// The least valid value.
    pub least: u64,
    /// The greatest valid value.
    pub most: u64,
}

/// Makes structure, bounds, default and errors from one table, so that none can be forgotten.
macro_rules! parameters {
    ($(
        $(#[$doc:meta])*
        $field:ident $bounds:ident $error:ident: $unit:literal, $default:literal, $least:literal ..= $most:expr;
    )*) => {
        /// The chain's parameters. All are 64-bit integers: decimal strings in JSON.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Parameters {
            $( $(#[$doc])* #[serde(with = "crate::decimal")] pub $field: u64, )*
        }

        impl Parameters {
            $(
                #[doc = concat!("Unit, default and bounds of `", stringify!($field), "`.")]
                pub const $bounds: Bounds =
                    Bounds { unit: $unit, default: $default, least: $least, most: $most };
            )*

            /// Every parameter's name and bounds, in the order of the document.
            pub const ALL: &[(&'static str, Bounds)] =
                &[$( (stringify!($field), Self::$bounds), )*];

            fn check_bounds(&self) -> Result<(), ParameterError> {
                $(
                    if !(Self::$bounds.least..=Self::$bounds.most).contains(&self.$field) {
                        return Err(ParameterError::$error(self.$field));
                    }
                )*
                Ok(())
            }
        }

        impl Default for Parameters {
            fn default() -> Self {
                Self { $( $field: Self::$bounds.default, )* }
            }
        }

        /// Which parameter is out of bounds.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        pub enum ParameterError {
            $(
                #[doc = concat!("`", stringify!($field), "` is out of its bounds.")]
                #[error(
                    "parameter {name} is {0} {unit}; choose {least} to {most} (default {default})",
                    name = stringify!($field),
                    unit = Parameters::$bounds.unit,
                    least = Parameters::$bounds.least,
                    most = Parameters::$bounds.most,
                    default = Parameters::$bounds.default,
                )]
                $error(u64),
            )*
            /// A first timeout is above the bound that later rounds approach.
            #[error(
                "parameter timeout_max_ms is {timeout_max_ms}, below the first timeout of \
                 {first_ms} ms; raise it"
            )]
            TimeoutAboveMax {
                /// The bound.
                timeout_max_ms: u64,
                /// The longest first timeout.
                first_ms: u64,
            },
        }
    };
}

parameters! {
    /// The most bytes a block may have, in its canonical encoding. The least leaves room for any
    /// valid transaction beside header, certificate and evidence.
    block_bytes_max BLOCK_BYTES BlockBytesMax: "bytes", 4_194_304, 2_097_152 ..= BLOCK_BYTES_MAX as u64;
    /// A transaction's expiry is at most this long after the time of the block that holds it, in
    /// milliseconds; ids are remembered that long.
    expiry_window_ms EXPIRY_WINDOW ExpiryWindow: "ms", 3_600_000, 60_000 ..= 86_400_000;
    /// Without transactions, a block is made this long after the last, in milliseconds: how old
    /// the newest header of an idle chain may be.
    heartbeat_ms HEARTBEAT Heartbeat: "ms", 10_000, 1_000 ..= 600_000;
    /// How long round 0 waits for a proposal, in milliseconds (arXiv 1807.04938, timeoutPropose).
    timeout_propose_ms TIMEOUT_PROPOSE TimeoutPropose: "ms", 1_000, 10 ..= 60_000;
    /// How long round 0 waits after two thirds of mixed prevotes, in milliseconds
    /// (timeoutPrevote).
    timeout_prevote_ms TIMEOUT_PREVOTE TimeoutPrevote: "ms", 500, 10 ..= 60_000;
    /// How long round 0 waits after two thirds of mixed precommits, in milliseconds
    /// (timeoutPrecommit).
    timeout_precommit_ms TIMEOUT_PRECOMMIT TimeoutPrecommit: "ms", 500, 10 ..= 60_000;
    /// How much longer each round waits than the one before, in milliseconds.
    timeout_increment_ms TIMEOUT_INCREMENT TimeoutIncrement: "ms", 500, 10 ..= 60_000;
    /// No round waits longer, in milliseconds.
    timeout_max_ms TIMEOUT_MAX TimeoutMax: "ms", 60_000, 1_000 ..= 60_000;
    /// Evidence about a height this many blocks back is no longer taken, in blocks.
    evidence_age_max_blocks EVIDENCE_AGE EvidenceAge: "blocks", 100_000, 1 ..= 10_000_000;
    /// A proposal is untimely whose time is further ahead of the voter's clock, in milliseconds.
    clock_ahead_max_ms CLOCK_AHEAD ClockAhead: "ms", 2_000, 100 ..= 60_000;
    /// A proposal is untimely whose time is further behind the voter's clock, in milliseconds.
    clock_behind_max_ms CLOCK_BEHIND ClockBehind: "ms", 10_000, 1_000 ..= 600_000;
}

/// The most bytes of a block beside its transactions' own.
const BLOCK_OVERHEAD_BYTES_MAX: usize = 64
    + Header::LIMIT_BYTES
    + CommitCertificate::LIMIT_BYTES
    + BLOCK_EVIDENCE_MAX * Evidence::LIMIT_BYTES;

// A transaction that is admitted must fit into a block, or it would wait for ever.
const _: () = assert!(
    TRANSACTION_BYTES_MAX + BLOCK_OVERHEAD_BYTES_MAX <= Parameters::BLOCK_BYTES.least as usize,
);

impl Parameters {
    /// Checks every bound.
    ///
    /// # Errors
    /// One [`ParameterError`] for each parameter, and one for timeouts above their maximum.
    pub fn check(&self) -> Result<(), ParameterError> {
        self.check_bounds()?;
        let first_ms =
            self.timeout_propose_ms.max(self.timeout_prevote_ms).max(self.timeout_precommit_ms);
        if first_ms > self.timeout_max_ms {
            let timeout_max_ms = self.timeout_max_ms;
            return Err(ParameterError::TimeoutAboveMax { timeout_max_ms, first_ms });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_valid() {
        assert_eq!(Parameters::default().check(), Ok(()));
    }

    #[test]
    fn each_parameter_has_bounds_and_an_error_of_its_own() {
        let json = serde_json::to_value(Parameters::default()).expect("serializes");
        let mut errors = std::collections::BTreeSet::new();
        for (name, bounds) in Parameters::ALL {
            for outside in [bounds.least - 1, bounds.most + 1] {
                let mut changed = json.clone();
                changed[name] = outside.to_string().into();
                let parameters: Parameters = serde_json::from_value(changed).expect("reads");
                let text = parameters.check().expect_err(name).to_string();
                assert!(text.starts_with(&format!("parameter {name} is {outside} ")), "{text}");
                errors.insert(text.split(' ').nth(1).map(str::to_owned));
            }
            for inside in [bounds.least, bounds.most] {
                let mut changed = json.clone();
                changed[name] = inside.to_string().into();
                let parameters: Parameters = serde_json::from_value(changed).expect("reads");
                let verdict = parameters.check();
                assert!(
                    !matches!(&verdict, Err(error) if error.to_string().contains(&format!("{name} is {inside} {}; choose", bounds.unit))),
                    "{verdict:?}"
                );
            }
        }
        assert_eq!(errors.len(), Parameters::ALL.len());
    }

    #[test]
    fn first_timeouts_are_not_above_the_maximum() {
        let parameters = Parameters {
            timeout_prevote_ms: 2_001,
            timeout_max_ms: 2_000,
            ..Parameters::default()
        };
        assert_eq!(
            parameters.check(),
            Err(ParameterError::TimeoutAboveMax { timeout_max_ms: 2_000, first_ms: 2_001 })
        );
    }
}

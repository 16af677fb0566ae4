//! A network of its own for each node, which can be cut: Linux network namespaces on one bridge.
//!
//! ```text
//!  host 10.77.K.254 ── bridge vs-ID ─┬─ vs-ID-1 ═ eth0 10.77.K.1 in namespace vs-ID-1: node 1
//!                                    ├─ vs-ID-2 ═ eth0 10.77.K.2 in namespace vs-ID-2: node 2
//!                                    └─ …
//! ```
//!
//! The cut 1>2 is a routing rule in 2's namespace, "from 10.77.K.1 blackhole", before the rule
//! that delivers to local addresses: what 1 sends vanishes, without an answer, also on
//! connections that stand. Only iproute2 is needed. The host reaches every node whatever is cut.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use crate::cut::Cut;
use crate::error::TestnetError;
use crate::program;
use crate::state::{State, Subnet};

/// The host's last part of the address.
const HOST: u8 = 254;
/// The preference of the rules that cut: before the delivery to local addresses.
const CUT_PREFERENCE: &str = "10";
/// The preference to which the delivery to local addresses is moved from 0.
const LOCAL_PREFERENCE: &str = "100";

/// A testnet's namespaces, there or not.
#[derive(Clone, Debug)]
pub struct Namespaces {
    id: String,
    third: u8,
}

/// The process's own entry belongs to its effective user.
fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// Runs `ip`.
fn ip(arguments: &[&str]) -> Result<String, TestnetError> {
    program::run(Command::new("ip").args(arguments))
}

impl Namespaces {
    /// The namespaces of a testnet that has them.
    #[must_use]
    pub fn of(state: &State) -> Option<Self> {
        state.subnet.map(|Subnet { third }| Self { id: state.id.clone(), third })
    }

    /// A network that no interface of this machine has.
    ///
    /// # Errors
    /// [`TestnetError::NotRoot`], [`TestnetError::NoSubnet`], and those of `ip`.
    pub fn free_subnet() -> Result<Subnet, TestnetError> {
        if !is_root() {
            return Err(TestnetError::NotRoot);
        }
        let taken = ip(&["-oneline", "-4", "address"])?;
        let is_free = |third: &u8| !taken.contains(&format!(" 10.77.{third}."));
        (0..=u8::MAX).find(is_free).map(|third| Subnet { third }).ok_or(TestnetError::NoSubnet)
    }

    /// Can this system make namespaces, and this process? Makes one and removes it.
    ///
    /// # Errors
    /// [`TestnetError::NotRoot`], and those of `ip`.
    pub fn available() -> Result<(), TestnetError> {
        if !is_root() {
            return Err(TestnetError::NotRoot);
        }
        let name = format!("vs-probe-{}", std::process::id());
        ip(&["netns", "add", &name])?;
        Self::remove_namespace(&name)
    }

    /// Where a node's listeners are.
    #[must_use]
    pub fn address(&self, node: u8) -> IpAddr {
        Ipv4Addr::new(10, 77, self.third, node).into()
    }

    /// The name of the bridge.
    fn bridge(&self) -> String {
        format!("vs-{}", self.id)
    }

    /// The name of a node's namespace, and of its interface on the host.
    #[must_use]
    pub fn name(&self, node: u8) -> String {
        format!("vs-{}-{node}", self.id)
    }

    /// A command in a node's namespace.
    #[must_use]
    pub fn command(&self, node: u8, program: &Path) -> Command {
        let mut command = Command::new("ip");
        program::without_settings(&mut command);
        command.args(["netns", "exec", &self.name(node)]).arg(program);
        command
    }

    /// Makes what is missing for these nodes; true if no namespace was there, and so no cut.
    ///
    /// # Errors
    /// [`TestnetError::NotRoot`], and those of `ip`.
    pub fn create(&self, nodes: &[u8]) -> Result<bool, TestnetError> {
        if !is_root() {
            return Err(TestnetError::NotRoot);
        }
        let bridge = self.bridge();
        if ip(&["link", "show", &bridge]).is_err() {
            ip(&["link", "add", &bridge, "type", "bridge"])?;
            ip(&["address", "add", &format!("{}/24", self.address(HOST)), "dev", &bridge])?;
            ip(&["link", "set", &bridge, "up"])?;
        }
        let there = self.existing()?;
        for node in nodes {
            if !there.contains(&self.name(*node)) {
                self.make(*node).inspect_err(|_| {
                    // Half of one would be taken for whole the next time.
                    let _ = Self::remove_namespace(&self.name(*node));
                })?;
            }
            ip(&["link", "set", &self.name(*node), "master", &bridge, "up"])?;
        }
        Ok(there.is_empty())
    }

    fn make(&self, node: u8) -> Result<(), TestnetError> {
        let name = self.name(node);
        ip(&["netns", "add", &name])?;
        ip(&["link", "add", &name, "type", "veth", "peer", "name", "eth0", "netns", &name])?;
        let inside = |arguments: &[&str]| ip(&[&["-netns", name.as_str()], arguments].concat());
        inside(&["address", "add", &format!("{}/24", self.address(node)), "dev", "eth0"])?;
        inside(&["link", "set", "eth0", "up"])?;
        inside(&["link", "set", "lo", "up"])?;
        inside(&["rule", "add", "preference", LOCAL_PREFERENCE, "lookup", "local"])?;
        inside(&["rule", "delete", "preference", "0"])?;
        Ok(())
    }

    /// The names of this testnet's namespaces that are there.
    fn existing(&self) -> Result<BTreeSet<String>, TestnetError> {
        let prefix = format!("{}-", self.bridge());
        let listed = ip(&["netns", "list"])?;
        let names = listed.lines().filter_map(|line| line.split_whitespace().next());
        Ok(names.filter(|name| name.starts_with(&prefix)).map(str::to_owned).collect())
    }

    /// Cuts and joins, until exactly these cuts are made.
    ///
    /// # Errors
    /// Those of `ip`.
    pub fn cut(&self, before: &BTreeSet<Cut>, after: &BTreeSet<Cut>) -> Result<(), TestnetError> {
        before.difference(after).try_for_each(|cut| self.rule("delete", *cut))?;
        after.difference(before).try_for_each(|cut| self.rule("add", *cut))
    }

    fn rule(&self, act: &str, cut: Cut) -> Result<(), TestnetError> {
        let (name, from) = (self.name(cut.to), self.address(cut.from).to_string());
        let rule = ["preference", CUT_PREFERENCE, "from", &from, "blackhole"];
        ip(&[&["-netns", name.as_str(), "rule", act], rule.as_slice()].concat())?;
        Ok(())
    }

    /// Removes everything, also what a crash left behind.
    ///
    /// # Errors
    /// Those of `ip`.
    pub fn remove(&self) -> Result<(), TestnetError> {
        for name in self.existing()? {
            Self::remove_namespace(&name)?;
        }
        let bridge = self.bridge();
        if ip(&["link", "show", &bridge]).is_ok() {
            ip(&["link", "delete", &bridge])?;
        }
        Ok(())
    }

    fn remove_namespace(name: &str) -> Result<(), TestnetError> {
        // It would go with the namespace, but only once that one's last process has.
        let _ = ip(&["link", "delete", name]);
        ip(&["netns", "delete", name])?;
        Ok(())
    }
}

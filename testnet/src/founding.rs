//! A new testnet: keys, member files and the genesis document, as a consortium makes them.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use vouchsafe_client::timestamp::now_ms;
use vouchsafe_genesis::{
    Genesis, Member, Observer, Organization, Parameters, Role as SignerRole, Signer,
    ValidatorEntry, parse_address,
};
use vouchsafe_keys::{Protection, SecretKey, peer_id, public_key_path, read_public_key};
use vouchsafe_types::identity::{OrganizationId, PublicKey};

use crate::configuration;
use crate::error::{NODES_MAX, TestnetError, storage};
use crate::layout::Layout;
use crate::namespace::Namespaces;
use crate::port::PortChooser;
use crate::program;
use crate::state::{Addresses, NodeState, Role, STATE_VERSION, State};

/// The first organizations' names; later ones have a number.
const NAMES: [&str; 8] = ["acme", "bolt", "cobalt", "delta", "ember", "fjord", "garnet", "harbor"];
/// The ports in namespaces, where nobody else listens: those of `config.toml`.
const NAMESPACE_PORTS: [u16; 3] = [26_657, 26_660, 26_656];
/// The mode of folders that hold keys.
const FOLDER_MODE: u32 = 0o700;

/// What a new testnet is made of.
#[derive(Clone, Debug)]
pub struct Founding {
    /// How many nodes vote.
    pub validators: u8,
    /// How many follow.
    pub observers: u8,
    /// How many organizations run them; one for each validator unless told.
    pub organizations: Option<u8>,
    /// Keys that sign, each for an organization; for the first one unless told.
    pub signers: Vec<(PublicKey, Option<String>)>,
    /// Parameters other than their defaults, as `name=value`.
    pub parameters: Vec<String>,
    /// The validators' powers; 1 each unless told.
    pub powers: Vec<u64>,
    /// A network namespace for each node.
    pub namespaces: bool,
}

impl Default for Founding {
    fn default() -> Self {
        Self {
            validators: 4,
            observers: 0,
            organizations: None,
            signers: Vec::new(),
            parameters: Vec::new(),
            powers: Vec::new(),
            namespaces: false,
        }
    }
}

/// A node's public keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NodeKeys {
    pub(crate) consensus: PublicKey,
    pub(crate) node: PublicKey,
}

impl NodeKeys {
    /// Makes a node's home with `vouchsafed init`, and reads the public keys that are there then.
    pub(crate) fn make(vouchsafed: &Path, home: &Path) -> Result<Self, TestnetError> {
        let mut init = program::command(vouchsafed);
        program::run(init.args(["init", "--unencrypted-keys", "--home"]).arg(home))?;
        let read = |name: &str| {
            read_public_key(&public_key_path(&home.join("keys").join(name))).map(|(key, _)| key)
        };
        Ok(Self { consensus: read("consensus")?, node: read("node")? })
    }
}

impl Founding {
    fn check(&self) -> Result<(), TestnetError> {
        let (validators, observers) = (self.validators, self.observers);
        let nodes = validators.checked_add(observers).filter(|nodes| *nodes <= NODES_MAX);
        let count = TestnetError::NodeCount { validators, observers };
        let nodes = nodes.filter(|_| validators > 0).ok_or(count)?;
        if let Some(asked) = self.organizations
            && !(1..=nodes).contains(&asked)
        {
            return Err(TestnetError::OrganizationCount { asked, nodes });
        }
        if !self.powers.is_empty() && self.powers.len() != usize::from(validators) {
            return Err(TestnetError::PowerCount { powers: self.powers.len(), validators });
        }
        Ok(())
    }

    /// The organizations' ids.
    fn organization_ids(&self) -> Vec<String> {
        let count = usize::from(self.organizations.unwrap_or(self.validators));
        let numbered = |index: usize| format!("organization-{}", index + 1);
        (0..count)
            .map(|index| NAMES.get(index).map_or_else(|| numbered(index), |name| (*name).into()))
            .collect()
    }

    /// Makes the testnet, all but its processes.
    ///
    /// # Errors
    /// What is asked for wrongly, or cannot be made.
    pub fn found(&self, layout: &Layout, vouchsafed: &Path) -> Result<State, TestnetError> {
        self.check()?;
        let parameters = changed(&Parameters::default(), &self.parameters)?;
        let organizations = self.organization_ids();
        let signers = self.signers_of(&organizations)?;
        let subnet = self.namespaces.then(Namespaces::free_subnet).transpose()?;
        make_folders(layout)?;
        let mut state = State {
            version: STATE_VERSION,
            id: random_id()?,
            chain_id: String::new(),
            organizations,
            nodes: Vec::new(),
            subnet,
            cuts: BTreeSet::new(),
        };
        let count = self.validators + self.observers;
        let addresses = choose_addresses(&state, count)?;
        let mut keys = Vec::new();
        for (number, addresses) in (1..=count).zip(addresses) {
            let made = NodeKeys::make(vouchsafed, &layout.node(number))?;
            let role = if number <= self.validators { Role::Validator } else { Role::Observer };
            state.nodes.push(NodeState {
                number,
                organization: state.organizations
                    [usize::from(number - 1) % state.organizations.len()]
                .clone(),
                role,
                validator: (role == Role::Validator).then(|| made.consensus.address().to_string()),
                peer_id: peer_id(&made.node)?.to_base58(),
                addresses,
                program: None,
            });
            keys.push(made);
        }
        let genesis = self.assemble(layout, &state, &keys, &signers, parameters)?;
        state.chain_id = genesis.chain_id().to_string();
        write(&layout.genesis(), &genesis.to_pretty_json())?;
        for node in &state.nodes {
            write(&layout.node(node.number).join("genesis.json"), &genesis.to_pretty_json())?;
            configuration::write(layout, &state, node)?;
        }
        state.write(layout)?;
        Ok(state)
    }

    /// Does a chain have these parameters, wherever they are named?
    ///
    /// # Errors
    /// [`TestnetError::Parameter`].
    pub fn has_parameters_of(&self, genesis: &Genesis) -> Result<bool, TestnetError> {
        Ok(changed(genesis.parameters(), &self.parameters)? == *genesis.parameters())
    }

    /// Each signer with its organization's id.
    fn signers_of(
        &self,
        organizations: &[String],
    ) -> Result<Vec<(PublicKey, String)>, TestnetError> {
        let of = |(key, organization): &(PublicKey, Option<String>)| {
            let id = organization.as_ref().unwrap_or(&organizations[0]);
            if organizations.contains(id) {
                return Ok((*key, id.clone()));
            }
            let there = organizations.to_vec();
            Err(TestnetError::NoOrganization { asked: id.clone(), there })
        };
        self.signers.iter().map(of).collect()
    }

    /// Writes each organization's member file, and assembles them.
    fn assemble(
        &self,
        layout: &Layout,
        state: &State,
        keys: &[NodeKeys],
        signers: &[(PublicKey, String)],
        parameters: Parameters,
    ) -> Result<Genesis, TestnetError> {
        let mut members = Vec::new();
        for id in &state.organizations {
            let (mut validators, mut observers) = (Vec::new(), Vec::new());
            for (node, keys) in state.nodes.iter().zip(keys) {
                let organization = organization_id(id);
                let peer_id = peer_id(&keys.node)?;
                match node.role {
                    _ if node.organization != *id => {}
                    Role::Validator => validators.push(ValidatorEntry {
                        organization,
                        consensus_key: keys.consensus,
                        peer_id,
                        power: self.powers.get(validator_index(node)).copied().unwrap_or(1),
                        addresses: vec![
                            parse_address(&configuration::multiaddr(node.addresses.p2p))
                                .expect("an IP address and a port are a multiaddr"),
                        ],
                    }),
                    Role::Observer | Role::Guest => {
                        observers.push(Observer { organization, peer_id });
                    }
                }
            }
            let organization = organization(layout, id, signers)?;
            let member = Member::new(organization, validators, observers)?;
            write(&layout.member(id), &member.to_pretty_json())?;
            members.push(member);
        }
        let name = format!("testnet-{}", state.id);
        Ok(Genesis::assemble(&name, now_ms(), parameters, members)?)
    }
}

fn validator_index(node: &NodeState) -> usize {
    usize::from(node.number - 1)
}

fn organization_id(id: &str) -> OrganizationId {
    OrganizationId::new(id).expect("the names of testnets' organizations keep to the alphabet")
}

/// An organization that a new admin key governs, and for which that key and the given ones sign.
fn organization(
    layout: &Layout,
    id: &str,
    signers: &[(PublicKey, String)],
) -> Result<Organization, TestnetError> {
    let key = SecretKey::generate()?;
    let comment = format!("admin of {id} on a testnet");
    key.write(&layout.admin_key(id), Protection::Unencrypted, &comment)?;
    let admin = key.public_key();
    let signer = |public_key, role| Signer { public_key, role, not_after_ms: None };
    let given = signers.iter().filter(|(_, of)| of == id);
    let given = given.map(|(key, _)| signer(*key, SignerRole::Signer));
    Ok(Organization {
        id: organization_id(id),
        name: id.to_owned(),
        admin_keys: vec![admin],
        admin_threshold: 1,
        signers: std::iter::once(signer(admin, SignerRole::Admin)).chain(given).collect(),
    })
}

/// Reads `name=value` pairs over some parameters.
fn changed(parameters: &Parameters, pairs: &[String]) -> Result<Parameters, TestnetError> {
    let mut table = serde_json::to_value(parameters).expect("parameters are plain data");
    for pair in pairs {
        let wrong = || TestnetError::Parameter { pair: pair.clone() };
        let (name, value) = pair.split_once('=').ok_or_else(wrong)?;
        *table.get_mut(name).ok_or_else(wrong)? = value.into();
        serde_json::from_value::<Parameters>(table.clone()).map_err(|_| wrong())?;
    }
    Ok(serde_json::from_value(table).expect("every pair was read"))
}

/// Where nodes will listen: on loopback, or each in its namespace.
fn choose_addresses(state: &State, count: u8) -> Result<Vec<Addresses>, TestnetError> {
    if let Some(namespaces) = Namespaces::of(state) {
        let [grpc, http, p2p] = NAMESPACE_PORTS;
        let at = |node, port| SocketAddr::new(namespaces.address(node), port);
        let of =
            |node| Addresses { grpc: at(node, grpc), http: at(node, http), p2p: at(node, p2p) };
        return Ok((1..=count).map(of).collect());
    }
    let mut chooser = PortChooser::new(IpAddr::V4(Ipv4Addr::LOCALHOST), []);
    (0..count).map(|_| choose(&mut chooser)).collect()
}

/// A node's three free ports.
pub(crate) fn choose(chooser: &mut PortChooser) -> Result<Addresses, TestnetError> {
    Ok(Addresses { grpc: chooser.choose()?, http: chooser.choose()?, p2p: chooser.choose()? })
}

fn make_folders(layout: &Layout) -> Result<(), TestnetError> {
    for path in [layout.home().to_owned(), layout.keys(), layout.members()] {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(FOLDER_MODE).create(&path).map_err(storage("make", &path))?;
    }
    Ok(())
}

fn write(path: &PathBuf, text: &str) -> Result<(), TestnetError> {
    std::fs::write(path, text).map_err(storage("write", path))
}

fn random_id() -> Result<String, TestnetError> {
    let mut bytes = [0; 3];
    getrandom::fill(&mut bytes).map_err(TestnetError::Randomness)?;
    Ok(hex::encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(founding: &Founding) -> TestnetError {
        founding.check().expect_err("refused")
    }

    #[test]
    fn a_testnet_has_1_to_64_nodes_one_of_which_votes() {
        for (validators, observers) in [(0, 1), (0, 0), (65, 0), (4, 61), (255, 255)] {
            let founding = Founding { validators, observers, ..Founding::default() };
            assert!(matches!(refused(&founding), TestnetError::NodeCount { .. }));
        }
        let most = Founding { validators: 60, observers: 4, ..Founding::default() };
        most.check().expect("64 nodes");
    }

    #[test]
    fn each_organization_runs_a_node_and_each_validator_has_its_power() {
        for asked in [0, 5] {
            let founding = Founding { organizations: Some(asked), ..Founding::default() };
            assert!(matches!(refused(&founding), TestnetError::OrganizationCount { .. }));
        }
        let founding = Founding { powers: vec![1, 2], ..Founding::default() };
        assert!(matches!(refused(&founding), TestnetError::PowerCount { .. }));
    }

    #[test]
    fn signers_are_of_an_organization_that_is_there() {
        let key = SecretKey::from_seed(&[1; 32]).public_key();
        let founding = |of: Option<&str>| Founding {
            signers: vec![(key, of.map(str::to_owned))],
            ..Founding::default()
        };
        let ids = Founding::default().organization_ids();
        assert_eq!(ids, ["acme", "bolt", "cobalt", "delta"]);
        let given = founding(None).signers_of(&ids).expect("the first");
        assert_eq!(given, [(key, "acme".to_owned())]);
        let error = founding(Some("nobody")).signers_of(&ids).expect_err("absent");
        assert!(matches!(error, TestnetError::NoOrganization { .. }), "{error}");
        assert!(error.to_string().contains("bolt"), "{error}");
    }

    #[test]
    fn parameters_are_known_and_numbers() {
        let read = |pair: &str| changed(&Parameters::default(), &[pair.to_owned()]);
        assert_eq!(read("heartbeat_ms=2000").expect("valid").heartbeat_ms, 2_000);
        for wrong in ["heartbeat_ms", "colour=1", "heartbeat_ms=soon", "=", "heartbeat_ms=-1"] {
            let error = read(wrong).expect_err("refused");
            assert!(matches!(error, TestnetError::Parameter { .. }), "{error}");
        }
    }
}

//! `vouchsafed genesis member` and `new`: how organizations found a chain together. Only public
//! halves of keys are read here.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use vouchsafe_genesis::{
    DOCUMENT_BYTES_MAX, Genesis, Member, Observer, Organization, Parameters, Role, Signer,
    ValidatorEntry, parse_address,
};
use vouchsafe_keys::{peer_id, read_public_key};
use vouchsafe_types::identity::{OrganizationId, PublicKey};

use crate::cli::{MemberArguments, NewArguments};
use crate::clock::now_ms;
use crate::home::{Home, PUBLIC_MODE, read_bounded, write_new};
use crate::key_ring::PublicKeys;

/// What marks a signer as an admin on the command line.
const ADMIN_SUFFIX: &str = ":admin";

/// Writes this organization's member file.
///
/// # Errors
/// The key, address or rule that is wrong.
pub(super) fn member(home: &Home, arguments: &MemberArguments) -> Result<()> {
    home.check()?;
    let keys = PublicKeys::read(home)?;
    let id = OrganizationId::new(&arguments.organization)?;
    let organization = Organization {
        id: id.clone(),
        name: arguments.name.clone(),
        admin_keys: arguments.admin_key.iter().map(|path| key(path)).collect::<Result<_>>()?,
        admin_threshold: arguments.admin_threshold,
        signers: arguments.signer.iter().map(|text| signer(text)).collect::<Result<_>>()?,
    };
    let node = peer_id(&keys.node)?;
    let member = if arguments.observer {
        Member::new(organization, vec![], vec![Observer { organization: id, peer_id: node }])
    } else {
        let addresses = arguments.address.iter().map(|text| parse_address(text));
        let validator = ValidatorEntry {
            organization: id,
            consensus_key: keys.consensus,
            peer_id: node,
            power: arguments.power,
            addresses: addresses.collect::<Result<_, _>>()?,
        };
        Member::new(organization, vec![validator], vec![])
    };
    write(arguments.out.as_deref(), &member?.to_pretty_json())
}

fn key(path: &Path) -> Result<PublicKey> {
    Ok(read_public_key(path)?.0)
}

fn signer(text: &str) -> Result<Signer> {
    let (path, role) = match text.strip_suffix(ADMIN_SUFFIX) {
        Some(path) => (path, Role::Admin),
        None => (text, Role::Signer),
    };
    Ok(Signer { public_key: key(Path::new(path))?, role, not_after_ms: None })
}

/// Writes a genesis document of all members' files, and says its hash.
///
/// # Errors
/// The file, parameter or rule that is wrong.
pub(super) fn new(arguments: &NewArguments) -> Result<()> {
    let members = arguments.members.iter().map(|path| read_member(path)).collect::<Result<_>>()?;
    let parameters = parameters(&arguments.parameter)?;
    let time_ms = arguments.time_ms.unwrap_or_else(now_ms);
    let genesis = Genesis::assemble(&arguments.chain_name, time_ms, parameters, members)?;
    write(arguments.out.as_deref(), &genesis.to_pretty_json())?;
    eprintln!("Chain id {}: every member compares it out of band", genesis.chain_id());
    Ok(())
}

fn read_member(path: &Path) -> Result<Member> {
    let bytes = read_bounded(path, DOCUMENT_BYTES_MAX)?;
    Member::parse(&bytes).with_context(|| path.display().to_string())
}

/// Reads `name=value` pairs over the defaults.
fn parameters(pairs: &[String]) -> Result<Parameters> {
    let mut table = serde_json::to_value(Parameters::default())?;
    for pair in pairs {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| anyhow!("the parameter {pair:?} is not of the form NAME=VALUE"))?;
        match table.get_mut(name) {
            Some(field) => *field = value.into(),
            None => bail!(
                "there is no parameter {name:?}; choose from {}",
                Parameters::ALL.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
            ),
        }
    }
    serde_json::from_value(table).context("a parameter's value is wrong")
}

fn write(path: Option<&Path>, text: &str) -> Result<()> {
    match path {
        Some(path) => Ok(write_new(path, text.as_bytes(), PUBLIC_MODE)?),
        None => std::io::stdout().write_all(text.as_bytes()).context("cannot write"),
    }
}

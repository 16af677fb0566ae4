//! The genesis of a trial chain: this home's validator, and organizations with their signers.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use vouchsafe_genesis::{Genesis, Member, Organization, Parameters, Role, Signer, ValidatorEntry};
use vouchsafe_keys::{KeyFile, Protection, SecretKey, peer_id, read_public_key};
use vouchsafe_types::hash::Digest;
use vouchsafe_types::identity::{OrganizationId, PublicKey};
use vouchsafe_types::openssh::fingerprint;

use crate::clock::now_ms;
use crate::home::{Home, PUBLIC_MODE, write_new};
use crate::key_ring::PublicKeys;

/// The organization of a chain for which none is named.
const DEFAULT_ORGANIZATION: &str = "dev";

/// A key from the command line, with the organization it signs for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct SignerOption {
    key: PublicKey,
    organization: OrganizationId,
}

impl SignerOption {
    /// Reads `FILE.pub` or `FILE.pub=ORGANIZATION`.
    ///
    /// # Errors
    /// The key or the id that is wrong.
    pub(super) fn parse_all(signers: &[String], organizations: &[String]) -> Result<Vec<Self>> {
        let first = organizations.first().map_or(DEFAULT_ORGANIZATION, String::as_str);
        let one = |text: &String| {
            let (path, organization) = text.rsplit_once('=').unwrap_or((text, first));
            let organization = OrganizationId::new(organization)?;
            let key = read_public_key(Path::new(path))?.0;
            Ok(Self { key, organization })
        };
        signers.iter().map(one).collect()
    }
}

/// Where an organization's generated admin key lies.
pub(super) fn admin_key(home: &Home, organization: &OrganizationId) -> PathBuf {
    home.keys().join(format!("admin-{organization}"))
}

/// Makes and writes the genesis document.
///
/// # Errors
/// What could not be made or written.
pub(super) fn found(
    home: &Home,
    keys: PublicKeys,
    signers: &[SignerOption],
    organizations: &[String],
) -> Result<Genesis> {
    let ids = organization_ids(signers, organizations)?;
    let mut members = Vec::new();
    for id in &ids {
        let organization = organization(home, id, signers)?;
        let validator = ValidatorEntry {
            organization: id.clone(),
            consensus_key: keys.consensus,
            peer_id: peer_id(&keys.node)?,
            power: 1,
            addresses: vec![],
        };
        let validators = if members.is_empty() { vec![validator] } else { vec![] };
        members.push(Member::new(organization, validators, vec![])?);
    }
    let mut random = Digest::ZERO;
    getrandom::fill(&mut random.0[..4]).context("the system gives no random bytes")?;
    let name = format!("dev-{}", &random.to_string()[..8]);
    let genesis = Genesis::assemble(&name, now_ms(), Parameters::default(), members)?;
    write_new(&home.genesis(), genesis.to_pretty_json().as_bytes(), PUBLIC_MODE)?;
    Ok(genesis)
}

/// Those named, or the default one; and those that signers name. The first runs the validator.
fn organization_ids(
    signers: &[SignerOption],
    organizations: &[String],
) -> Result<Vec<OrganizationId>> {
    let mut ids = Vec::new();
    for text in organizations {
        ids.push(OrganizationId::new(text)?);
    }
    for signer in signers {
        if !ids.contains(&signer.organization) {
            ids.push(signer.organization.clone());
        }
    }
    if ids.is_empty() {
        ids.push(OrganizationId::new(DEFAULT_ORGANIZATION)?);
    }
    Ok(ids)
}

/// An organization that its generated key governs, and for which that key and the given ones sign.
fn organization(
    home: &Home,
    id: &OrganizationId,
    signers: &[SignerOption],
) -> Result<Organization> {
    let path = admin_key(home, id);
    let admin = if path.exists() {
        // Its public half beside it is missing if the first start ended before that was written.
        KeyFile::read(&path)?.public_key()
    } else {
        let key = SecretKey::generate()?;
        key.write(&path, Protection::Unencrypted, &format!("admin of {id} on a trial chain"))?;
        key.public_key()
    };
    let signer = |public_key, role| Signer { public_key, role, not_after_ms: None };
    let given = signers.iter().filter(|signer| signer.organization == *id);
    let signers = std::iter::once(signer(admin, Role::Admin))
        .chain(given.map(|given| signer(given.key, Role::Signer)))
        .collect();
    Ok(Organization {
        id: id.clone(),
        name: id.to_string(),
        admin_keys: vec![admin],
        admin_threshold: 1,
        signers,
    })
}

/// A chain that exists cannot get other signers or organizations.
///
/// # Errors
/// The one that it lacks.
pub(super) fn check_unchanged(
    genesis: &Genesis,
    signers: &[SignerOption],
    organizations: &[String],
) -> Result<()> {
    for id in organizations {
        if genesis.organization(&OrganizationId::new(id)?).is_none() {
            bail!(
                "the chain {} on this home was made without the organization {id}; use another \
                 --home for a chain with it",
                genesis.chain_name()
            );
        }
    }
    for SignerOption { key, organization } in signers {
        let known = genesis.signer(key).is_some_and(|(of, _)| of.id == *organization);
        if !known {
            bail!(
                "the chain {} on this home was made without the signer {} of {organization}; use \
                 another --home for a chain with it",
                genesis.chain_name(),
                fingerprint(key)
            );
        }
    }
    Ok(())
}

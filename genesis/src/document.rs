//! The JSON documents as they are written.

use serde::{Deserialize, Serialize};

use crate::decimal;
use crate::parameters::Parameters;

/// The version of both documents.
pub const DOCUMENT_VERSION: u64 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GenesisDocument {
    pub(crate) version: u64,
    pub(crate) chain_name: String,
    #[serde(with = "decimal")]
    pub(crate) genesis_time_ms: u64,
    pub(crate) parameters: Parameters,
    pub(crate) organizations: Vec<OrganizationDocument>,
    pub(crate) validators: Vec<ValidatorDocument>,
    pub(crate) observers: Vec<ObserverDocument>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberDocument {
    pub(crate) version: u64,
    pub(crate) organization: OrganizationDocument,
    pub(crate) validators: Vec<ValidatorDocument>,
    pub(crate) observers: Vec<ObserverDocument>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganizationDocument {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) admin_keys: Vec<String>,
    pub(crate) admin_threshold: u32,
    pub(crate) signers: Vec<SignerDocument>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignerDocument {
    pub(crate) public_key: String,
    pub(crate) role: RoleDocument,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "decimal::optional")]
    pub(crate) not_after_ms: Option<u64>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RoleDocument {
    Signer,
    Admin,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValidatorDocument {
    pub(crate) organization: String,
    pub(crate) consensus_key: String,
    pub(crate) peer_id: String,
    #[serde(with = "decimal")]
    pub(crate) power: u64,
    pub(crate) addresses: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ObserverDocument {
    pub(crate) organization: String,
    pub(crate) peer_id: String,
}

//! The gRPC API's messages, client and server, generated from `vouchsafe/v1/vouchsafe.proto`.
#![allow(missing_docs, clippy::too_many_lines, reason = "generated from the documented .proto")]

/// Version 1 of the API.
pub mod v1 {
    tonic::include_proto!("vouchsafe.v1");

    /// The descriptor set, for gRPC reflection.
    pub const FILE_DESCRIPTOR_SET: &[u8] =
        include_bytes!(concat!(env!("OUT_DIR"), "/vouchsafe.bin"));

    /// The longest request a node reads, in bytes.
    pub const REQUEST_BYTES_MAX: usize = 2 << 20;
    /// The longest answer a client reads, in bytes: a block and its proof.
    pub const RESPONSE_BYTES_MAX: usize = 20 << 20;
    /// The most names in one status request.
    pub const NAMES_MAX: usize = 1024;
    /// The most entries in a page of a log.
    pub const PAGE_ENTRIES_MAX: u32 = 1000;
    /// The most blocks in a page of evidence.
    pub const EVIDENCE_BLOCKS_MAX: u32 = 100;
    /// The longest wait for a receipt, in milliseconds.
    pub const WAIT_MS_MAX: u32 = 60_000;
    /// The wait when none is given, in milliseconds.
    pub const WAIT_MS_DEFAULT: u32 = 30_000;
}

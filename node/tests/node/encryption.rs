//! The API over TLS: who is served, who is not, and which files are refused.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use vouchsafe_proto::v1::GetNodeInfoRequest;
use vouchsafe_proto::v1::vouchsafe_client::VouchsafeClient;

use crate::certificates::{Authority, Identity, write_private};
use crate::running::{Running, printed, refusal, vouchsafed};

/// What a client trusts and shows.
struct Client<'a> {
    authority: &'a Authority,
    identity: Option<&'a Identity>,
}

impl Client<'_> {
    /// Asks a node for its height.
    async fn height(&self, url: &str) -> Result<u64, String> {
        let mut tls =
            ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&self.authority.pem));
        if let Some(Identity { certificate, key }) = self.identity {
            tls = tls.identity(tonic::transport::Identity::from_pem(certificate, key));
        }
        let endpoint = Endpoint::from_shared(url.to_owned()).expect("a URL");
        let endpoint = endpoint.tls_config(tls).map_err(|error| format!("{error:?}"))?;
        let channel: Channel = endpoint.connect().await.map_err(|error| format!("{error:?}"))?;
        let answer = VouchsafeClient::new(channel).get_node_info(GetNodeInfoRequest {}).await;
        answer.map(|info| info.into_inner().height).map_err(|status| format!("{status:?}"))
    }
}

/// A dev node that serves with an identity, and asks clients for certificates if `client_ca` is
/// given.
fn serve(home: &Path, identity: &Identity, client_ca: Option<&Authority>) -> Running {
    let folder = home.parent().expect("a folder");
    let mut command = vouchsafed();
    command.arg("dev").args(["--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"]);
    command.envs(files(folder, identity));
    if let Some(authority) = client_ca {
        let path = write_private(folder, "client-ca.pem", &authority.pem);
        command.env("VOUCHSAFED_GRPC_TLS_CLIENT_CA", path);
    }
    Running::start(command, home)
}

/// Writes an identity, and names it as the node's variables.
fn files(folder: &Path, identity: &Identity) -> [(&'static str, std::path::PathBuf); 2] {
    [
        (
            "VOUCHSAFED_GRPC_TLS_CERTIFICATE",
            write_private(folder, "certificate.pem", &identity.certificate),
        ),
        ("VOUCHSAFED_GRPC_TLS_KEY", write_private(folder, "key.pem", &identity.key)),
    ]
}

fn status(home: &Path) -> Command {
    let mut command = vouchsafed();
    command.arg("status").arg("--home").arg(home);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_is_served_over_tls_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new("consortium");
    let node = serve(&folder.path().join("home"), &authority.certify("127.0.0.1"), None);
    assert!(node.grpc.starts_with("https://"), "{}", node.grpc);
    let client = Client { authority: &authority, identity: None };
    assert!(client.height(&node.grpc).await.expect("an answer") > 0);

    let other = Authority::new("other");
    let stranger = Client { authority: &other, identity: None };
    let error = stranger.height(&node.grpc).await.expect_err("another authority");
    assert!(error.contains("UnknownIssuer"), "{error}");
    let plain = Endpoint::from_shared(node.grpc.replace("https", "http")).expect("a URL");
    let answer = match plain.connect().await {
        Ok(channel) => VouchsafeClient::new(channel).get_node_info(GetNodeInfoRequest {}).await,
        Err(error) => Err(tonic::Status::unavailable(error.to_string())),
    };
    assert!(answer.is_err(), "plain text is not answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_client_authority_only_its_clients_are_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let (servers, clients) = (Authority::new("servers"), Authority::new("clients"));
    let home = folder.path().join("home");
    let node = serve(&home, &servers.certify("127.0.0.1"), Some(&clients));
    let known = clients.certify("build.acme.example");
    let unknown = servers.certify("build.acme.example");
    for (identity, served) in [(Some(&known), true), (Some(&unknown), false), (None, false)] {
        let client = Client { authority: &servers, identity };
        assert_eq!(client.height(&node.grpc).await.is_ok(), served);
    }
    // The configuration came from the environment.
    let own = || {
        let mut command = status(&home);
        for (name, file) in
            [("CERTIFICATE", "certificate"), ("KEY", "key"), ("CLIENT_CA", "client-ca")]
        {
            let path = folder.path().join(format!("{file}.pem"));
            command.env(format!("VOUCHSAFED_GRPC_TLS_{name}"), path);
        }
        command
    };
    let text = refusal(&mut own());
    assert!(text.contains("--tls-certificate"), "{text}");
    let certificate = write_private(folder.path(), "client.pem", &known.certificate);
    let key = write_private(folder.path(), "client-key.pem", &known.key);
    let mut shown = own();
    shown.arg("--tls-certificate").arg(certificate).arg("--tls-key").arg(key);
    assert!(printed(&mut shown).contains("Height"));
}

#[test]
fn status_knows_its_own_node_by_its_certificate() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("home");
    let authority = Authority::new("consortium");
    // The certificate is not for the address that is asked.
    let identity = authority.certify("node.acme.example");
    let node = serve(&home, &identity, None);
    let own = |identity: &Identity| {
        let mut command = status(&home);
        command.envs(files(folder.path(), identity));
        command
    };
    let text = printed(&mut own(&identity));
    assert!(text.contains(&node.grpc), "{text}");
    let renewed = authority.certify("node.acme.example");
    let text = refusal(&mut own(&renewed));
    assert!(text.contains("is it that one?"), "{text}");

    let ca = write_private(folder.path(), "ca.pem", &authority.pem);
    let mut named = status(&home);
    named.arg("--tls-ca").arg(&ca).arg("--node").arg(&node.grpc);
    let text = refusal(&mut named);
    assert!(text.contains("not valid for name") || text.contains("NotValidForName"), "{text}");
    let mut plain = status(&home);
    plain.arg("--tls-ca").arg(&ca).args(["--node", "http://127.0.0.1:1"]);
    assert!(refusal(&mut plain).contains("begins with https://"));
}

#[test]
fn a_handshake_that_stops_is_let_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = Authority::new("consortium").certify("127.0.0.1");
    let node = serve(&folder.path().join("home"), &identity, None);
    let address = node.grpc.strip_prefix("https://").expect("TLS");
    let mut stream = TcpStream::connect(address).expect("accepted");
    // The first bytes of a handshake, and no more.
    stream.write_all(&[0x16, 0x03, 0x01]).expect("sent");
    let mut rest = Vec::new();
    // Returns when the node closes the connection, and only then.
    let _ = stream.read_to_end(&mut rest);
    assert!(node.get("/readyz").0 == 200);
}

#[test]
fn wrong_files_for_tls_are_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("home");
    let authority = Authority::new("consortium");
    let (one, two) = (authority.certify("127.0.0.1"), authority.certify("127.0.0.1"));
    let refused = |identity: &Identity, change: &dyn Fn(&mut Command)| {
        let mut command = vouchsafed();
        command.arg("dev").args(["--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"]);
        command.arg("--home").arg(&home).envs(files(folder.path(), identity));
        change(&mut command);
        refusal(&mut command)
    };
    let mixed = Identity { certificate: one.certificate.clone(), key: two.key.clone() };
    let text = refused(&mixed, &|_| {});
    assert!(text.contains("is not that of the first certificate"), "{text}");
    let swapped = Identity { certificate: one.key.clone(), key: one.certificate.clone() };
    let text = refused(&swapped, &|_| {});
    assert!(text.contains("grpc.tls_certificate) holds no certificate in PEM"), "{text}");
    let no_key = Identity { certificate: one.certificate.clone(), key: "secret".to_owned() };
    let text = refused(&no_key, &|_| {});
    assert!(text.contains("grpc.tls_key) holds no private key"), "{text}");
    let damaged = Identity {
        certificate: one.certificate.clone(),
        key: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".to_owned(),
    };
    let text = refused(&damaged, &|_| {});
    assert!(text.contains("private key that cannot be used"), "{text}");

    let open = folder.path().join("key.pem");
    let text = refused(&one, &|_| {
        fs::set_permissions(&open, PermissionsExt::from_mode(0o640)).expect("chmod");
    });
    assert!(text.contains("mode 0640") && text.contains("chmod 600"), "{text}");
    fs::set_permissions(&open, PermissionsExt::from_mode(0o600)).expect("chmod");
    let text = refused(&one, &|command| {
        command.env("VOUCHSAFED_GRPC_TLS_KEY", "/nowhere/key.pem");
    });
    assert!(text.contains("cannot read /nowhere/key.pem (grpc.tls_key)"), "{text}");
    let text = refused(&one, &|command| {
        command.env("VOUCHSAFED_GRPC_TLS_CERTIFICATE", "/dev/zero");
    });
    assert!(text.contains("not a regular file"), "{text}");
    let long = write_private(folder.path(), "long.pem", &"x".repeat((1 << 20) + 1));
    let text = refused(&one, &|command| {
        command.env("VOUCHSAFED_GRPC_TLS_CLIENT_CA", &long);
    });
    assert!(text.contains("grpc.tls_client_ca) has more than"), "{text}");
    let rubbish = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let bad = write_private(folder.path(), "bad.pem", rubbish);
    let text = refused(&one, &|command| {
        command.env("VOUCHSAFED_GRPC_TLS_CLIENT_CA", &bad);
    });
    assert!(text.contains("certificate that cannot be used"), "{text}");
}

//! TLS in front of the genuine node: whom the client believes, and whom the node serves.

use std::os::unix::fs::PermissionsExt as _;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use tonic::transport::{Certificate, Identity, ServerTlsConfig};

use crate::committee::stands;
use crate::harness::{DevNode, Ran, Scene, Vouch, text, wait_for};
use crate::proxy::Proxy;

/// An authority of the test's own.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM.
struct Pair {
    certificate: String,
    key: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("signs"))
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    fn pair(&self, names: &[&str], alter: impl FnOnce(&mut CertificateParams)) -> Pair {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names");
        alter(&mut params);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.0).expect("signs").pem();
        Pair { certificate, key: key.serialize_pem() }
    }

    fn server(&self, names: &[&str]) -> Pair {
        self.pair(names, |_| {})
    }

    fn client(&self) -> Pair {
        let usage = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.pair(&["client.example"], |params| params.extended_key_usages = usage)
    }
}

impl Pair {
    fn server(&self) -> ServerTlsConfig {
        ServerTlsConfig::new().identity(Identity::from_pem(&self.certificate, &self.key))
    }
}

/// A genuine node with a signed file, and files beside it.
struct TlsScene {
    scene: Scene,
    file: String,
}

impl TlsScene {
    fn new() -> Self {
        let scene = Scene::new();
        let file = scene.file("f", b"f");
        Self { scene, file }
    }

    fn write(&self, name: &str, content: &str) -> String {
        self.scene.file(name, content.as_bytes())
    }

    fn proxy(&self, tls: ServerTlsConfig) -> Proxy {
        Proxy::over_tls(self.scene.node.url(), tls)
    }

    fn asking(&self, proxy: &Proxy) -> Vouch {
        self.scene.vouch.asking(proxy.url())
    }

    /// Verifies the file with some options.
    fn verify(&self, proxy: &Proxy, options: &[&str]) -> Ran {
        let arguments = [&["verify", self.file.as_str()], options].concat();
        self.asking(proxy).json(&arguments)
    }
}

#[test]
fn a_node_is_asked_over_tls_by_an_authority_that_is_named() {
    let scene = TlsScene::new();
    let authority = Authority::new("nodes");
    let proxy = scene.proxy(authority.server(&["127.0.0.1", "localhost"]).server());
    let ca = scene.write("ca.pem", &authority.pem());
    let vouch = scene.asking(&proxy);
    let signed = vouch.json(&["sign", &scene.file, "--tls-ca", &ca]).ends(0);
    stands(&signed, proxy.url(), "used");
    vouch.run(&["--tls-ca", &ca, "verify", &scene.file]).ends(0);
    vouch.with("VOUCH_TLS_CA", &ca).run(&["verify", &scene.file]).ends(0);
    // Several authorities in one file are all believed.
    let both = scene
        .write("both.pem", &format!("{}{}", Authority::new("stranger").pem(), authority.pem()));
    scene.verify(&proxy, &["--tls-ca", &both]).ends(0);
    // What the system believes, vouch believes; and a system that believes nobody is named.
    vouch.with("SSL_CERT_FILE", &ca).run(&["verify", &scene.file]).ends(0);
    let none = vouch.with("SSL_CERT_FILE", "/none").with("SSL_CERT_DIR", "/none");
    let named = none.json(&["verify", &scene.file]).ends(2).json();
    assert_eq!(named["error"]["code"], "tls", "{named}");
    let message = named["error"]["message"].as_str().expect("a message");
    assert!(message.contains("ca-certificates"), "{message}");
    none.run(&["verify", &scene.file, "--tls-ca", &ca]).ends(0);
    // The system does not know this authority; nor does another one.
    let stranger = scene.write("stranger.pem", &Authority::new("stranger").pem());
    for options in [vec![], vec!["--tls-ca", &stranger]] {
        let ran = scene.verify(&proxy, &options).ends(21);
        let said = stands(&ran, proxy.url(), "down");
        assert!(said.contains("UnknownIssuer") && said.contains("--tls-ca"), "{said}");
    }
    // What init is told, the settings remember.
    let fresh = Vouch::new(&scene.scene.folder.path().join("fresh"));
    let init = ["init", "-y", "--node", proxy.url(), "--tls-ca", &ca];
    fresh.run(&init).ends(0);
    fresh.run(&["verify", &scene.file]).ends(0);
}

#[test]
fn a_certificate_is_of_the_host_asked_or_of_the_name_expected() {
    let scene = TlsScene::new();
    scene.scene.vouch.run(&["sign", &scene.file]).ends(0);
    let authority = Authority::new("nodes");
    let ca = scene.write("ca.pem", &authority.pem());
    let named = scene.proxy(authority.server(&["node.example"]).server());
    let ran = scene.verify(&named, &["--tls-ca", &ca]).ends(21);
    assert!(stands(&ran, named.url(), "down").contains("--tls-server-name"), "{ran:?}");
    let expected = ["--tls-ca", ca.as_str(), "--tls-server-name", "node.example"];
    scene.verify(&named, &expected).ends(0);
    let expected = ["--tls-ca", ca.as_str(), "--tls-server-name", "other.example"];
    scene.verify(&named, &expected).ends(21);
    let expired = authority.pair(&["127.0.0.1"], |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    let expired = scene.proxy(expired.server());
    let ran = scene.verify(&expired, &["--tls-ca", &ca]).ends(21);
    assert!(stands(&ran, expired.url(), "down").contains("xpired"), "{ran:?}");
    // An honest node beside them is enough, and encryption is not asked of loopback.
    let nodes = format!("{},{}", expired.url(), scene.scene.node.url());
    scene.scene.vouch.asking(&nodes).run(&["verify", &scene.file, "--tls-ca", &ca]).ends(0);
}

#[test]
fn a_node_that_asks_who_is_calling_serves_whom_it_knows() {
    let scene = TlsScene::new();
    scene.scene.vouch.run(&["sign", &scene.file]).ends(0);
    let (authority, members) = (Authority::new("nodes"), Authority::new("members"));
    let tls = authority.server(&["127.0.0.1"]).server();
    let tls = tls.client_ca_root(Certificate::from_pem(members.pem()));
    let proxy = scene.proxy(tls);
    let ca = scene.write("ca.pem", &authority.pem());
    let files = |name: &str, pair: &Pair| {
        let certificate = scene.write(&format!("{name}.pem"), &pair.certificate);
        (certificate, scene.write(&format!("{name}.key"), &pair.key))
    };
    let (certificate, key) = files("member", &members.client());
    let known =
        ["--tls-ca", ca.as_str(), "--tls-certificate", &certificate, "--tls-key", key.as_str()];
    scene.verify(&proxy, &known).ends(0);
    let nameless = scene.verify(&proxy, &["--tls-ca", &ca]).ends(21);
    let said = stands(&nameless, proxy.url(), "down");
    assert!(said.contains("--tls-certificate"), "{said}");
    let (certificate, key) = files("stranger", &authority.client());
    let strange =
        ["--tls-ca", ca.as_str(), "--tls-certificate", &certificate, "--tls-key", key.as_str()];
    scene.verify(&proxy, &strange).ends(21);
    // The settings name the files as well; relative ones lie in the home.
    let home = scene.scene.vouch.home.clone();
    let (certificate, key) = files("settings", &members.client());
    std::fs::copy(&certificate, home.join("client.pem")).expect("copies");
    let settings = format!(
        "nodes = [{:?}]\ntls_ca = {ca:?}\ntls_certificate = \"client.pem\"\ntls_key = {key:?}\n",
        proxy.url()
    );
    std::fs::write(home.join("config.toml"), settings).expect("writes");
    Vouch::new(scene.scene.folder.path()).run(&["verify", &scene.file]).ends(0);
}

#[test]
fn the_nodes_own_tls_serves_the_client_and_nobody_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("writes");
        text(&path)
    };
    let (authority, members) = (Authority::new("nodes"), Authority::new("members"));
    let (server, client) = (authority.server(&["127.0.0.1"]), members.client());
    let (certificate, key) =
        (write("node.pem", &server.certificate), write("node.key", &server.key));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("chmod");
    let vouch = Vouch::new(folder.path());
    vouch.run(&["key", "new", "--no-passphrase"]).ends(0);
    let signer = format!("{}.pub=acme", text(&vouch.home.join("key")));
    let node = DevNode::start_with(
        folder.path(),
        &[signer],
        &[
            ("VOUCHSAFED_GRPC_TLS_CERTIFICATE", &certificate),
            ("VOUCHSAFED_GRPC_TLS_KEY", &key),
            ("VOUCHSAFED_GRPC_TLS_CLIENT_CA", &write("members.pem", &members.pem())),
        ],
    );
    vouch.run(&["init", "-y", "--genesis", &text(&node.genesis())]).ends(0);
    let nameless = vouch
        .asking(&node.url().replace("http:", "https:"))
        .with("VOUCH_TLS_CA", &write("nodes.pem", &authority.pem()));
    let known = nameless
        .with("VOUCH_TLS_CERTIFICATE", &write("me.pem", &client.certificate))
        .with("VOUCH_TLS_KEY", &write("me.key", &client.key));
    wait_for("the first block", || (known.run(&["status"]).code == 0).then_some(()));
    let file = write("f", "f");
    known.run(&["sign", &file]).ends(0);
    known.run(&["verify", &file]).ends(0);
    nameless.run(&["verify", &file]).ends(21);
    vouch.asking(node.url()).with("VOUCH_TIMEOUT", "2s").run(&["verify", &file]).ends(21);
}

#[test]
fn a_wrong_tls_file_is_named_and_nobody_asked() {
    let scene = TlsScene::new();
    let authority = Authority::new("nodes");
    let proxy = scene.proxy(authority.server(&["127.0.0.1"]).server());
    let pair = authority.client();
    let certificate = scene.write("client.pem", &pair.certificate);
    let key = scene.write("client.key", &pair.key);
    let other = scene.write("other.key", &authority.client().key);
    let empty = scene.write("empty.pem", "");
    let folder = scene.scene.folder.path().display().to_string();
    for (options, cause) in [
        (vec!["--tls-ca", "/none.pem"], "there is no such file"),
        (vec!["--tls-ca", &folder], "it is a folder"),
        (vec!["--tls-ca", &empty], "holds no certificate"),
        (vec!["--tls-ca", &key], "holds no certificate"),
        (vec!["--tls-certificate", &certificate], "without --tls-key"),
        (vec!["--tls-key", &key], "without --tls-certificate"),
        (vec!["--tls-certificate", &certificate, "--tls-key", &other], "does not belong"),
        (vec!["--tls-certificate", &certificate, "--tls-key", &empty], "holds no private key"),
        (vec!["--tls-server-name", "a b"], "is no server's name"),
    ] {
        let ran = scene.verify(&proxy, &options).ends(2);
        let json = ran.json();
        assert_eq!(json["error"]["code"], "tls", "{options:?}: {json}");
        let message = json["error"]["message"].as_str().expect("a message");
        assert!(message.contains(cause), "{options:?}: {message}");
        assert_eq!(json["nodes"].as_array().map(Vec::len), Some(0), "{json}");
    }
}

#[test]
fn the_two_ways_are_not_mistaken_for_each_other() {
    let scene = TlsScene::new();
    let authority = Authority::new("nodes");
    let proxy = scene.proxy(authority.server(&["127.0.0.1"]).server());
    let ca = scene.write("ca.pem", &authority.pem());
    let quick = |url: &str| scene.scene.vouch.asking(url).with("VOUCH_TIMEOUT", "2s");
    let encrypted = scene.scene.node.url().replace("http:", "https:");
    let ran = quick(&encrypted).json(&["verify", &scene.file, "--tls-ca", &ca]).ends(21);
    let said = stands(&ran, &encrypted, "down");
    assert!(said.contains("TLS"), "{said}");
    let plain = proxy.url().replace("https:", "http:");
    quick(&plain).json(&["verify", &scene.file]).ends(21);
}

//! Answers taken apart, altered and put together again.

use std::sync::{Arc, Mutex};

use vouchsafe_proto::v1::{GetStatusResponse, ProvenHeader};
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::header::Header;
use vouchsafe_types::record::{AssetRecord, OrganizationStatus, OrganizationStatuses};

use crate::harness::{Ran, Scene};
use crate::proxy::{Lies, Proxy};

/// A scene with a liar between client and node.
pub(crate) struct LyingScene {
    pub(crate) scene: Scene,
    pub(crate) proxy: Proxy,
}

impl LyingScene {
    pub(crate) fn new() -> Self {
        let scene = Scene::new();
        let proxy = Proxy::new(scene.node.url());
        Self { scene, proxy }
    }

    /// Runs `vouch` against the liar.
    pub(crate) fn run(&self, lies: Lies, arguments: &[&str]) -> Ran {
        self.proxy.tell(lies);
        let ran = self.scene.vouch.asking(self.proxy.url()).json(arguments);
        self.proxy.tell(Lies::default());
        ran
    }

    /// Nothing is altered: all is well.
    #[track_caller]
    pub(crate) fn control(&self, arguments: &[&str], code: i32) {
        self.run(Lies::default(), arguments).ends(code);
    }

    /// The lie is caught, with this code, and no status is told.
    #[track_caller]
    pub(crate) fn caught(&self, what: &str, code: i32, lies: Lies, arguments: &[&str]) -> Ran {
        let ran = self.run(lies, arguments);
        assert_eq!(ran.code, code, "{what}: {ran:?}");
        let json = ran.json();
        for entry in json["results"].as_array().expect("a list") {
            let told = [&entry["status"], &entry["proof"], &entry["receipt"]];
            assert!(told.iter().all(|told| told.is_null()), "{what}: {ran:?}");
        }
        ran
    }
}

/// How something is altered, and what that is called.
pub(crate) type Alteration<T> = (&'static str, fn(&mut T));

/// Alters a canonical structure.
pub(crate) fn change<T: Canonical>(bytes: &mut Vec<u8>, alter: impl FnOnce(&mut T)) {
    let mut value = T::from_bytes(bytes).expect("a genuine answer decodes");
    alter(&mut value);
    *bytes = value.to_bytes();
}

pub(crate) fn head(answer: &mut GetStatusResponse) -> &mut ProvenHeader {
    answer.head.as_mut().expect("a genuine answer has a head")
}

/// A lie about a status answer.
pub(crate) fn status(alter: impl FnMut(&mut GetStatusResponse) + Send + Sync + 'static) -> Lies {
    Lies { status: Some(Box::new(alter)), ..Lies::default() }
}

/// A lie about a status answer's header.
pub(crate) fn header(alter: impl Fn(&mut Header) + Send + Sync + 'static) -> Lies {
    status(move |answer| change(&mut head(answer).header, &alter))
}

/// A lie about a status answer's certificate.
pub(crate) fn certificate(alter: impl Fn(&mut CommitCertificate) + Send + Sync + 'static) -> Lies {
    status(move |answer| change(&mut head(answer).certificate, &alter))
}

/// A lie about the asset's record.
pub(crate) fn record(alter: impl Fn(&mut AssetRecord) + Send + Sync + 'static) -> Lies {
    status(move |answer| {
        let record = answer.records[0].record.as_mut().expect("the asset has a record");
        change(record, &alter);
    })
}

/// A lie about what the one organization says.
pub(crate) fn statement(alter: impl Fn(&mut OrganizationStatus) + Send + Sync + 'static) -> Lies {
    record(move |record| {
        let mut entries = record.organizations.clone().into_inner();
        alter(&mut entries[0]);
        record.organizations = OrganizationStatuses::new(entries).expect("as many as before");
    })
}

/// Listens in on a genuine answer.
pub(crate) fn overheard(scene: &LyingScene, arguments: &[&str]) -> GetStatusResponse {
    let heard = Arc::new(Mutex::new(None));
    let keep = heard.clone();
    let listen = status(move |answer| {
        *keep.lock().expect("unpoisoned") = Some(answer.clone());
    });
    scene.run(listen, arguments);
    let heard = heard.lock().expect("unpoisoned").take();
    heard.expect("vouch asked for a status")
}

/// Gives an answer that was overheard instead of the genuine one.
pub(crate) fn replay(answer: GetStatusResponse) -> Lies {
    status(move |genuine| *genuine = answer.clone())
}

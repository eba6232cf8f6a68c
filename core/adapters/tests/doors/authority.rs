//! A throwaway authority, and certificates from it.

use std::path::{Path, PathBuf};
use std::process::Command;

use cronbus_servers::Encryption;
use tempfile::TempDir;

const CONFIGURATION: &str = "[ca]\ndefault_ca = it\n[it]\ndatabase = index\nnew_certs_dir = .\nserial = serial\n\
                             default_md = sha256\npolicy = any\nprivate_key = ca.key\ncertificate = ca.pem\n\
                             unique_subject = no\n[any]\ncommonName = supplied\n";

const KEY: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/// An authority.
pub(crate) struct Authority {
    folder: TempDir,
}

/// For how long a certificate counts.
#[derive(Clone, Copy)]
pub(crate) enum Validity {
    Now,
    Over,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let authority = Self { folder: tempfile::tempdir().unwrap() };
        // A server that is not root reads what is in it.
        open_to_all(authority.folder.path());
        for (file, text) in [("ca.cnf", CONFIGURATION), ("index", ""), ("serial", "01\n")] {
            std::fs::write(authority.at(file), text).unwrap();
        }
        // Two authorities of one name would be taken for one whose key was changed.
        let subject = format!("/CN=authority {}", authority.folder.path().file_name().unwrap().display());
        let own = ["req", "-x509", "-days", "3650", "-subj", &subject, "-keyout", "ca.key", "-out", "ca.pem"];
        authority.openssl(&[&own[..], &KEY].concat());
        authority
    }

    fn at(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn openssl(&self, words: &[&str]) {
        let output = Command::new("openssl").args(words).current_dir(self.folder.path()).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// What clients check servers against.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.at("ca.pem")
    }

    /// A certificate for these names, like `DNS:localhost,IP:127.0.0.1`, and its key.
    pub(crate) fn issue(&self, name: &str, alternative: &str, validity: Validity) -> (PathBuf, PathBuf) {
        let [certificate, key, request, extensions] =
            ["pem", "key", "csr", "ext"].map(|suffix| format!("{name}.{suffix}"));
        let subject = format!("/CN={name}");
        let asking = ["req", "-new", "-subj", &subject, "-keyout", &key, "-out", &request];
        self.openssl(&[&asking[..], &KEY].concat());
        std::fs::write(self.at(&extensions), format!("subjectAltName={alternative}\n")).unwrap();
        let (from, until) = match validity {
            Validity::Now => ("20200101000000Z", "20991231235959Z"),
            Validity::Over => ("20200101000000Z", "20200102000000Z"),
        };
        let files = ["-in", &request, "-out", &certificate, "-extfile", &extensions];
        let signing = ["ca", "-batch", "-notext", "-config", "ca.cnf", "-startdate", from, "-enddate", until];
        self.openssl(&[&signing[..], &files].concat());
        (self.at(&certificate), self.at(&key))
    }

    /// What a server of this machine shows.
    pub(crate) fn server(&self, asks_clients: bool) -> Encryption {
        self.server_with("server", "DNS:localhost,IP:127.0.0.1", Validity::Now, asks_clients)
    }

    /// What a server shows that nobody should trust.
    pub(crate) fn server_with(
        &self,
        name: &str,
        alternative: &str,
        validity: Validity,
        asks_clients: bool,
    ) -> Encryption {
        let (certificate, key) = self.issue(name, alternative, validity);
        Encryption { certificate, key, authorities: self.certificate(), asks_clients }
    }
}

fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A server that nobody should trust, and what is said of it.
pub(crate) struct Impostor {
    pub(crate) encryption: Encryption,
    /// Whom the client trusts.
    pub(crate) trusted: PathBuf,
    pub(crate) says: &'static str,
    /// Whose certificates these are; they go with it.
    _authorities: [Authority; 2],
}

/// One from an unknown authority, one for another host, one whose time is over.
pub(crate) fn impostors() -> [Impostor; 3] {
    let impostor = |alternative, validity, is_known: bool, says| {
        let authorities = [Authority::new(), Authority::new()];
        let encryption = authorities[0].server_with("server", alternative, validity, false);
        let trusted = authorities[usize::from(!is_known)].certificate();
        Impostor { encryption, trusted, says, _authorities: authorities }
    };
    [
        impostor("IP:127.0.0.1", Validity::Now, false, "authority"),
        impostor("DNS:elsewhere.example", Validity::Now, true, "other hosts"),
        impostor("IP:127.0.0.1", Validity::Over, true, "expired"),
    ]
}

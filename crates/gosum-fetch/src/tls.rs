//! Whose certificates are believed.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ConfigBuilder, DigitallySignedStruct, RootCertStore, SignatureScheme, WantsVerifier,
};

/// Where trusted certificates are read from, with Go's meaning of `SSL_CERT_FILE` and
/// `SSL_CERT_DIR`: each replaces its own default and leaves the other. They count on Linux and its
/// kin; on macOS and Windows the system decides.
#[derive(Debug, Clone, Default)]
pub struct Certificates {
    /// The file that is read in place of the system's: `SSL_CERT_FILE`.
    pub file: Option<PathBuf>,
    /// The folders that are read in place of the system's: `SSL_CERT_DIR`, split.
    pub dirs: Option<Vec<PathBuf>>,
}

/// The files that Go looks for on Linux; the first that can be read counts.
const FILES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The folders that Go looks into on Linux; all of them count.
const DIRS: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

impl Certificates {
    /// Returns the files, of which the first that can be read counts, and the folders, of which all count: those of Linux
    /// and its kin.
    pub fn places(&self) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let files =
            self.file.as_ref().map_or_else(|| FILES.map(PathBuf::from).to_vec(), |file| vec![file.clone()]);
        (files, self.dirs.clone().unwrap_or_else(|| DIRS.map(PathBuf::from).to_vec()))
    }
}

/// Returns `builder`, speaking TLS with those whose certificates lead to one of `roots`.
pub(crate) fn with_roots(builder: reqwest::ClientBuilder, roots: RootCertStore) -> reqwest::ClientBuilder {
    let config = config(Arc::new(rustls::crypto::ring::default_provider()));
    with_config(builder, config.with_root_certificates(roots).with_no_client_auth())
}

/// Returns `builder`, speaking TLS with anybody.
pub(crate) fn without_checks(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Arc::new(Anybody(provider.clone()));
    let config = config(provider).dangerous().with_custom_certificate_verifier(verifier);
    with_config(builder, config.with_no_client_auth())
}

fn config(provider: Arc<CryptoProvider>) -> ConfigBuilder<ClientConfig, WantsVerifier> {
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has a cipher suite for each default version")
}

fn with_config(builder: reqwest::ClientBuilder, mut config: ClientConfig) -> reqwest::ClientBuilder {
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    builder.tls_backend_preconfigured(config)
}

/// Believes every certificate; whoever shows it must still have its key.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Returns `builder`, believing whom the system believes.
#[cfg(any(target_os = "macos", windows))]
pub(crate) fn with_trust(
    builder: reqwest::ClientBuilder,
    _: &Certificates,
) -> Result<reqwest::ClientBuilder, String> {
    // fails when there is one already, and then that one serves
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(builder)
}

/// Returns `builder`, believing whom `certificates` name.
///
/// # Errors
/// When they name none.
#[cfg(not(any(target_os = "macos", windows)))]
pub(crate) fn with_trust(
    builder: reqwest::ClientBuilder,
    certificates: &Certificates,
) -> Result<reqwest::ClientBuilder, String> {
    let roots = roots::read(certificates);
    if roots.is_empty() {
        return Err(format!("no trusted certificate was found {}", roots::looked(certificates)));
    }
    Ok(with_roots(builder, roots))
}

#[cfg(not(any(target_os = "macos", windows)))]
mod roots {
    use std::collections::BTreeSet;
    use std::fs::{self, File};
    use std::io::{self, Read};
    use std::path::{Path, PathBuf};

    use rustls::RootCertStore;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    use super::Certificates;

    /// The largest file that is read: the usual bundle has 0.2 MB.
    const MAX_FILE: u64 = 16 << 20;

    /// Returns the certificates in the file and the folders. What cannot be read, or is none, is passed over, as
    /// Go does.
    pub(super) fn read(certificates: &Certificates) -> RootCertStore {
        let (files, dirs) = certificates.places();
        let mut found = BTreeSet::new();
        if let Some(text) = files.iter().find_map(|file| read_file(file)) {
            found.extend(parse(&text));
        }
        for file in dirs.iter().flat_map(|dir| files_in(dir)) {
            found.extend(read_file(&file).iter().flat_map(|text| parse(text)));
        }
        let mut roots = RootCertStore::empty();
        let (good, bad) = roots.add_parsable_certificates(found.into_iter().map(CertificateDer::from));
        tracing::debug!(good, bad, "read trusted certificates");
        roots
    }

    /// Returns where nothing was found: each place, and why it cannot be read, where the user named one.
    pub(super) fn looked(certificates: &Certificates) -> String {
        if certificates.file.is_none() && certificates.dirs.is_none() {
            return "on this machine".to_owned();
        }
        let (files, dirs) = certificates.places();
        let files = files.into_iter().map(|file| (File::open(&file).err(), file));
        let dirs = dirs.into_iter().map(|dir| (fs::read_dir(&dir).err(), dir));
        let place = |(error, path): (Option<io::Error>, PathBuf)| match error {
            Some(error) => format!("{} ({error})", path.display()),
            None => path.display().to_string(),
        };
        format!("in {}", files.chain(dirs).map(place).collect::<Vec<_>>().join(", "))
    }

    fn read_file(path: &Path) -> Option<Vec<u8>> {
        let read = || -> io::Result<Vec<u8>> {
            if !fs::metadata(path)?.is_file() {
                return Err(io::Error::other("not a regular file"));
            }
            let mut text = Vec::new();
            File::open(path)?.take(MAX_FILE).read_to_end(&mut text)?;
            Ok(text)
        };
        read().inspect_err(|error| tracing::debug!(path = %path.display(), %error, "no certificates")).ok()
    }

    fn files_in(dir: &Path) -> impl Iterator<Item = PathBuf> {
        fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path())
    }

    fn parse(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
        CertificateDer::pem_slice_iter(text).filter_map(Result::ok).map(|der| der.to_vec())
    }

    #[cfg(test)]
    mod tests {
        use super::super::{DIRS, FILES};
        use super::*;

        #[test]
        fn each_setting_replaces_its_own_default_and_no_other() {
            let [files, dirs] =
                [&FILES[..], &DIRS[..]].map(|paths| paths.iter().map(PathBuf::from).collect());
            let (file, dir) = (PathBuf::from("/own/file"), PathBuf::from("/own/dir"));
            let own_file = Certificates { file: Some(file.clone()), dirs: None };
            assert_eq!(own_file.places(), (vec![file], dirs));
            let own_dir = Certificates { file: None, dirs: Some(vec![dir.clone()]) };
            assert_eq!(own_dir.places(), (files, vec![dir]));
        }

        #[test]
        fn takes_the_good_certificates_out_of_a_file_with_others() {
            let good = include_str!("../../../testdata/tls/ca.pem");
            let bad = good.replace("MII", "!!!");
            let cut = &good[..good.len() / 2];
            let key = include_str!("../../../testdata/tls/server.key");
            let file = tempfile::NamedTempFile::new().unwrap();
            let text = format!("# words\n{bad}{key}{good}{good}{cut}");
            fs::write(file.path(), text).unwrap();
            let certificates = Certificates { file: Some(file.path().to_owned()), dirs: Some(Vec::new()) };
            assert_eq!(read(&certificates).len(), 1);
        }
    }
}

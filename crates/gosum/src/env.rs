//! The one reader of the environment. Libraries are handed what they need of it.

mod machine;
mod settings_file;
mod shown;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use gosum_fetch::client::{Certificates, Proxies};
use gosum_git::access::{GoAuth, Settings};
use gosum_mod::name::pattern::Patterns;
use gosum_mod::setting::goflags::GoFlags;
use gosum_mod::setting::gopath::{self, GoPath};
use gosum_mod::setting::goproxy::ProxyList;
use gosum_mod::setting::gosumdb::{Known, SumDb};
use gosum_mod::setting::gotoolchain::GoToolchain;
use gosum_mod::setting::govcs::VcsRules;
use gosum_mod::setting::gowork::GoWork;
use gosum_mod::setting::layers::{Layer, Layers};
use gosum_mod::setting::private::{NoProxy, NoSumDb};

pub(crate) use machine::{is_of_files, meant_in_file};
pub(crate) use settings_file::SettingsFile;
pub(crate) use shown::{Origin, Setting};

/// What Go's own definition gives GOPROXY on a stock installation.
const DEFAULT_GOPROXY: &str = "https://proxy.golang.org,direct";
/// What Go's own definition gives GOTOOLCHAIN on a stock installation.
const DEFAULT_GOTOOLCHAIN: &str = "auto";
/// The checksum database that Go's own definition knows, and gives GOSUMDB on a stock installation.
const KNOWN_GOSUMDB: Known = Known {
    name: "sum.golang.org",
    key: "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
    alias: "sum.golang.google.cn",
};

/// Returns the proxies that Go's own definition gives GOPROXY.
pub(crate) fn default_goproxy() -> &'static str {
    DEFAULT_GOPROXY
}

/// Returns the name of the checksum database that Go's own definition gives GOSUMDB.
pub(crate) fn default_gosumdb() -> &'static str {
    KNOWN_GOSUMDB.name
}

/// The environment, the file that `go env -w` writes, and the go.env of an installed toolchain.
#[derive(Debug)]
pub(crate) struct Env {
    layers: Layers,
    /// The file that `go env -w` writes, there or not.
    user_file: Option<SettingsFile>,
    /// The go.env of the installed toolchain, there or not.
    toolchain_file: Option<SettingsFile>,
    /// The variables that would be read, and are not UTF-8.
    not_utf8: Vec<String>,
    /// The names that the config file keeps private, as a list of patterns.
    config_private: String,
    /// The folders in which programs are.
    path: Option<OsString>,
}

/// Returns whether colours are unwelcome wherever text goes, by what `var` says.
pub(crate) fn is_plain<'v>(var: impl Fn(&str) -> Option<&'v str>) -> bool {
    var("NO_COLOR").is_some() || var(TERM) == Some(DUMB)
}

impl Env {
    /// Returns the environment that `vars` are.
    ///
    /// # Errors
    /// When a variable that is read is not UTF-8, or a file of Go settings is there and cannot be read: to pass over it
    /// could tell a proxy a name that is private.
    pub(crate) fn read(vars: BTreeMap<OsString, OsString>) -> anyhow::Result<Env> {
        let env = Env::look(vars);
        match env.fault() {
            None => Ok(env),
            Some(fault) => Err(fault),
        }
    }

    /// Returns what can be told of the environment that `vars` are: for those alone who say what could not
    /// ([`fault`](Env::fault)), and tell nobody a name.
    pub(crate) fn look(vars: BTreeMap<OsString, OsString>) -> Env {
        let path = vars.iter().find(|(key, _)| is_path(key)).map(|(_, value)| value.clone());
        let mut env = Env {
            layers: Layers::default(),
            user_file: None,
            toolchain_file: None,
            not_utf8: Vec::new(),
            config_private: String::new(),
            path,
        };
        for (key, value) in vars {
            let Ok(key) = key.into_string() else { continue };
            // to Windows the case of names makes no difference, and it has AppData as APPDATA
            let key = if cfg!(windows) { key.to_ascii_uppercase() } else { key };
            match value.into_string() {
                Ok(value) => drop(env.layers.process.insert(key, value)),
                Err(_) if is_read(&key) => env.not_utf8.push(key),
                Err(_) => {}
            }
        }
        env.user_file = env.find_user_file().map(SettingsFile::read);
        env.layers.user = env.user_file.as_ref().map(SettingsFile::settings).unwrap_or_default();
        env.toolchain_file = env.find_toolchain_file(env.path.as_deref()).map(SettingsFile::read);
        env.layers.toolchain = env.toolchain_file.as_ref().map(SettingsFile::settings).unwrap_or_default();
        env
    }

    /// Returns why not all of the environment is known; none when it is.
    pub(crate) fn fault(&self) -> Option<anyhow::Error> {
        if let Some(key) = self.not_utf8.first() {
            return Some(anyhow!("the environment variable {key} is not UTF-8"));
        }
        self.settings_files().find_map(|(_, file)| file.fault())
    }

    /// Returns the files of Go's settings, there or not.
    pub(crate) fn settings_files(&self) -> impl Iterator<Item = (Layer, &SettingsFile)> {
        let user = self.user_file.iter().map(|file| (Layer::User, file));
        user.chain(self.toolchain_file.iter().map(|file| (Layer::Toolchain, file)))
    }

    /// Returns the variables that would be read, and are not UTF-8.
    pub(crate) fn not_utf8(&self) -> &[String] {
        &self.not_utf8
    }

    /// Returns the variable `key` of the process; none when it is empty, which to Go is as good as unset.
    pub(crate) fn var(&self, key: &str) -> Option<&str> {
        self.layers.var(key)
    }

    /// Returns Go's setting `key`, from who has it first (spec 04 §5).
    fn go(&self, key: &str) -> Option<&str> {
        self.layers.find(key).map(|(value, _)| value)
    }

    /// Returns the name of Go's setting `key` for a message about its value: it says where that comes from.
    pub(crate) fn named(&self, key: &str) -> String {
        match self.layers.find(key) {
            Some((_, Layer::Process)) => format!("the environment's {key}"),
            Some((_, layer)) => match self.file(layer) {
                Some(file) => format!("{key} in {}", file.display()),
                None => key.to_owned(),
            },
            None => key.to_owned(),
        }
    }

    /// Returns the file of `layer`.
    fn file(&self, layer: Layer) -> Option<&Path> {
        match layer {
            Layer::Process => None,
            Layer::User => self.user_file.as_ref().map(|file| file.path.as_path()),
            Layer::Toolchain => self.toolchain_file.as_ref().map(|file| file.path.as_path()),
        }
    }

    fn find_user_file(&self) -> Option<PathBuf> {
        match self.var("GOENV") {
            Some("off") => None,
            Some(file) => Some(PathBuf::from(file)),
            None => Some(self.config_dir()?.join("go").join("env")),
        }
    }

    /// Returns the go.env of the installed toolchain: that of GOROOT, where like in Go that of the user's file comes first,
    /// else that of the `go` program in the folders of `path`. Nothing is run.
    fn find_toolchain_file(&self, path: Option<&OsStr>) -> Option<PathBuf> {
        let by_user = self.layers.user.get("GOROOT").map(String::as_str).filter(|root| !root.is_empty());
        let root = match by_user.or_else(|| self.var("GOROOT")) {
            Some(root) => PathBuf::from(root),
            None => find_toolchain(path?)?,
        };
        Some(root.join("go.env"))
    }

    fn home(&self) -> Option<&str> {
        self.var(if cfg!(windows) { "USERPROFILE" } else { "HOME" })
    }

    fn config_dir(&self) -> Option<PathBuf> {
        if cfg!(windows) {
            return self.var("APPDATA").map(PathBuf::from);
        }
        let home = || self.var("HOME").map(Path::new);
        if cfg!(target_os = "macos") {
            return Some(home()?.join("Library/Application Support"));
        }
        match self.var("XDG_CONFIG_HOME") {
            Some(dir) => Some(PathBuf::from(dir)),
            None => Some(home()?.join(".config")),
        }
    }

    /// Returns GOPROXY. Where a file sets it to nothing it names no proxy, and is not the default: that is what Go's own
    /// files say.
    ///
    /// # Errors
    /// When it is no list of proxies.
    pub(crate) fn goproxy(&self) -> anyhow::Result<ProxyList> {
        let value = self.go("GOPROXY").unwrap_or(DEFAULT_GOPROXY);
        ProxyList::parse(value).with_context(|| self.named("GOPROXY"))
    }

    /// Keeps the names private too that `list` matches.
    pub(crate) fn keep_private(&mut self, list: String) {
        self.config_private = list;
    }

    /// Returns the names that the config file keeps private, where the setting `own` does not say itself which are.
    fn config_private(&self, own: &str) -> &str {
        match self.go(own) {
            Some(set) if !set.is_empty() => "",
            _ => &self.config_private,
        }
    }

    /// Returns the names that no proxy is told.
    pub(crate) fn private(&self) -> NoProxy {
        NoProxy::new(self.go("GONOPROXY"), self.go("GOPRIVATE")).and(self.config_private("GONOPROXY"))
    }

    /// Returns GOSUMDB.
    ///
    /// # Errors
    /// When it names no checksum database.
    pub(crate) fn sumdb(&self) -> anyhow::Result<SumDb> {
        let value = self.go("GOSUMDB").unwrap_or(KNOWN_GOSUMDB.name);
        SumDb::parse(value, &KNOWN_GOSUMDB).with_context(|| self.named("GOSUMDB"))
    }

    /// Returns the keys of the checksum databases that are known: that of GOSUMDB, and the one that Go itself knows.
    pub(crate) fn sumdb_keys(&self) -> Vec<String> {
        let set = match self.sumdb() {
            Ok(SumDb::On(database)) => Some(database.key),
            Ok(SumDb::Off) | Err(_) => None,
        };
        set.into_iter().chain([KNOWN_GOSUMDB.key.to_owned()]).collect()
    }

    /// Returns the folder in which the go command keeps the newest tree heads that it has seen (spec 06 §7).
    ///
    /// # Errors
    /// When GOPATH is malformed.
    pub(crate) fn sumdb_heads(&self) -> anyhow::Result<Option<PathBuf>> {
        Ok(self.gopath()?.first().map(|folder| folder.join("pkg").join("sumdb")))
    }

    /// Returns the names that the checksum database is not told.
    pub(crate) fn not_in_sumdb(&self) -> NoSumDb {
        NoSumDb::new(self.go("GONOSUMDB"), self.go("GOPRIVATE")).and(self.config_private("GONOSUMDB"))
    }

    /// Returns the folder for what is kept from one run to the next; none when the user has no home.
    pub(crate) fn cache_dir(&self) -> Option<PathBuf> {
        if let Some(dir) = self.var("GOSUM_CACHE") {
            return Some(PathBuf::from(dir));
        }
        self.user_caches().map(|caches| caches.join("gosum"))
    }

    /// Returns the user's folder for caches; none when the user has no home.
    fn user_caches(&self) -> Option<PathBuf> {
        if cfg!(windows) {
            self.var("LOCALAPPDATA").map(PathBuf::from)
        } else {
            let home = || self.var("HOME").map(Path::new);
            match self.var("XDG_CACHE_HOME") {
                _ if cfg!(target_os = "macos") => Some(home()?.join("Library/Caches")),
                Some(dir) => Some(PathBuf::from(dir)),
                None => Some(home()?.join(".cache")),
            }
        }
    }

    /// Returns which version control systems may be used for which repositories.
    ///
    /// # Errors
    /// When GOVCS is malformed.
    pub(crate) fn vcs_rules(&self) -> anyhow::Result<VcsRules> {
        let rules = VcsRules::parse(self.go("GOVCS").unwrap_or(""), self.go("GOPRIVATE").unwrap_or(""));
        rules.with_context(|| self.named("GOVCS"))
    }

    /// Returns the modules whose hosts may be asked without encryption; none when there are none.
    pub(crate) fn insecure(&self) -> Option<Patterns> {
        self.go("GOINSECURE").filter(|value| !value.is_empty()).map(Patterns::parse)
    }

    /// Returns the settings that decide which repositories may be asked, and whose word is taken for what they hold.
    pub(crate) fn direct_settings(&self) -> [(&'static str, &str); 4] {
        // by default GOVCS lets git through, whatever is private
        let govcs = self.go("GOVCS").unwrap_or("");
        let private = self.go("GOPRIVATE").filter(|_| !govcs.is_empty()).unwrap_or("");
        let unchecked = self.layers.process.contains_key("GIT_SSL_NO_VERIFY");
        [
            ("GOINSECURE", self.go("GOINSECURE").unwrap_or("")),
            ("GOVCS", govcs),
            ("GOPRIVATE", private),
            ("GIT_SSL_NO_VERIFY", if unchecked { "set" } else { "" }),
        ]
    }

    /// Returns who knows credentials for what the go command itself would ask.
    ///
    /// # Errors
    /// When GOAUTH is malformed.
    pub(crate) fn goauth(&self) -> anyhow::Result<GoAuth> {
        GoAuth::parse(self.go("GOAUTH").unwrap_or("")).with_context(|| self.named("GOAUTH"))
    }

    /// Returns GOFLAGS.
    ///
    /// # Errors
    /// When a word is no flag.
    pub(crate) fn goflags(&self) -> anyhow::Result<GoFlags> {
        GoFlags::parse(self.go("GOFLAGS").unwrap_or("")).with_context(|| self.named("GOFLAGS"))
    }

    /// Returns GOWORK.
    ///
    /// # Errors
    /// When it is a relative path.
    pub(crate) fn gowork(&self) -> anyhow::Result<GoWork> {
        GoWork::parse(self.go("GOWORK").unwrap_or("")).with_context(|| self.named("GOWORK"))
    }

    /// Returns GOTOOLCHAIN.
    ///
    /// # Errors
    /// When it names no toolchain.
    pub(crate) fn gotoolchain(&self) -> anyhow::Result<GoToolchain> {
        // where a file sets it to nothing, Go chooses none
        let value = match self.go("GOTOOLCHAIN") {
            None => DEFAULT_GOTOOLCHAIN,
            Some("") => "local",
            Some(value) => value,
        };
        GoToolchain::parse(value).with_context(|| self.named("GOTOOLCHAIN"))
    }

    /// Returns GOPATH.
    ///
    /// # Errors
    /// When a folder of it is relative.
    fn gopath(&self) -> anyhow::Result<GoPath> {
        match self.go("GOPATH").unwrap_or("") {
            "" => Ok(GoPath::of_home(self.home())),
            value => GoPath::parse(value).with_context(|| self.named("GOPATH")),
        }
    }

    /// Returns GOMODCACHE, if there is a folder for it.
    ///
    /// # Errors
    /// When it is relative, or GOPATH, of which it is a part by default, is malformed.
    pub(crate) fn gomodcache(&self) -> anyhow::Result<Option<PathBuf>> {
        match self.go("GOMODCACHE").unwrap_or("") {
            "" => Ok(gopath::mod_cache("", &self.gopath()?)?),
            value => gopath::mod_cache(value, &GoPath::default()).with_context(|| self.named("GOMODCACHE")),
        }
    }

    /// Returns what git's own settings, netrc and credential helpers are read from.
    pub(crate) fn access(&self) -> Settings {
        Settings { vars: self.layers.process.clone(), home: self.home().map(PathBuf::from) }
    }

    /// Returns the certificates that are trusted.
    pub(crate) fn certificates(&self) -> Certificates {
        let dirs = self.var("SSL_CERT_DIR").map(|dirs| std::env::split_paths(dirs).collect());
        Certificates { file: self.var("SSL_CERT_FILE").map(PathBuf::from), dirs }
    }

    /// Returns the HTTP proxies on the way to the network.
    ///
    /// # Errors
    /// When one of them is no URL.
    pub(crate) fn proxies(&self) -> anyhow::Result<Proxies> {
        let either =
            |upper: &str, lower: &str| self.var(upper).or_else(|| self.var(lower)).map(str::to_owned);
        // set by a web server for a CGI program, HTTP_PROXY is a header of somebody's request
        let http =
            if self.var("REQUEST_METHOD").is_some() { None } else { either("HTTP_PROXY", "http_proxy") };
        let proxies = Proxies {
            http,
            https: either("HTTPS_PROXY", "https_proxy"),
            no_proxy: either("NO_PROXY", "no_proxy"),
        };
        for (key, value) in [("HTTP_PROXY", &proxies.http), ("HTTPS_PROXY", &proxies.https)] {
            if value.as_ref().is_some_and(|value| value.contains(char::is_whitespace)) {
                bail!("{key} is no URL");
            }
        }
        Ok(proxies)
    }

    /// Returns the folder for temporary files that the user named.
    pub(crate) fn temp(&self) -> Option<PathBuf> {
        self.var("TMPDIR").map(PathBuf::from)
    }

    /// Returns whether colours are unwelcome wherever text goes.
    pub(crate) fn is_plain(&self) -> bool {
        is_plain(|key| self.var(key))
    }

    /// Returns whether progress would be drawn for nobody, or into something else: in continuous integration, between the lines
    /// of a log, on a terminal that cannot take a line back.
    pub(crate) fn is_unwatched(&self) -> bool {
        self.var("CI").is_some() || self.var("GOSUM_LOG").is_some() || self.var(TERM) == Some(DUMB)
    }
}

/// The variable that says what the terminal is, and the one that can draw nothing but line after line.
const TERM: &str = "TERM";
const DUMB: &str = "dumb";

/// Returns whether `name` is the variable of the folders in which programs are.
fn is_path(name: &OsStr) -> bool {
    if cfg!(windows) { name.eq_ignore_ascii_case("PATH") } else { name == "PATH" }
}

/// Returns the folder of the toolchain whose `go` program is the first in the folders of `path`. Relative folders are
/// passed over, as Go does: what they are differs from place to place, and may be somebody else's.
fn find_toolchain(path: &OsStr) -> Option<PathBuf> {
    let name = format!("go{}", std::env::consts::EXE_SUFFIX);
    let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    let program = folders.map(|folder| folder.join(&name)).find(|file| is_program(file))?;
    let program = program.canonicalize().ok()?;
    // `bin/go`, or `bin/SYSTEM/go` where it was built on another one
    let roots = [program.ancestors().nth(2), program.ancestors().nth(3)];
    roots.into_iter().flatten().find(|root| root.join("pkg").join("tool").is_dir()).map(Path::to_owned)
}

pub(crate) fn is_program(file: &Path) -> bool {
    let Ok(metadata) = file.metadata() else { return false };
    #[cfg(unix)]
    let may_run = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let may_run = true;
    metadata.is_file() && may_run
}

/// Returns whether a variable of this name may be read.
fn is_read(key: &str) -> bool {
    let others = [
        "HOME",
        "USERPROFILE",
        "APPDATA",
        "XDG_CONFIG_HOME",
        "XDG_CACHE_HOME",
        "LOCALAPPDATA",
        "NETRC",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "TMPDIR",
    ];
    key.starts_with("GO")
        || key.starts_with("GIT_")
        || key.to_ascii_uppercase().ends_with("_PROXY")
        || others.contains(&key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gosum_mod::name::path::ModulePath;

    fn env(vars: &[(&str, &str)]) -> anyhow::Result<Env> {
        Env::read(vars.iter().map(|(key, value)| (key.into(), value.into())).collect())
    }

    #[test]
    fn the_process_comes_before_the_users_file_unless_it_is_empty() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("env");
        std::fs::write(&file, "GOPROXY=https://file.example\nGOPRIVATE=git.example\n").unwrap();
        let file = file.to_str().unwrap();
        let url = |vars: &[(&str, &str)]| env(vars).unwrap().goproxy().unwrap().proxies[0].url.clone();
        assert_eq!(url(&[("GOENV", file)]), "https://file.example");
        assert_eq!(url(&[("GOENV", file), ("GOPROXY", "")]), "https://file.example");
        assert_eq!(
            url(&[("GOENV", file), ("GOPROXY", "https://process.example")]),
            "https://process.example"
        );
        let private = ModulePath::parse("git.example/a").unwrap();
        assert!(env(&[("GOENV", file)]).unwrap().private().covers(&private));
        assert!(!env(&[("GOENV", file), ("GONOPROXY", "none")]).unwrap().private().covers(&private));
        assert!(!env(&[("GOENV", "off")]).unwrap().private().covers(&private));
    }

    #[cfg(unix)]
    #[test]
    fn a_setting_that_is_not_utf_8_is_not_passed_over() {
        use std::os::unix::ffi::OsStringExt;
        let read =
            |key: &str| Env::read([(key.into(), OsString::from_vec(b"git.example,\xff".to_vec()))].into());
        let error = read("GOPRIVATE").unwrap_err().to_string();
        assert_eq!(error, "the environment variable GOPRIVATE is not UTF-8");
        assert!(read("LESSOPEN").is_ok());
    }

    #[test]
    fn a_missing_file_is_an_empty_one_and_an_unreadable_one_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let missing = dir.path().join("none").join("env");
        assert!(env(&[("GOENV", missing.to_str().unwrap())]).is_ok());
        assert!(env(&[("GOENV", dir.path().to_str().unwrap())]).is_err());
    }

    #[test]
    fn settings_lie_in_the_users_config_folder() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("go")).unwrap();
        std::fs::write(dir.path().join("go/env"), "GOPROXY=https://file.example\n").unwrap();
        let home = dir.path().to_str().unwrap();
        if cfg!(target_os = "linux") {
            let env = env(&[("XDG_CONFIG_HOME", home)]).unwrap();
            assert_eq!(env.goproxy().unwrap().proxies[0].url, "https://file.example");
        }
    }
}

//! What `gosum doctor` reads of the environment: more settings than gosum itself needs, and which variables there are.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use gosum_mod::setting::quoted;

use super::shown::Secrets;
use super::{Env, Setting};
use crate::suggest::nearest;

/// The variables that Go reads: those of its own command, of what it builds, and of building it.
const OF_GO: [&str; 52] = [
    "GO111MODULE",
    "GO386",
    "GOAMD64",
    "GOARCH",
    "GOARM",
    "GOARM64",
    "GOAUTH",
    "GOBIN",
    "GOCACHE",
    "GOCACHEPROG",
    "GOCOVERDIR",
    "GODEBUG",
    "GOENV",
    "GOEXE",
    "GOEXPERIMENT",
    "GOFIPS140",
    "GOFLAGS",
    "GOGC",
    "GOGCCFLAGS",
    "GOHOSTARCH",
    "GOHOSTOS",
    "GOINSECURE",
    "GOMAXPROCS",
    "GOMEMLIMIT",
    "GOMIPS",
    "GOMIPS64",
    "GOMODCACHE",
    "GONOPROXY",
    "GONOSUMDB",
    "GOOS",
    "GOPATH",
    "GOPPC64",
    "GOPRIVATE",
    "GOPROXY",
    "GORACE",
    "GORISCV64",
    "GOROOT",
    "GOROOT_BOOTSTRAP",
    "GOROOT_FINAL",
    "GOSSAFUNC",
    "GOSUMDB",
    "GOTELEMETRY",
    "GOTELEMETRYDIR",
    "GOTMPDIR",
    "GOTOOLCHAIN",
    "GOTOOLDIR",
    "GOTRACEBACK",
    "GOVCS",
    "GOVERSION",
    "GOWASM",
    "GOWORK",
    "GOMOD",
];

/// The settings that Go reads from its files, too.
const OF_FILES: [&str; 55] = [
    "AR",
    "CC",
    "CGO_CFLAGS",
    "CGO_CFLAGS_ALLOW",
    "CGO_CFLAGS_DISALLOW",
    "CGO_CPPFLAGS",
    "CGO_CPPFLAGS_ALLOW",
    "CGO_CPPFLAGS_DISALLOW",
    "CGO_CXXFLAGS",
    "CGO_CXXFLAGS_ALLOW",
    "CGO_CXXFLAGS_DISALLOW",
    "CGO_ENABLED",
    "CGO_FFLAGS",
    "CGO_FFLAGS_ALLOW",
    "CGO_FFLAGS_DISALLOW",
    "CGO_LDFLAGS",
    "CGO_LDFLAGS_ALLOW",
    "CGO_LDFLAGS_DISALLOW",
    "CXX",
    "FC",
    "GCCGO",
    "GO111MODULE",
    "GO386",
    "GOAMD64",
    "GOARCH",
    "GOARM",
    "GOARM64",
    "GOAUTH",
    "GOBIN",
    "GOCACHE",
    "GOCACHEPROG",
    "GOEXPERIMENT",
    "GOFIPS140",
    "GOFLAGS",
    "GOINSECURE",
    "GOMIPS",
    "GOMIPS64",
    "GOMODCACHE",
    "GONOPROXY",
    "GONOSUMDB",
    "GOOS",
    "GOPATH",
    "GOPPC64",
    "GOPRIVATE",
    "GOPROXY",
    "GORISCV64",
    "GOROOT",
    "GOSUMDB",
    "GOTMPDIR",
    "GOTOOLCHAIN",
    "GOVCS",
    "GOWASM",
    "GOWORK",
    "GO_EXTLINK_ENABLED",
    "PKG_CONFIG",
];

/// Names that are believed to be settings, and what they are taken for.
const NEVER: [(&str, &str); 4] = [
    ("GONOSUMCHECK", "GONOSUMDB"),
    ("GONOVERIFY", "GONOSUMDB"),
    ("GOSUMCHECK", "GOSUMDB"),
    ("GONOCHECKSUM", "GONOSUMDB"),
];

/// Flags of GOFLAGS whose values are no commands and no words of programs, where secrets may be.
const PLAIN_FLAGS: [&str; 9] =
    ["buildvcs", "insecure", "mod", "modcacherw", "modfile", "overlay", "p", "tags", "trimpath"];

impl Env {
    /// Returns the settings that a look at the machine needs, sorted by name.
    pub(crate) fn machine_settings(&self) -> Vec<Setting> {
        let text = |path: Option<PathBuf>| path.map(|path| path.display().to_string()).unwrap_or_default();
        let mut settings = self.settings();
        for setting in settings.iter_mut().filter(|setting| setting.name == "GOFLAGS") {
            setting.value = without_values(&setting.value);
        }
        let os = self.of_go("GOOS", crate::target::OS, Secrets::None);
        let compiler = if matches!(os.value.as_str(), "darwin" | "ios" | "freebsd" | "openbsd") {
            "clang"
        } else {
            "gcc"
        };
        settings.extend([
            self.of_go("CC", compiler, Secrets::Commands),
            self.of_go("CGO_ENABLED", "", Secrets::None),
            self.of_go("CXX", "", Secrets::Commands),
            self.of_go("GO111MODULE", "", Secrets::None),
            self.of_go("GOARCH", crate::target::ARCH, Secrets::None),
            self.of_go("GOBIN", &text(self.gobin()), Secrets::None),
            self.of_go("GOCACHE", &text(self.gocache()), Secrets::None),
            self.of_go("GOCACHEPROG", "", Secrets::Commands),
            self.of_go("GOEXPERIMENT", "", Secrets::None),
            self.of_go("GOFIPS140", "", Secrets::None),
            self.of_go("GOROOT", "", Secrets::None),
            self.of_go("GOTMPDIR", "", Secrets::None),
            os,
        ]);
        settings.sort_by_key(|setting| setting.name);
        settings
    }

    /// Returns the folders that Go and gosum write to, by their setting. Relative ones are left out: they are wrong, or
    /// another one in each place.
    pub(crate) fn machine_folders(&self) -> Vec<(&'static str, PathBuf)> {
        let named = |name: &str| self.go(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let gopath = self.gopath().ok().and_then(|gopath| gopath.first().map(Path::to_owned));
        // what cannot be told of it is said of the setting
        let gomodcache = self.gomodcache().ok().flatten();
        let temp = self.temp().or_else(|| {
            if cfg!(windows) {
                self.var("TMP").or_else(|| self.var("TEMP")).map(PathBuf::from)
            } else {
                Some("/tmp".into())
            }
        });
        let folders = [
            ("GOBIN", self.gobin()),
            ("GOCACHE", named("GOCACHE").or_else(|| self.gocache())),
            ("GOMODCACHE", gomodcache),
            ("GOPATH", gopath),
            ("GOSUM_CACHE", self.cache_dir()),
            ("GOTMPDIR", named("GOTMPDIR")),
            ("TMPDIR", temp),
        ];
        let folders = folders.into_iter().filter_map(|(name, path)| Some((name, path?)));
        folders.filter(|(_, path)| path.is_absolute()).collect()
    }

    /// Returns where `go install` puts programs.
    fn gobin(&self) -> Option<PathBuf> {
        match self.go("GOBIN").filter(|value| !value.is_empty()) {
            Some(dir) => Some(PathBuf::from(dir)),
            None => Some(self.gopath().ok()?.first()?.join("bin")),
        }
    }

    /// Returns where Go keeps builds by default.
    fn gocache(&self) -> Option<PathBuf> {
        self.user_caches().map(|caches| caches.join("go-build"))
    }

    /// Returns the folders in which programs are, in their order, without relative ones: what those are differs from place
    /// to place.
    pub(crate) fn program_folders(&self) -> Vec<PathBuf> {
        let path = self.path.as_deref().unwrap_or_default();
        std::env::split_paths(path).filter(|folder| folder.is_absolute()).collect()
    }

    /// Returns PATH as text.
    pub(crate) fn path(&self) -> Option<String> {
        self.path.as_ref().map(|path: &OsString| path.to_string_lossy().into_owned())
    }

    /// Returns a variable of the process as it can be shown, where its value is a list of URLs.
    pub(crate) fn shown_urls(&self, key: &str) -> Option<String> {
        self.var(key).map(|value| Secrets::Urls.hide(value))
    }

    /// Returns the program of a command, without its arguments.
    pub(crate) fn shown_command(command: &str) -> String {
        Secrets::Commands.hide(command)
    }

    /// Returns the names of all variables of the process, were they empty.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.layers.process.keys().map(String::as_str)
    }

    /// Returns the variables that look like settings of Go and are none, with the one that may have been meant.
    pub(crate) fn unknown_settings(&self) -> Vec<(String, Option<&'static str>)> {
        let own =
            |name: &&str| name.starts_with("GO") && !name.starts_with("GOSUM_") && !OF_GO.contains(name);
        let unknown = self.names().filter(own).filter_map(|name| {
            // other programs have variables that begin so, too
            Some((name.to_owned(), Some(meant(name, &OF_GO)?)))
        });
        unknown.collect()
    }
}

/// Returns whether Go reads the setting `name` from its files.
pub(crate) fn is_of_files(name: &str) -> bool {
    OF_FILES.contains(&name)
}

/// Returns the setting that may have been meant by `name`, which is none that Go reads from its files.
pub(crate) fn meant_in_file(name: &str) -> Option<&'static str> {
    meant(name, &OF_FILES)
}

fn meant(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let never = NEVER.iter().find(|(never, _)| *never == name).map(|(_, meant)| *meant);
    never.or_else(|| nearest(name, known))
}

/// Returns GOFLAGS with `...` for the values of flags that may hold commands, or words of the programs that are built.
fn without_values(flags: &str) -> String {
    let Ok(words) = quoted::split(flags) else { return flags.to_owned() };
    let shown = words.into_iter().map(|word| {
        let (flag, value) = word.split_once('=').map_or((word, None), |(flag, value)| (flag, Some(value)));
        match value {
            Some(_) if !PLAIN_FLAGS.contains(&flag.trim_start_matches('-')) => format!("{flag}=..."),
            _ if word.contains(char::is_whitespace) => format!("'{word}'"),
            _ => word.to_owned(),
        }
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(vars: &[(&str, &str)]) -> Env {
        Env::read(vars.iter().map(|(key, value)| (key.into(), value.into())).collect()).unwrap()
    }

    #[test]
    fn names_that_are_no_settings_are_told_from_those_of_others() {
        let env = env(&[
            ("GONOSUMCHECK", "1"),
            ("GOPROXIES", "x"),
            ("GOPROXY", "direct"),
            ("GOOGLE_APPLICATION_CREDENTIALS", "x"),
            ("GOSUM_CACHE", "/x"),
            ("GOMAXPROCS", "2"),
        ]);
        let expected = [("GONOSUMCHECK", Some("GONOSUMDB")), ("GOPROXIES", Some("GOPROXY"))];
        assert_eq!(env.unknown_settings(), expected.map(|(name, meant)| (name.to_owned(), meant)));
    }

    #[test]
    fn flags_are_shown_without_values_that_may_be_secrets() {
        assert_eq!(
            without_values("-mod=mod '-tags=a b' '-ldflags=-X main.key=s3cret' -toolexec=/x -trimpath"),
            "-mod=mod '-tags=a b' -ldflags=... -toolexec=... -trimpath"
        );
        assert_eq!(without_values(""), "");
    }
}

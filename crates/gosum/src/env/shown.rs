//! The settings in force, as they can be shown: with where each comes from, and without passwords.

use std::path::{Path, PathBuf};

use anyhow::bail;
use gosum_audit::source::sumdb;
use gosum_fetch::SafeUrl;
use gosum_fetch::client::{self, Client, Proxies};
use gosum_mod::setting::gosumdb::SumDb;
use gosum_mod::setting::layers::Layer;
use gosum_mod::setting::quoted;

use super::{DEFAULT_GOPROXY, DEFAULT_GOTOOLCHAIN, Env, KNOWN_GOSUMDB};

/// A setting in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    /// Its value, without what may be a password.
    pub(crate) value: String,
    pub(crate) origin: Origin,
    /// The other variable that the value was read from.
    pub(crate) variable: Option<&'static str>,
    /// The file that sets it to nothing, so that the default is in force.
    pub(crate) emptied: Option<PathBuf>,
    /// What is wrong with it.
    pub(crate) error: Option<String>,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Environment,
    /// The file that `go env -w` writes.
    UserFile(PathBuf),
    /// The go.env of an installed toolchain.
    Toolchain(PathBuf),
    Default,
}

impl Origin {
    /// Returns the file that has the value, if one does.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Origin::UserFile(file) | Origin::Toolchain(file) => Some(file),
            Origin::Environment | Origin::Default => None,
        }
    }
}

/// How the value of a setting is shown.
#[derive(Clone, Copy)]
pub(super) enum Secrets {
    /// As it is: a path or a list of names.
    None,
    /// URLs, also such that have no scheme.
    Urls,
    /// Words that may be URLs with a scheme.
    Words,
    /// Commands, whose arguments may be anything.
    Commands,
}

impl Env {
    /// Returns all settings that are read, in the order of their names.
    pub(crate) fn settings(&self) -> Vec<Setting> {
        let path = |path: Option<PathBuf>| path.map(|path| path.display().to_string()).unwrap_or_default();
        let goenv = match self.var("GOENV") {
            Some("off") => "off".to_owned(),
            _ => path(self.file(Layer::User).map(Path::to_owned)),
        };
        let netrc =
            self.home().map(|home| Path::new(home).join(if cfg!(windows) { "_netrc" } else { ".netrc" }));
        let gopath = match self.gopath() {
            Ok(gopath) => path(gopath.first().map(Path::to_owned)),
            Err(_) => String::new(),
        };
        let gomodcache = path(self.gomodcache().ok().flatten());
        vec![
            self.of_go("GOAUTH", "netrc", Secrets::Commands).checked(self, self.goauth()),
            self.of_process("GOENV", None, &goenv, Secrets::None),
            self.of_go("GOFLAGS", "", Secrets::Words).checked(self, self.goflags()),
            self.of_go("GOINSECURE", "", Secrets::Words),
            self.of_go("GOMODCACHE", &gomodcache, Secrets::None).checked(self, self.gomodcache()),
            self.of_list("GONOPROXY"),
            self.of_list("GONOSUMDB"),
            self.of_go("GOPATH", &gopath, Secrets::None).checked(self, self.gopath()),
            self.of_go("GOPRIVATE", "", Secrets::Words),
            self.of_go("GOPROXY", self.absent("GOPROXY", DEFAULT_GOPROXY), Secrets::Urls)
                .checked(self, self.check_goproxy()),
            self.of_go("GOSUMDB", self.absent("GOSUMDB", KNOWN_GOSUMDB.name), Secrets::Urls)
                .checked(self, self.check_gosumdb()),
            self.of_process("GOSUM_CACHE", None, &path(self.cache_dir()), Secrets::None),
            self.of_go("GOTOOLCHAIN", self.absent("GOTOOLCHAIN", DEFAULT_GOTOOLCHAIN), Secrets::None)
                .checked(self, self.gotoolchain()),
            self.of_go("GOVCS", "", Secrets::Words).checked(self, self.vcs_rules()),
            self.of_go("GOWORK", "", Secrets::None).checked(self, self.gowork()),
            self.https_proxy(),
            self.http_proxy(),
            self.of_process("NETRC", None, &path(netrc), Secrets::None),
            self.of_process("NO_PROXY", Some("no_proxy"), "", Secrets::Words),
            self.of_process("SSL_CERT_DIR", None, "", Secrets::None),
            self.of_process("SSL_CERT_FILE", None, "", Secrets::None),
        ]
    }

    /// Returns `default` if nobody has the setting `key`: a file that sets it to nothing hides Go's own file.
    fn absent<'a>(&self, key: &str, default: &'a str) -> &'a str {
        if self.go(key).is_some() { "" } else { default }
    }

    /// Returns a setting that files may have, too.
    pub(super) fn of_go(&self, name: &'static str, default: &str, secrets: Secrets) -> Setting {
        let (value, layer) = match self.layers.find(name) {
            None => return Setting::new(name, secrets.hide(default), Origin::Default),
            Some(found) => found,
        };
        let file = self.file(layer).map(Path::to_owned).unwrap_or_default();
        if value.is_empty() {
            let setting = Setting::new(name, secrets.hide(default), Origin::Default);
            return Setting { emptied: Some(file), ..setting };
        }
        let origin = match layer {
            Layer::Process => Origin::Environment,
            Layer::User => Origin::UserFile(file),
            Layer::Toolchain => Origin::Toolchain(file),
        };
        Setting::new(name, secrets.hide(value), origin)
    }

    /// Returns a list of names whose default is GOPRIVATE.
    fn of_list(&self, name: &'static str) -> Setting {
        let own = self.of_go(name, "", Secrets::Words);
        let private = self.of_go("GOPRIVATE", "", Secrets::Words);
        if own.origin != Origin::Default || private.value.is_empty() {
            return own;
        }
        Setting { name, variable: Some("GOPRIVATE"), emptied: own.emptied, ..private }
    }

    /// Returns a setting that the environment alone has, perhaps in small letters.
    fn of_process(
        &self,
        name: &'static str,
        small: Option<&'static str>,
        default: &str,
        secrets: Secrets,
    ) -> Setting {
        let small = small.filter(|_| self.var(name).is_none());
        match self.var(small.unwrap_or(name)) {
            Some(value) if name != "GOENV" => {
                let setting = Setting::new(name, secrets.hide(value), Origin::Environment);
                Setting { variable: small, ..setting }
            }
            Some(_) => Setting::new(name, default.to_owned(), Origin::Environment),
            None => Setting::new(name, default.to_owned(), Origin::Default),
        }
    }

    fn http_proxy(&self) -> Setting {
        // where it may be a header of somebody's request, it is not read
        if self.var("REQUEST_METHOD").is_some() {
            return Setting::new("HTTP_PROXY", String::new(), Origin::Default);
        }
        let proxy = |http: &str| Proxies { http: Some(http.to_owned()), ..Proxies::default() };
        self.of_process("HTTP_PROXY", Some("http_proxy"), "", Secrets::Urls)
            .checked(self, self.check_proxy(["HTTP_PROXY", "http_proxy"], proxy))
    }

    fn https_proxy(&self) -> Setting {
        let proxy = |https: &str| Proxies { https: Some(https.to_owned()), ..Proxies::default() };
        self.of_process("HTTPS_PROXY", Some("https_proxy"), "", Secrets::Urls)
            .checked(self, self.check_proxy(["HTTPS_PROXY", "https_proxy"], proxy))
    }

    fn check_proxy(&self, names: [&str; 2], proxies: impl Fn(&str) -> Proxies) -> anyhow::Result<()> {
        let Some(value) = names.iter().find_map(|name| self.var(name)) else { return Ok(()) };
        if value.contains(char::is_whitespace) {
            bail!("is no URL");
        }
        Client::new(client::Options { proxies: proxies(value), ..client::Options::default() })?;
        Ok(())
    }

    fn check_goproxy(&self) -> anyhow::Result<()> {
        for proxy in self.goproxy()?.proxies {
            SafeUrl::parse(&proxy.url)?;
        }
        Ok(())
    }

    fn check_gosumdb(&self) -> anyhow::Result<()> {
        if let SumDb::On(database) = self.sumdb()? {
            sumdb::check(&database)?;
        }
        Ok(())
    }
}

impl Setting {
    fn new(name: &'static str, value: String, origin: Origin) -> Setting {
        Setting { name, value, origin, variable: None, emptied: None, error: None }
    }

    /// Returns the setting with what is wrong with it, when that is an error.
    fn checked<T>(self, env: &Env, result: anyhow::Result<T>) -> Setting {
        let error = result.err().map(|error| {
            let error = format!("{error:#}");
            // the name is shown beside it
            let said = error.strip_prefix(&format!("{}: ", env.named(self.name)));
            Secrets::Words.hide(said.unwrap_or(&error))
        });
        Setting { error, ..self }
    }
}

impl Secrets {
    /// Returns `value` without what may be a password. Rather too much is left out than too little.
    pub(super) fn hide(self, value: &str) -> String {
        match self {
            Secrets::None => value.to_owned(),
            Secrets::Urls => without_users(value, true),
            Secrets::Words => without_users(value, false),
            Secrets::Commands => value.split(';').map(without_arguments).collect::<Vec<_>>().join("; "),
        }
    }
}

/// Returns `list` with `...` for what stands between the `://` of a URL and the last `@` before the next one: a password
/// may hold anything, also what ends a host or an entry. With `bare`, the first URL may lack its scheme.
fn without_users(list: &str, bare: bool) -> String {
    let hidden = list.split("://").enumerate().map(|(number, part)| match part.rsplit_once('@') {
        Some((_, host)) if bare || number > 0 => format!("...@{host}"),
        _ => part.to_owned(),
    });
    hidden.collect::<Vec<_>>().join("://")
}

/// Returns the program of a command, and `...` for its arguments.
fn without_arguments(command: &str) -> String {
    match quoted::split(command).as_deref() {
        Ok([]) => String::new(),
        Ok([program]) => (*program).to_owned(),
        Ok([program, ..]) => format!("{program} ..."),
        Err(_) => "...".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_hidden_wherever_they_end() {
        for (secrets, value, shown) in [
            (Secrets::Urls, "https://a.example,direct", "https://a.example,direct"),
            (
                Secrets::Urls,
                "https://u:p@a.example|https://u:p@b.example/x",
                "https://...@a.example|https://...@b.example/x",
            ),
            (Secrets::Urls, "https://u:p/?,@x@a.example", "https://...@a.example"),
            (Secrets::Urls, "u:p@a.example,direct", "...@a.example,direct"),
            (
                Secrets::Urls,
                "sum.example+1+K https://token@b.example",
                "sum.example+1+K https://...@b.example",
            ),
            (Secrets::Words, "-x -ldflags=-X=a@b", "-x -ldflags=-X=a@b"),
            (Secrets::Words, "-ldflags=-X=a=https://u:p@b", "-ldflags=-X=a=https://...@b"),
            (Secrets::Commands, "netrc;git /home/me; 'my prog' --token=x;", "netrc; git ...; my prog ...; "),
            (Secrets::Commands, "prog 'token", "..."),
            (Secrets::None, "/home/a@b/go", "/home/a@b/go"),
        ] {
            assert_eq!(secrets.hide(value), shown);
        }
    }
}

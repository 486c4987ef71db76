//! GOTOOLCHAIN: which toolchain the go command runs in a folder, and may download for that (spec 01 §8).

use crate::file::go_version;
use crate::name::id::{ModuleVersion, ModuleVersionError};

/// The first Go version that chooses toolchains. Whoever chooses has this one at least.
const FIRST: &str = "1.21.0";

/// The value of GOTOOLCHAIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoToolchain {
    /// The toolchain that is used at least; none for the one that is installed.
    least: Option<Name>,
    beyond: Beyond,
}

/// Where a newer toolchain may come from, which a go.mod asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beyond {
    Nowhere,
    Path,
    Download,
}

/// The name of a toolchain, such as `go1.22.1`, perhaps with a suffix that somebody has added.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Name(String);

/// Which toolchain is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected {
    /// The one of this name, and what asks for it.
    Download(String, Because),
    /// One that is installed: whatever chooses toolchains is new enough.
    Installed,
    /// None but an installed one may be run, whatever a go.mod asks for.
    InstalledOnly,
}

/// What asks for a toolchain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// The go statement.
    Go,
    /// The toolchain statement.
    Toolchain,
    /// The setting itself.
    Setting,
}

/// Why no toolchain can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GoToolchainError {
    /// It names no toolchain.
    #[error("{0:?} names no toolchain")]
    Name(String),
    /// It ends in something else than a place where toolchains are.
    #[error("{0:?}: `+auto` or `+path` may stand after the name, and nothing else")]
    Suffix(String),
}

impl GoToolchain {
    /// Returns what `value` says.
    ///
    /// # Errors
    /// When it has no form that Go knows.
    pub fn parse(value: &str) -> Result<GoToolchain, GoToolchainError> {
        let (least, beyond) = match value.split_once('+') {
            _ if value == "auto" => (None, Beyond::Download),
            _ if value == "path" => (None, Beyond::Path),
            None => (Some(value), Beyond::Nowhere),
            Some((least, "auto")) => (Some(least), Beyond::Download),
            Some((least, "path")) => (Some(least), Beyond::Path),
            Some(_) => return Err(GoToolchainError::Suffix(value.to_owned())),
        };
        let least = least.filter(|least| *least != "local").map(Name::parse).transpose()?;
        Ok(GoToolchain { least, beyond })
    }

    /// Returns which toolchain is run where the go.mod or go.work has these `go` and `toolchain` statements, whoever runs it.
    ///
    /// # Errors
    /// When the toolchain statement names none.
    pub fn select(&self, go: Option<&str>, toolchain: Option<&str>) -> Result<Selected, GoToolchainError> {
        let mut selected = self.least.clone().map(|name| (name, Because::Setting));
        if self.beyond != Beyond::Nowhere && toolchain != Some("default") {
            let is_newer = |go: &str, selected: &Option<(Name, Because)>| {
                let least = selected.as_ref().map_or(FIRST, |(name, _)| name.go());
                go_version::compare(go, least).is_gt()
            };
            if let Some(toolchain) = toolchain {
                let name = Name::parse(toolchain)?;
                if is_newer(name.go(), &selected) {
                    selected = Some((name, Because::Toolchain));
                }
            }
            if let Some(go) = go.filter(|go| is_newer(go, &selected)) {
                // the first release of a language has a patch number, since there is a choice
                let patch = if go_version::is_language(go) { ".0" } else { "" };
                selected = Some((Name(format!("go{go}{patch}")), Because::Go));
            }
        }
        Ok(match (selected, self.beyond) {
            (_, Beyond::Path) => Selected::InstalledOnly,
            (Some((Name(name), because)), _) => Selected::Download(name, because),
            (None, Beyond::Download) => Selected::Installed,
            (None, _) => Selected::InstalledOnly,
        })
    }
}

impl Name {
    fn parse(text: &str) -> Result<Name, GoToolchainError> {
        let name = Name(text.to_owned());
        let is_one = text.starts_with("go") && !text.contains(['/', '\\']) && go_version::is_valid(name.go());
        if is_one { Ok(name) } else { Err(GoToolchainError::Name(text.to_owned())) }
    }

    /// Returns the Go version of the toolchain.
    fn go(&self) -> &str {
        let go = self.0.strip_prefix("go").unwrap_or(&self.0);
        go.split([' ', '\t', '-']).next().unwrap_or(go)
    }
}

/// Returns the module version that the toolchain `name` is for `platform`, such as `linux-amd64`.
///
/// # Errors
/// When there is no such version.
pub fn module(name: &str, platform: &str) -> Result<ModuleVersion, ModuleVersionError> {
    ModuleVersion::parse(&format!("{}@v0.0.1-{name}.{platform}", super::private::TOOLCHAIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(setting: &str, go: &str, toolchain: &str) -> String {
        let (go, toolchain) =
            (Some(go).filter(|go| !go.is_empty()), Some(toolchain).filter(|name| !name.is_empty()));
        match GoToolchain::parse(setting).and_then(|parsed| parsed.select(go, toolchain)) {
            Ok(Selected::Download(name, because)) => format!("{name} {because:?}"),
            Ok(other) => format!("{other:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_statements_select_where_the_setting_lets_them() {
        for (setting, go, toolchain, selected) in [
            ("auto", "1.22.1", "", "go1.22.1 Go"),
            ("auto", "1.22", "", "go1.22.0 Go"),
            ("auto", "1.22rc1", "", "go1.22rc1 Go"),
            ("auto", "1.22", "go1.23.4", "go1.23.4 Toolchain"),
            ("auto", "1.24.1", "go1.23.4", "go1.24.1 Go"),
            ("auto", "1.23.4", "go1.23.4", "go1.23.4 Toolchain"),
            ("auto", "1.22", "go1.23.4-bigcorp", "go1.23.4-bigcorp Toolchain"),
            ("auto", "1.22", "default", "Installed"),
            ("auto", "1.21", "", "Installed"),
            ("auto", "1.16", "", "Installed"),
            ("auto", "", "", "Installed"),
            ("auto", "1.22 x", "", "Installed"),
            ("local+auto", "1.22.1", "", "go1.22.1 Go"),
            ("go1.23.0+auto", "1.22.1", "", "go1.23.0 Setting"),
            ("go1.23.0+auto", "1.24", "", "go1.24.0 Go"),
            ("go1.23.0+auto", "1.24", "default", "go1.23.0 Setting"),
            ("go1.23.0", "1.24", "go1.25.0", "go1.23.0 Setting"),
            ("go1.20", "1.24", "", "go1.20 Setting"),
            ("local", "1.24", "go1.25.0", "InstalledOnly"),
            ("path", "1.24", "", "InstalledOnly"),
            ("go1.23.0+path", "1.24", "", "InstalledOnly"),
            ("auto", "1.22", "go1.23.4/../x", "\"go1.23.4/../x\" names no toolchain"),
            ("bash", "1.22", "", "\"bash\" names no toolchain"),
            ("+auto", "1.22", "", "\"\" names no toolchain"),
            (
                "auto+go1.22",
                "",
                "",
                "\"auto+go1.22\": `+auto` or `+path` may stand after the name, and nothing else",
            ),
        ] {
            assert_eq!(select(setting, go, toolchain), selected, "{setting} {go} {toolchain}");
        }
    }

    #[test]
    fn a_toolchain_is_a_version_of_a_module() {
        let shown = |name: &str| module(name, "linux-amd64").map(|module| module.to_string());
        assert_eq!(shown("go1.22.1").unwrap(), "golang.org/toolchain@v0.0.1-go1.22.1.linux-amd64");
        assert!(shown("go1.22.1 x").is_err());
    }
}

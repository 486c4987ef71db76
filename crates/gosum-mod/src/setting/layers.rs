//! Where a setting comes from: the process's environment, the file that `go env -w` writes, the go.env of an installed
//! toolchain, or nowhere (spec 04 §5).

use std::collections::BTreeMap;

/// Settings, from each place that has some.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layers {
    /// The process's environment.
    pub process: BTreeMap<String, String>,
    /// The file that `go env -w` writes.
    pub user: BTreeMap<String, String>,
    /// The go.env of an installed toolchain.
    pub toolchain: BTreeMap<String, String>,
}

/// A place that has settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// The process's environment.
    Process,
    /// The file that `go env -w` writes.
    User,
    /// The go.env of an installed toolchain.
    Toolchain,
}

impl Layers {
    /// Returns the variable `key` of the process; none when it is empty, which to Go is as good as unset.
    pub fn var(&self, key: &str) -> Option<&str> {
        self.process.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Returns the value of the setting `key`, and who has it; none if nobody does.
    ///
    /// An empty value of a file is returned, too: it hides what follows, and stands for Go's own default, which is not
    /// what an installed toolchain says.
    pub fn find(&self, key: &str) -> Option<(&str, Layer)> {
        let user = || self.user.get(key).map(|value| (value.as_str(), Layer::User));
        let toolchain = || self.toolchain.get(key).map(|value| (value.as_str(), Layer::Toolchain));
        self.var(key).map(|value| (value, Layer::Process)).or_else(user).or_else(toolchain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_value_hides_what_follows_in_a_file_alone() {
        let map = |value: Option<&str>| {
            value.map(|value| ("KEY".to_owned(), value.to_owned())).into_iter().collect()
        };
        for (process, user, toolchain, found) in [
            (Some("p"), Some("u"), Some("t"), Some(("p", Layer::Process))),
            (Some(""), Some("u"), Some("t"), Some(("u", Layer::User))),
            (None, Some(""), Some("t"), Some(("", Layer::User))),
            (Some(""), None, Some("t"), Some(("t", Layer::Toolchain))),
            (None, None, Some(""), Some(("", Layer::Toolchain))),
            (Some(""), None, None, None),
        ] {
            let layers = Layers { process: map(process), user: map(user), toolchain: map(toolchain) };
            assert_eq!(layers.find("KEY"), found, "{process:?} {user:?} {toolchain:?}");
        }
    }
}

//! GOFLAGS: flags that the go command takes as if they were on its command line.

use super::quoted::{self, OpenQuote};

/// The flags of GOFLAGS. Of those that may be there twice, the last one counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GoFlags {
    /// `-mod=`: where a build takes modules from, and whether it may change go.mod.
    pub mode: Option<ModMode>,
    /// `-modfile=`: the file in the place of go.mod.
    pub modfile: Option<String>,
    /// All others, known to Go or not, as they were written.
    pub others: Vec<String>,
}

/// The value of `-mod=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModMode {
    /// go.mod must not need a change.
    Readonly,
    /// go.mod may be changed.
    Mod,
    /// Modules are those in the folder `vendor`.
    Vendor,
}

/// What is wrong with a value of GOFLAGS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GoFlagsError {
    /// A quote that does not end.
    #[error(transparent)]
    Quote(#[from] OpenQuote),
    /// A word that is no flag.
    #[error("{0:?} is no flag: it must begin with `-`, and its value with `=`")]
    NotAFlag(String),
    /// `-mod` or `-modfile` without a value.
    #[error("-{0} needs a value, as in -{0}=VALUE")]
    NoValue(String),
    /// `-mod` with a value that it cannot have.
    #[error("-mod may be readonly, mod or vendor, and not {0:?}")]
    Mode(String),
}

impl GoFlags {
    /// Returns the flags that `value` spells. Those that Go does not know are kept: which it knows differs from version
    /// to version.
    ///
    /// # Errors
    /// When a word is no flag, or `-mod` or `-modfile` has no value that it can have.
    pub fn parse(value: &str) -> Result<GoFlags, GoFlagsError> {
        let mut flags = GoFlags::default();
        for word in quoted::split(value)? {
            let body = word.strip_prefix("--").or_else(|| word.strip_prefix('-'));
            let is_flag = |body: &&str| !body.is_empty() && !body.starts_with(['-', '=']);
            let body = body.filter(is_flag).ok_or_else(|| GoFlagsError::NotAFlag(word.to_owned()))?;
            let (name, value) =
                body.split_once('=').map_or((body, None), |(name, value)| (name, Some(value)));
            let value = || value.ok_or_else(|| GoFlagsError::NoValue(name.to_owned()));
            match name {
                "mod" => flags.mode = mode(value()?)?,
                "modfile" => flags.modfile = Some(value()?.to_owned()).filter(|file| !file.is_empty()),
                _ => flags.others.push(word.to_owned()),
            }
        }
        Ok(flags)
    }
}

fn mode(value: &str) -> Result<Option<ModMode>, GoFlagsError> {
    Ok(Some(match value {
        "" => return Ok(None),
        "readonly" => ModMode::Readonly,
        "mod" => ModMode::Mod,
        "vendor" => ModMode::Vendor,
        _ => return Err(GoFlagsError::Mode(value.to_owned())),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_flag_counts_and_unknown_ones_are_kept() {
        let flags =
            GoFlags::parse("-mod=mod --mod=vendor '-modfile=a b.mod' -x --tags=a,b -nobody-knows").unwrap();
        let others = ["-x", "--tags=a,b", "-nobody-knows"].map(str::to_owned).to_vec();
        assert_eq!(flags, GoFlags { mode: Some(ModMode::Vendor), modfile: Some("a b.mod".into()), others });
        assert_eq!(GoFlags::parse(" -mod=readonly -mod= -modfile=").unwrap(), GoFlags::default());
    }

    #[test]
    fn refuses_what_go_refuses() {
        for (value, words) in [
            ("nonflag", "\"nonflag\" is no flag"),
            ("-", "\"-\" is no flag"),
            ("--", "\"--\" is no flag"),
            ("---x", "is no flag"),
            ("-=x", "is no flag"),
            ("''", "is no flag"),
            ("\"-x", "the quote \" does not end"),
            ("-mod", "-mod needs a value"),
            ("-modfile -x", "-modfile needs a value"),
            ("-mod=none", "not \"none\""),
        ] {
            let error = GoFlags::parse(value).unwrap_err().to_string();
            assert!(error.contains(words), "{value:?}: {error}");
        }
    }
}

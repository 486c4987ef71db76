//! Which version control systems may be used for which repositories: GOVCS (spec 05 §7).

use crate::name::pattern::Patterns;

/// Which version control systems may be used for which repositories.
#[derive(Debug, Clone)]
pub struct VcsRules {
    /// The user's rules, then Go's own; the first whose pattern matches decides.
    rules: Vec<Rule>,
    private: Patterns,
}

#[derive(Debug, Clone)]
struct Rule {
    whom: Whom,
    /// Names of systems, or `all`.
    allowed: Vec<String>,
}

#[derive(Debug, Clone)]
enum Whom {
    Private,
    Public,
    Matching(Patterns),
}

/// What is wrong with a value of GOVCS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GovcsError {
    /// Nothing between two commas.
    #[error("an empty entry")]
    EmptyEntry,
    /// An entry without a colon.
    #[error("the entry {0:?} has no colon")]
    NoColon(String),
    /// Nothing before the colon.
    #[error("the entry {0:?} has no pattern")]
    NoPattern(String),
    /// Nothing behind the colon, or between two bars.
    #[error("the entry {0:?} has an empty list, or an empty name in it")]
    EmptyName(String),
    /// A pattern that begins with `./` or `../`.
    #[error("the pattern {0:?} is relative")]
    Relative(String),
    /// A pattern that is there already.
    #[error("the entry {0:?} is never reached: its pattern was there before")]
    Unreachable(String),
}

impl VcsRules {
    /// Returns the rules of a value of GOVCS, empty for Go's own alone: everything for repositories that GOPRIVATE's
    /// patterns `private` match, git and hg for all others.
    ///
    /// # Errors
    /// When the value is malformed.
    pub fn parse(govcs: &str, private: &str) -> Result<VcsRules, GovcsError> {
        let mut rules = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        let govcs = govcs.trim();
        for entry in govcs.split(',').filter(|_| !govcs.is_empty()).map(str::trim) {
            if entry.is_empty() {
                return Err(GovcsError::EmptyEntry);
            }
            let (pattern, list) = entry.split_once(':').ok_or_else(|| GovcsError::NoColon(entry.into()))?;
            let pattern = pattern.trim();
            let allowed: Vec<String> = list.split('|').map(|name| name.trim().to_owned()).collect();
            if pattern.is_empty() {
                return Err(GovcsError::NoPattern(entry.into()));
            }
            if allowed.iter().any(String::is_empty) {
                return Err(GovcsError::EmptyName(entry.into()));
            }
            if matches!(pattern, "." | "..") || pattern.starts_with("./") || pattern.starts_with("../") {
                return Err(GovcsError::Relative(pattern.into()));
            }
            if seen.contains(&pattern) {
                return Err(GovcsError::Unreachable(entry.into()));
            }
            seen.push(pattern);
            let whom = match pattern {
                "private" => Whom::Private,
                "public" => Whom::Public,
                pattern => Whom::Matching(Patterns::parse(pattern)),
            };
            rules.push(Rule { whom, allowed });
        }
        rules.push(Rule { whom: Whom::Private, allowed: vec!["all".into()] });
        rules.push(Rule { whom: Whom::Public, allowed: vec!["git".into(), "hg".into()] });
        Ok(VcsRules { rules, private: Patterns::parse(private) })
    }

    /// Returns whether the repository whose modules are below the path `root` is private.
    pub fn is_private(&self, root: &str) -> bool {
        self.private.matches(root)
    }

    /// Returns whether the system `vcs`, such as `git`, may be used for the repository whose modules are below the path
    /// `root`.
    pub fn allow(&self, root: &str, vcs: &str) -> bool {
        let is_private = self.is_private(root);
        let matches = |rule: &&Rule| match &rule.whom {
            Whom::Private => is_private,
            Whom::Public => !is_private,
            Whom::Matching(patterns) => patterns.matches(root),
        };
        let rule = self.rules.iter().find(matches);
        rule.is_some_and(|rule| rule.allowed.iter().any(|name| name == vcs || name == "all"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_matches_decides_and_gos_own_come_last() {
        let private = "git.example/team";
        for (govcs, root, vcs, allowed) in [
            ("", "github.com/a/b", "git", true),
            ("", "github.com/a/b", "hg", true),
            ("", "github.com/a/b", "svn", false),
            ("", "git.example/team/a", "svn", true),
            ("public:off", "github.com/a/b", "git", false),
            ("public:off", "git.example/team/a", "git", true),
            ("github.com:git,*:off", "github.com/a/b", "git", true),
            ("github.com:git,*:off", "github.com/a/b", "hg", false),
            ("github.com:git,*:off", "git.example/team/a", "git", false),
            (" git.example/*/a : hg | svn ", "git.example/team/a", "svn", true),
            ("git.example/*/a:hg|svn", "git.example/team/a", "git", false),
            ("private:git,public:all", "other.example/a", "bzr", true),
            ("*:all", "other.example/a", "fossil", true),
        ] {
            let rules = VcsRules::parse(govcs, private).unwrap();
            assert_eq!(rules.allow(root, vcs), allowed, "{govcs:?} {root} {vcs}");
        }
    }

    #[test]
    fn malformed_values_are_told() {
        for (govcs, words) in [
            ("a:git,", "an empty entry"),
            (",a:git", "an empty entry"),
            ("git", "has no colon"),
            (":git", "has no pattern"),
            ("a:", "has an empty list"),
            ("a:git||hg", "has an empty list, or an empty name"),
            ("./a:git", "is relative"),
            ("..:git", "is relative"),
            ("a:git,a:hg", "is never reached"),
            ("public:git,public:hg", "is never reached"),
        ] {
            let error = VcsRules::parse(govcs, "").unwrap_err().to_string();
            assert!(error.contains(words), "{govcs:?}: {error}");
        }
    }
}

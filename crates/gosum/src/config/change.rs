//! How two config files differ in what they mean.

use std::collections::{BTreeMap, BTreeSet};

use gosum_evidence::finding::Level;
use gosum_evidence::policy::{Allowance, Unverified};
use gosum_evidence::subject::Subject;

use super::Config;

impl Config {
    /// Returns the keys that mean something else than in `before`, in the order in which they are documented. The order of
    /// lists, comments, and reasons mean nothing.
    pub(crate) fn changed_since(&self, before: &Config) -> Vec<String> {
        let set = |list: &[String]| list.iter().cloned().collect::<BTreeSet<_>>();
        let sources = |config: &Config| config.require.clone().map(BTreeSet::from_iter);
        let hosts = |config: &Config| config.hosts.as_deref().map(set);
        let fail_on = |config: &Config| config.fail_on.unwrap_or(Level::Deny);
        let unverified = |config: &Config| config.unverified.unwrap_or(Unverified::Fail);
        let keys = [
            ("require", sources(self) != sources(before)),
            ("fail-on", fail_on(self) != fail_on(before)),
            ("unverified", unverified(self) != unverified(before)),
            ("private", set(&self.private) != set(&before.private)),
            ("only", set(&self.only) != set(&before.only)),
            ("skip", set(&self.skip) != set(&before.skip)),
            ("hosts", hosts(self) != hosts(before)),
        ];
        let keys = keys.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key.to_owned());
        let codes: BTreeSet<&str> = self.levels.keys().chain(before.levels.keys()).copied().collect();
        let rules = codes.into_iter().filter(|code| self.levels.get(code) != before.levels.get(code));
        let rules = rules.map(|code| format!("[rules] {code}"));
        keys.chain(rules).chain(self.changed_allowances(before)).collect()
    }

    fn changed_allowances(&self, before: &Config) -> Option<String> {
        let counts =
            [(self.allowed_beyond(before).len(), "added"), (before.allowed_beyond(self).len(), "removed")];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let counts: Vec<String> = counts.map(|(count, what)| format!("{count} {what}")).collect();
        (!counts.is_empty()).then(|| format!("[[allow]] ({})", counts.join(", ")))
    }

    /// Returns its allowances that `other` does not have too.
    pub(crate) fn allowed_beyond(&self, other: &Config) -> Vec<&Allowance> {
        let others = other.accepting();
        self.allowances.iter().filter(|allowance| !others.has(allowance)).collect()
    }

    /// Returns what it allows, to be asked for.
    pub(crate) fn accepting(&self) -> Accepting<'_> {
        let mut about: BTreeMap<&Subject, Vec<&Allowance>> = BTreeMap::new();
        for allowance in &self.allowances {
            about.entry(&allowance.subject).or_default().push(allowance);
        }
        Accepting(about)
    }
}

/// Allowances by the artifact that they are about. Of one artifact there are few, of all there may be tens of thousands.
pub(crate) struct Accepting<'c>(BTreeMap<&'c Subject, Vec<&'c Allowance>>);

impl Accepting<'_> {
    /// Returns whether `allowance` is among them, for whatever reason.
    pub(crate) fn has(&self, allowance: &Allowance) -> bool {
        let about = self.0.get(&allowance.subject).into_iter().flatten();
        about.into_iter().any(|own| (&own.what, own.until) == (&allowance.what, allowance.until))
    }
}

#[cfg(test)]
mod tests {
    use gosum_evidence::policy::Date;

    use super::*;

    fn changed(before: &str, now: &str) -> Vec<String> {
        let parse = |text| Config::parse(text, "gosum.toml", Date::parse("2026-11-26").unwrap()).unwrap();
        parse(now).changed_since(&parse(before))
    }

    const ALLOWANCE: &str = "[[allow]]\nmodule = \"example.com/a\"\nversion = \"v1.0.0\"\nartifact = \"zip\"\n\
        proxy = \"h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"\nreason = \"seen\"\nuntil = \"2027-01-01\"\n";

    #[test]
    fn every_key_that_means_something_else_is_named() {
        for (before, now, key) in [
            ("", "audit.require = []", "require"),
            ("audit.fail-on = 'warn'", "", "fail-on"),
            ("", "audit.unverified = 'warn'", "unverified"),
            ("", "audit.private = ['a']", "private"),
            ("audit.only = ['a']", "audit.only = ['b']", "only"),
            ("", "audit.skip = ['a']", "skip"),
            ("audit.hosts = []", "", "hosts"),
            ("", "rules.tag-moved = 'warn'", "[rules] tag-moved"),
            ("", ALLOWANCE, "[[allow]] (1 added)"),
            (ALLOWANCE, "", "[[allow]] (1 removed)"),
            (ALLOWANCE, &ALLOWANCE.replace("2027-01-01", "2027-01-02"), "[[allow]] (1 added, 1 removed)"),
            (ALLOWANCE, &ALLOWANCE.replace("\"zip\"", "\"go.mod\""), "[[allow]] (1 added, 1 removed)"),
            (ALLOWANCE, &ALLOWANCE.replace("47DE", "47DF"), "[[allow]] (1 added, 1 removed)"),
        ] {
            assert_eq!(changed(before, now), [key]);
        }
    }

    #[test]
    fn what_means_the_same_is_no_change() {
        for (before, now) in [
            ("", "# nothing\n[audit]\n[rules]\n"),
            ("audit.skip = ['a', 'b']", "audit.skip = ['b', 'a']"),
            ("", "audit.fail-on = 'deny'\naudit.unverified = 'fail'"),
            (ALLOWANCE, &ALLOWANCE.replace("seen", "looked at")),
            (ALLOWANCE, &format!("\n\n{ALLOWANCE}")),
        ] {
            assert_eq!(changed(before, now), Vec::<String>::new(), "{now}");
        }
    }
}

//! What one source says of one artifact.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, LazyLock};

use gosum_mod::hash::h1::H1;
use serde::{Serialize, Serializer};

/// The name of a source: its key in reports, tables and allowances.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SourceName(Cow<'static, str>);

impl SourceName {
    /// The go.sum that is audited.
    pub const GO_SUM: SourceName = SourceName(Cow::Borrowed("go.sum"));
    /// The module proxies of GOPROXY.
    pub const PROXY: SourceName = SourceName(Cow::Borrowed("proxy"));
    /// Version control.
    pub const DIRECT: SourceName = SourceName(Cow::Borrowed("direct"));
    /// The checksum database.
    pub const SUMDB: SourceName = SourceName(Cow::Borrowed("sumdb"));
    /// The module cache on this machine.
    pub const MODCACHE: SourceName = SourceName(Cow::Borrowed("modcache"));
    /// The vendor folder of the project.
    pub const VENDOR: SourceName = SourceName(Cow::Borrowed("vendor"));

    /// Returns the name of a further module proxy, which the caller has seen to be nobody else's.
    pub fn further(name: String) -> SourceName {
        SourceName(Cow::Owned(name))
    }

    /// Returns whether it asks module proxies.
    pub fn is_proxy(&self) -> bool {
        let others = [SourceName::DIRECT, SourceName::MODCACHE, SourceName::VENDOR];
        self.recomputes() && !others.contains(self)
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether the source recomputes hashes: go.sum and the checksum database only have them recorded.
    pub fn recomputes(&self) -> bool {
        *self != SourceName::GO_SUM && *self != SourceName::SUMDB
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Returns the names of sources as a sentence lists them.
pub fn list(sources: &[&SourceName]) -> String {
    let names: Vec<&str> = sources.iter().map(|source| source.as_str()).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A hash, as a source gives it or as go.sum records it. Two are the same only when their texts are,
/// byte for byte (spec 07 §10).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sum {
    /// A well-formed h1.
    H1(H1),
    /// What go.sum has in its place, such as `h1:` and no base64. It equals no computed hash.
    Text(Arc<str>),
}

impl Sum {
    /// Returns the hash that `text` records.
    pub fn parse(text: &str) -> Sum {
        H1::parse(text).map_or_else(|_| Sum::Text(text.into()), Sum::H1)
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sum::H1(h1) => h1.fmt(f),
            Sum::Text(text) => f.pad(text),
        }
    }
}

impl Serialize for Sum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What is wrong with bytes that hash all the same. A hash with a defect is shown and compared, but
/// verifies nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Defect {
    /// A complete zip that the go command would refuse to unpack (spec 02 §4).
    InvalidZip,
    /// The host hands the commit out by its id, but no branch and no tag leads to it: so it does with commits of forks.
    CommitNotInRepository,
    /// A go-import page names a module server in the place of a repository: it is version control's answer to the go
    /// command, and comes from no version control.
    ViaModuleServer,
    /// The source has a part of the files alone, and the hash is that of a copy of another source with this part in its place.
    /// One that differs is a difference of the part; one that agrees proves nothing of the rest.
    Partial,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Defect::InvalidZip => "invalid-zip",
            Defect::CommitNotInRepository => "commit-not-in-repository",
            Defect::ViaModuleServer => "via-module-server",
            Defect::Partial => "partial",
        })
    }
}

/// Why a source was not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotAsked {
    /// GOPRIVATE or GONOPROXY keeps the name from proxies.
    Private,
    /// The user's patterns leave the module out.
    NotSelected,
    /// The network is not to be used.
    Offline,
    /// GOPROXY names no proxy.
    NoProxy,
    /// A go.mod line, when only zips are asked for.
    ModOnly,
    /// GOSUMDB is `off`.
    GosumdbOff,
    /// The module graph that the source itself gives does not need it.
    NotNeeded,
    /// It is one of Go's own toolchains, which are built and in no repository.
    Toolchain,
    /// The vendor folder has none of it.
    NotVendored,
}

impl NotAsked {
    /// Returns whether the user left the line out, so that it counts for nothing.
    pub fn leaves_out(self) -> bool {
        matches!(self, NotAsked::NotSelected | NotAsked::ModOnly)
    }
}

impl fmt::Display for NotAsked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotAsked::Private => "private",
            NotAsked::NotSelected => "not-selected",
            NotAsked::Offline => "offline",
            NotAsked::NoProxy => "no-proxy",
            NotAsked::ModOnly => "mod-only",
            NotAsked::GosumdbOff => "gosumdb-off",
            NotAsked::NotNeeded => "not-needed",
            NotAsked::Toolchain => "toolchain",
            NotAsked::NotVendored => "not-vendored",
        })
    }
}

/// What a source answers. None but a hash is agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A hash, recomputed from bytes or recorded.
    Hash {
        /// The hash.
        h1: Sum,
        /// What is wrong with the bytes or where they are from, and what exactly, for people.
        defects: Vec<(Defect, Arc<str>)>,
    },
    /// A definite "I do not have it".
    Absent(Arc<str>),
    /// It could not be asked, or refused.
    Unavailable(Arc<str>),
    /// It answered, and must not be believed.
    Untrusted(Arc<str>),
    /// It does not apply here.
    NotAsked(NotAsked),
}

impl Answer {
    /// Returns the answer of a source that computed `h1` from sound bytes.
    pub fn hash(h1: H1) -> Answer {
        Answer::Hash { h1: Sum::H1(h1), defects: Vec::new() }
    }

    /// Returns the word for this kind of answer.
    pub fn word(&self) -> &'static str {
        match self {
            Answer::Hash { .. } => "hash",
            Answer::Absent(_) => "absent",
            Answer::Unavailable(_) => "unavailable",
            Answer::Untrusted(_) => "untrusted",
            Answer::NotAsked(_) => "not-asked",
        }
    }

    /// Returns why there is no hash; what is wrong with the bytes where there is one.
    pub fn reason(&self) -> Option<Cow<'_, str>> {
        match self {
            Answer::Hash { defects, .. } => match defects.as_slice() {
                [] => None,
                [(_, why)] => Some(Cow::Borrowed(why)),
                several => {
                    let whys: Vec<&str> = several.iter().map(|(_, why)| &**why).collect();
                    Some(Cow::Owned(whys.join("; ")))
                }
            },
            Answer::Absent(why) | Answer::Unavailable(why) | Answer::Untrusted(why) => {
                Some(Cow::Borrowed(why))
            }
            Answer::NotAsked(why) => Some(Cow::Owned(why.to_string())),
        }
    }

    /// Returns the hash, with a defect or without.
    pub fn sum(&self) -> Option<&Sum> {
        match self {
            Answer::Hash { h1, .. } => Some(h1),
            _ => None,
        }
    }

    /// Returns whether this is a hash with the defect `sought`.
    pub fn has_defect(&self, sought: Defect) -> bool {
        matches!(self, Answer::Hash { defects, .. } if defects.iter().any(|(defect, _)| *defect == sought))
    }

    /// Returns the answer with a further defect, when it is a hash.
    #[must_use]
    pub fn with_defect(mut self, defect: Defect, why: impl Into<Arc<str>>) -> Answer {
        if let Answer::Hash { defects, .. } = &mut self {
            defects.push((defect, why.into()));
        }
        self
    }

    /// Returns whether this is a hash that can verify something: one without a defect.
    pub fn votes(&self) -> bool {
        matches!(self, Answer::Hash { defects, .. } if defects.is_empty())
    }

    /// Returns whether this is all that its source can be asked for: a hash without a defect, but that it may be of a part.
    pub fn is_told(&self) -> bool {
        let is_fine = |(defect, _): &(Defect, Arc<str>)| *defect == Defect::Partial;
        matches!(self, Answer::Hash { defects, .. } if defects.iter().all(is_fine))
    }

    /// Returns the hash, unless it is that of a part, whose rest is another source's.
    pub fn own_sum(&self) -> Option<&Sum> {
        self.sum().filter(|_| !self.has_defect(Defect::Partial))
    }
}

/// Where an answer came from. What a source does not know of is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The URL that was really asked, without credentials.
    pub from: Option<Arc<str>>,
    /// The URL that was to be asked, when the user's settings put `from` in its place.
    pub asked_for: Option<Arc<str>>,
    /// The tag or branch, in full: `refs/tags/v1.2.3`.
    pub reference: Option<Arc<str>>,
    /// The commit.
    pub commit: Option<Arc<str>>,
    /// The module's folder in the repository; empty at its root.
    pub subdir: Option<Arc<str>>,
    /// What the commit says of itself.
    pub said: Option<Arc<CommitSaid>>,
    /// When the commit was made, as a source tells that need not name it, in RFC 3339 UTC.
    pub time: Option<Arc<str>>,
    /// Where the source names no commit: one of that time which the repository has, with this very content.
    pub content_of: Option<Arc<str>>,
    /// Where the tag led when our own store saw it first, if that was somewhere else.
    pub moved: Option<Arc<Moved>>,
}

/// That a tag led to another commit when our own store saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The commit to which it led.
    pub commit: Arc<str>,
    /// When it was seen to lead there first, in seconds since 1970, UTC.
    pub first: i64,
    /// When it was seen to lead there for the last time.
    pub last: i64,
    /// When it was first seen to lead where it leads now.
    pub since: i64,
    /// What the module zip of that commit hashed to, where the store knows.
    pub zip: Option<H1>,
}

/// What a commit, and the tag that leads to it, say of themselves. Nothing of it is proved: signatures are seen and not
/// checked, and anybody can write any time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitSaid {
    /// By what the commit was found: `tag`, or `pseudo-version`.
    pub resolved_by: &'static str,
    /// The annotated tag, if one leads to the commit.
    pub tag_object: Option<Arc<str>>,
    /// Which kind of signature the annotated tag has.
    pub tag_signature: Option<SignatureKind>,
    /// When the change was written, in RFC 3339 UTC; none where the commit does not tell.
    pub author_time: Option<String>,
    /// When it was committed, in RFC 3339 UTC.
    pub committer_time: String,
    /// Which kind of signature the commit has.
    pub commit_signature: SignatureKind,
}

/// Which kind of signature is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SignatureKind {
    /// None.
    None,
    /// OpenPGP.
    Openpgp,
    /// SSH.
    Ssh,
    /// X.509.
    X509,
    /// Something else in the place of a signature.
    Unknown,
}

impl fmt::Display for SignatureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SignatureKind::None => "not signed",
            SignatureKind::Openpgp => "OpenPGP signature",
            SignatureKind::Ssh => "SSH signature",
            SignatureKind::X509 => "X.509 signature",
            SignatureKind::Unknown => "signature of an unknown kind",
        })
    }
}

/// Why a source will not have an artifact tomorrow either, as far as that can be told. What passes, such as a timeout, is no
/// such reason. The names are the codes of pages, and what an allowance gives as `why`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Lasting {
    /// The repository is not there, or nothing names one.
    OriginGone,
    /// The repository is there, and has no such tag or commit, or no such module at it.
    TagGone,
    /// The module proxy says that it does not have it, or will not give it.
    ProxyRefuses,
    /// It takes another version control system than git.
    NeedsVcs,
    /// The checksum database says that it has no record.
    NotInDatabase,
}

impl Lasting {
    /// All of them.
    pub const ALL: [Lasting; 5] = [
        Lasting::OriginGone,
        Lasting::TagGone,
        Lasting::ProxyRefuses,
        Lasting::NeedsVcs,
        Lasting::NotInDatabase,
    ];

    /// Returns the code.
    pub fn code(self) -> &'static str {
        match self {
            Lasting::OriginGone => "origin-gone",
            Lasting::TagGone => "tag-gone",
            Lasting::ProxyRefuses => "proxy-refuses",
            Lasting::NeedsVcs => "needs-vcs",
            Lasting::NotInDatabase => "not-in-database",
        }
    }
}

impl fmt::Display for Lasting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// One source's answer on one artifact, with where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The answer.
    pub answer: Answer,
    /// Where it came from; shared by the answers on one module version.
    pub origin: Arc<Origin>,
    /// Why it is lastingly without a hash.
    pub lasting: Option<Lasting>,
    /// The h1 of the go.mod inside, where this is an answer on a zip that was hashed and has one. It is elsewhere in memory:
    /// most answers have none.
    pub go_mod_inside: Option<Box<H1>>,
    /// Whether nobody could be asked, which may be otherwise in a moment: a timeout, a broken connection, a server in trouble.
    pub is_passing: bool,
    /// When it was seen, where it was not asked for now, but kept by our own store.
    pub seen: Option<Box<Seen>>,
}

/// When an answer was seen that our own store kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// When, in seconds since 1970, UTC.
    pub time: i64,
    /// Why it stands here though it is too old to stand for what would be answered now; none where it is not.
    pub outdated: Option<Outdated>,
}

/// Why an answer counts that is older than the user has answers be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outdated {
    /// The network is not to be used.
    Offline,
    /// The source could not be asked, for this reason.
    Unreachable(Arc<str>),
}

impl fmt::Display for Outdated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outdated::Offline => f.write_str("offline"),
            Outdated::Unreachable(why) => f.write_str(why),
        }
    }
}

/// The origin of what came from nowhere. There are many such answers: they share it.
static NOWHERE: LazyLock<Arc<Origin>> = LazyLock::new(Arc::default);

impl From<Answer> for Evidence {
    fn from(answer: Answer) -> Evidence {
        Evidence::new(answer, NOWHERE.clone())
    }
}

impl Evidence {
    /// Returns `answer`, which came from `origin`.
    pub fn new(answer: Answer, origin: impl Into<Arc<Origin>>) -> Evidence {
        let origin = origin.into();
        Evidence { answer, origin, lasting: None, go_mod_inside: None, is_passing: false, seen: None }
    }

    /// Returns the evidence, lastingly without a hash for the reason `why` if there is one.
    #[must_use]
    pub fn lasting(mut self, why: Option<Lasting>) -> Evidence {
        self.lasting = why;
        self
    }

    /// Returns the evidence, on a zip the go.mod in which hashes to `h1` if it has one.
    #[must_use]
    pub fn with_go_mod_inside(mut self, h1: Option<H1>) -> Evidence {
        self.go_mod_inside = h1.map(Box::new);
        self
    }

    /// Returns the evidence, for a reason that may pass if `is_passing`.
    #[must_use]
    pub fn passing(mut self, is_passing: bool) -> Evidence {
        self.is_passing = is_passing;
        self
    }

    /// Returns the evidence, which our own store kept.
    #[must_use]
    pub fn seen(mut self, seen: Seen) -> Evidence {
        self.seen = Some(Box::new(seen));
        self
    }

    /// Returns when it was seen and why it still counts, where it is older than the user has answers be.
    pub fn outdated(&self) -> Option<(i64, &Outdated)> {
        let seen = self.seen.as_deref()?;
        seen.outdated.as_ref().map(|outdated| (seen.time, outdated))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_text_that_is_no_h1_keeps_its_text_and_equals_no_hash() {
        let text = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(Sum::parse(text), Sum::H1(H1::parse(text).unwrap()));
        for text in ["h1:", "h1:abc", "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"] {
            assert_eq!(Sum::parse(text), Sum::Text(text.into()));
            assert_eq!(Sum::parse(text).to_string(), text);
        }
    }

    #[test]
    fn a_hash_with_a_defect_does_not_vote() {
        let h1 = Sum::parse("h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        let sound = Answer::Hash { h1, defects: Vec::new() };
        assert!(sound.votes());
        let defective = sound.with_defect(Defect::InvalidZip, "two files differ in case");
        assert!(!defective.votes());
        assert_eq!(defective.reason().unwrap(), "two files differ in case");
        let both = defective.with_defect(Defect::ViaModuleServer, "https://mod.example");
        assert_eq!(both.reason().unwrap(), "two files differ in case; https://mod.example");
    }

    #[test]
    fn a_hash_of_a_part_is_told_and_no_vote() {
        let h1 = Sum::parse("h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        let sound = Answer::Hash { h1, defects: Vec::new() };
        assert!(sound.is_told() && sound.own_sum().is_some());
        let part = sound.with_defect(Defect::Partial, "1 of its 2 files");
        assert!(part.is_told() && !part.votes() && part.sum().is_some() && part.own_sum().is_none());
        assert!(!part.with_defect(Defect::InvalidZip, "two files differ in case").is_told());
    }
}

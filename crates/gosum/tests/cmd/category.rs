//! What our words for a refusal have to do with the sorts of Go's own.

/// The words of our refusal for each category of Go's: one of them must stand in the reason, with anything in the place of
/// `...`.
const CATEGORIES: &[(&str, &[&str])] = &[
    ("unknown-revision", &["no tag `", "no branch or tag reaches", "the repository is empty"]),
    ("not-a-tag", &["no tag `"]),
    ("no-version", &[]),
    ("no-repository", &["no such repository", "does not appear to be a git repository"]),
    ("tag-not-commit", &["neither a commit nor a tag of one"]),
    (
        "pseudo-base",
        &[
            "has the tag `",
            "from which the pseudo-version follows",
            "is no ancestor",
            "a pseudo-version without a tag before it is v0",
        ],
    ),
    ("pseudo-time", &["which the pseudo-version does not say"]),
    ("pseudo-rev", &["the revision of the pseudo-version should be"]),
    ("major-mismatch", &["of another major version", "needs its major version in the module path"]),
    ("incompatible", &["`+incompatible` is for major versions above 1"]),
    ("gomod-absent", &["no go.mod", "no .../go.mod"]),
    ("gomod-no-path", &["names no module path"]),
    ("gomod-twice", &["both name a module"]),
    ("gomod-case", &["go.mod...lower case"]),
    ("irregular", &["go.mod is a folder"]),
    ("case-collision", &["case"]),
    ("invalid-char", &["character"]),
    ("windows-name", &["Windows"]),
    ("utf8", &["UTF-8"]),
    ("trailing-dot", &["dot"]),
    // of real modules alone
    ("pseudo-invalid", &["not a pseudo-version"]),
    ("no-go-import", &["no go-import tag", "?go-get=1: status 404"]),
    ("malformed-path", &["not a module path of"]),
    ("needs-credentials", &["refused (status 401)", "refused (status 403)"]),
];

/// Returns whether `reason` is one of ours for a refusal of the sort `category`.
pub(crate) fn fits(category: &str, reason: &str) -> Result<bool, String> {
    let found = CATEGORIES.iter().find(|(name, _)| *name == category);
    let (_, words) = found.ok_or_else(|| format!("unknown category {category}"))?;
    let stands = |word: &&str| {
        let mut rest = Some(reason);
        for part in word.split("...") {
            rest = rest.and_then(|rest| rest.find(part).map(|at| &rest[at + part.len()..]));
        }
        rest.is_some()
    };
    Ok(words.iter().any(stands))
}

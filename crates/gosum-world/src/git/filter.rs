//! Which objects a client does without.

use super::ServiceError;

/// What is to be left out of a pack. What is wanted by its id is always sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Filter {
    /// Nothing.
    #[default]
    None,
    /// All blobs.
    BlobNone,
    /// Blobs of so many bytes and more.
    BlobLimit(u64),
    /// Trees and blobs so deep below the root, which is at 0, and deeper.
    Tree(u64),
}

impl Filter {
    /// Returns whether a blob of `size` bytes at `depth` is sent.
    pub(crate) fn sends_blob(self, depth: u64, size: u64) -> bool {
        match self {
            Filter::None => true,
            Filter::BlobNone => false,
            Filter::BlobLimit(limit) => size < limit,
            Filter::Tree(limit) => depth < limit,
        }
    }

    /// Returns whether a tree at `depth` is sent.
    pub(crate) fn sends_tree(self, depth: u64) -> bool {
        match self {
            Filter::Tree(limit) => depth < limit,
            _ => true,
        }
    }
}

/// Which filters a repository applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filters {
    /// `blob:none`, `blob:limit` and `tree` of any depth.
    #[default]
    All,
    /// `blob:none` and `tree:0`, as the largest host does.
    BlobNoneAndTreeZero,
    /// None: the capability is not advertised.
    None,
}

impl Filters {
    /// Returns the filter that `text` names, if it may be applied; the error is worded as git's own.
    pub(super) fn parse(self, text: &str) -> Result<Filter, ServiceError> {
        let filter = parse(text).ok_or_else(|| {
            let name = text.split(':').next().expect("splitting gives at least one part");
            ServiceError::Filter(format!("filter '{name}' not supported"))
        })?;
        match (self, filter) {
            (Filters::None, _) => Err(ServiceError::Line(format!("filter {text}"))),
            (Filters::BlobNoneAndTreeZero, Filter::BlobLimit(_)) => {
                Err(ServiceError::Filter("filter 'blob:limit' not supported".to_owned()))
            }
            (Filters::BlobNoneAndTreeZero, Filter::Tree(depth @ 1..)) => {
                Err(ServiceError::Filter(format!("tree filter allows max depth 0, but got {depth}")))
            }
            (_, filter) => Ok(filter),
        }
    }
}

fn parse(text: &str) -> Option<Filter> {
    match text.split_once(':')? {
        ("blob", "none") => Some(Filter::BlobNone),
        ("blob", limit) => limit.strip_prefix("limit=").and_then(size).map(Filter::BlobLimit),
        ("tree", depth) => depth.parse().ok().map(Filter::Tree),
        _ => None,
    }
}

/// Returns the number that `text` writes, with git's `k`, `m` and `g`.
fn size(text: &str) -> Option<u64> {
    let (digits, unit) = match text.as_bytes().last()? {
        b'k' => (&text[..text.len() - 1], 1 << 10),
        b'm' => (&text[..text.len() - 1], 1 << 20),
        b'g' => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1),
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_as_git_writes_them() {
        for (text, filter) in [
            ("blob:none", Filter::BlobNone),
            ("blob:limit=0", Filter::BlobLimit(0)),
            ("blob:limit=3k", Filter::BlobLimit(3072)),
            ("tree:0", Filter::Tree(0)),
            ("tree:12", Filter::Tree(12)),
        ] {
            assert_eq!(Filters::All.parse(text), Ok(filter), "{text}");
        }
        for text in
            ["", "tree", "tree:-1", "blob:all", "blob:limit=x", "blob:limit=", "combine:tree:0+blob:none"]
        {
            assert!(Filters::All.parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn refusal_is_worded_as_git_words_it() {
        let refusal = |filters: Filters, text| filters.parse(text).unwrap_err().to_string();
        assert_eq!(Filters::BlobNoneAndTreeZero.parse("tree:0"), Ok(Filter::Tree(0)));
        assert_eq!(Filters::BlobNoneAndTreeZero.parse("blob:none"), Ok(Filter::BlobNone));
        assert_eq!(
            refusal(Filters::BlobNoneAndTreeZero, "tree:2"),
            "tree filter allows max depth 0, but got 2"
        );
        assert_eq!(
            refusal(Filters::BlobNoneAndTreeZero, "blob:limit=1"),
            "filter 'blob:limit' not supported"
        );
        assert_eq!(refusal(Filters::All, "combine:tree:0+blob:none"), "filter 'combine' not supported");
        assert_eq!(refusal(Filters::None, "blob:none"), "unexpected line: 'filter blob:none'");
    }
}

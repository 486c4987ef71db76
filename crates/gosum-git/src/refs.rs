//! The branches and tags of a repository.

use std::collections::HashSet;

use crate::ObjectId;

/// A branch, a tag, or another name for an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ref {
    /// The whole name, such as `refs/tags/v1.0.0`; with U+FFFD for what is not UTF-8.
    pub name: String,
    /// What it stands for: for an annotated tag, the tag.
    pub target: ObjectId,
    /// For an annotated tag, what that leads to in the end.
    pub peeled: Option<ObjectId>,
}

impl Ref {
    /// Returns what the name leads to in the end: a commit, in all but odd cases.
    pub fn leads_to(&self) -> ObjectId {
        self.peeled.unwrap_or(self.target)
    }

    /// Returns whether the name begins with one of `prefixes`, or there are none.
    pub(crate) fn has_prefix(&self, prefixes: &[&str]) -> bool {
        prefixes.is_empty() || prefixes.iter().any(|prefix| self.name.starts_with(prefix))
    }
}

/// Returns the ref that a line of protocol v2 tells: `id SP name *(SP key:value)`.
pub(crate) fn parse_v2(line: &[u8]) -> Option<Ref> {
    let mut words = line.trim_ascii_end().split(|&byte| byte == b' ');
    let (target, name) = (ObjectId::from_hex(words.next()?)?, words.next()?);
    let peeled = match words.find_map(|word| word.strip_prefix(b"peeled:")) {
        Some(hex) => Some(ObjectId::from_hex(hex)?),
        None => None,
    };
    new(name, target, peeled)
}

/// Adds the ref that a line of protocol v0 tells: `id SP name`, with `^{}` behind the name for what
/// the tag before leads to.
pub(crate) fn parse_v0(line: &[u8], refs: &mut Vec<Ref>) -> Option<()> {
    let line = line.trim_ascii_end();
    let at = line.iter().position(|&byte| byte == b' ')?;
    let (id, name) = (&line[..at], &line[at + 1..]);
    if id == b"shallow" {
        return Some(());
    }
    let id = ObjectId::from_hex(id)?;
    if id.is_zero() {
        // an empty repository has nowhere else to put its capabilities
        return (name == b"capabilities^{}").then_some(());
    }
    match name.strip_suffix(b"^{}") {
        Some(name) => {
            let tag = refs.last_mut().filter(|tag| tag.name == String::from_utf8_lossy(name))?;
            tag.peeled = Some(id);
        }
        None => refs.push(new(name, id, None)?),
    }
    Some(())
}

/// Returns a name that two of `refs` have.
pub(crate) fn twice(refs: &[Ref]) -> Option<&str> {
    let mut names = HashSet::new();
    // names that are not UTF-8 may look alike
    let names_of = refs.iter().map(|found| &*found.name).filter(|name| !name.contains('\u{fffd}'));
    names_of.into_iter().find(|name| !names.insert(*name))
}

fn new(name: &[u8], target: ObjectId, peeled: Option<ObjectId>) -> Option<Ref> {
    (!name.is_empty()).then(|| Ref { name: String::from_utf8_lossy(name).into_owned(), target, peeled })
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn reference(name: &str, peeled: Option<&str>) -> Ref {
        let peeled = peeled.map(|id| ObjectId::parse(id).unwrap());
        Ref { name: name.to_owned(), target: ObjectId::parse(A).unwrap(), peeled }
    }

    #[test]
    fn reads_lines_of_v2() {
        let read = |text: String| parse_v2(text.as_bytes());
        assert_eq!(read(format!("{A} refs/heads/main\n")), Some(reference("refs/heads/main", None)));
        assert_eq!(read(format!("{A} refs/tags/v1 peeled:{B}")), Some(reference("refs/tags/v1", Some(B))));
        assert_eq!(
            read(format!("{A} HEAD symref-target:refs/heads/x peeled:{B}\n")),
            Some(reference("HEAD", Some(B)))
        );
        for text in
            ["".to_owned(), A.to_owned(), format!("{A} "), "x y".to_owned(), format!("{A} r peeled:x")]
        {
            assert_eq!(read(text.clone()), None, "{text}");
        }
    }

    #[test]
    fn reads_lines_of_v0() {
        let read = |lines: &[String]| {
            let mut refs = Vec::new();
            lines.iter().try_for_each(|line| parse_v0(line.as_bytes(), &mut refs)).map(|()| refs)
        };
        let tag = [format!("{A} refs/tags/v1\n"), format!("{B} refs/tags/v1^{{}}\n")];
        assert_eq!(read(&tag), Some(vec![reference("refs/tags/v1", Some(B))]));
        assert_eq!(read(&[format!("shallow {A}"), format!("{A} HEAD")]), Some(vec![reference("HEAD", None)]));
        assert_eq!(read(&[format!("{} capabilities^{{}}", "0".repeat(40))]), Some(vec![]));
        assert_eq!(read(&tag[1..]), None, "nothing before");
        assert_eq!(read(&["garbage".to_owned()]), None);
    }

    #[test]
    fn a_name_is_there_once() {
        let refs = |names: &[&str]| names.iter().map(|name| reference(name, None)).collect::<Vec<_>>();
        assert_eq!(twice(&refs(&["a", "b", "a"])), Some("a"));
        assert_eq!(twice(&refs(&["a", "b", "a\u{fffd}", "a\u{fffd}"])), None);
    }

    #[test]
    fn leads_to_what_the_tag_leads_to() {
        assert_eq!(reference("t", Some(B)).leads_to().to_string(), B);
        assert_eq!(reference("t", None).leads_to().to_string(), A);
    }
}

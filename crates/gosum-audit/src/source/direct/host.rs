//! Hosts whose import paths say by themselves where the repository is (spec 05 §1).

use super::locate::{LocateError, Root, Vcs};

/// Returns the repository of `path` on a host that is known, or that spells its version control system out; none when
/// the host itself has to be asked.
///
/// # Errors
/// When the host is known and the path is none of its own: it is not asked then either.
pub(super) fn known(path: &str) -> Option<Result<Root, LocateError>> {
    let elements: Vec<&str> = path.split('/').collect();
    let at_least =
        |count: usize| elements.len() >= count && elements[1..].iter().all(|element| is_word(element));
    let rooted = |valid: bool, count: usize, vcs: Vcs| {
        Some(if valid {
            root(&elements[..count], vcs)
        } else {
            Err(LocateError::Malformed { host: elements[0].into() })
        })
    };
    match elements[0] {
        "github.com" | "bitbucket.org" => {
            let suffixed = elements.get(2).is_some_and(|name| Vcs::suffix(name).is_some());
            rooted(at_least(3) && !suffixed, 3, Vcs::Git)
        }
        "hub.jazz.net" if elements.get(1) == Some(&"git") => {
            let owner = |owner: &str| owner.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
            let valid = at_least(4) && owner(elements[2]) && Vcs::suffix(elements[3]).is_none();
            rooted(valid, 4, Vcs::Git)
        }
        "git.apache.org" => {
            let name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.-".contains(&b);
            let repository =
                |name_: &&str| name_.ends_with(".git") && name_.len() > 4 && name_.bytes().all(name);
            rooted(at_least(2) && elements.get(1).is_some_and(repository), 2, Vcs::Git)
        }
        "git.openstack.org" => rooted(at_least(3), 3, Vcs::Git),
        "chiselapp.com" => {
            let valid =
                at_least(5) && elements.len() == 5 && elements[1] == "user" && elements[3] == "repository";
            rooted(valid, 5, Vcs::Fossil)
        }
        "example.net" => Some(Err(LocateError::NoModules { host: "example.net" })),
        "rsc.io" if elements.len() == 1 => Some(Err(LocateError::NoModules { host: "rsc.io" })),
        _ => spelled_out(&elements),
    }
}

fn root(elements: &[&str], vcs: Vcs) -> Result<Root, LocateError> {
    let root = elements.join("/");
    Root::new(&format!("https://{root}"), root, vcs, String::new())
}

/// Returns the repository of a path one of whose elements ends in `.git` or the like. The suffix belongs to the root,
/// not to the URL.
fn spelled_out(elements: &[&str]) -> Option<Result<Root, LocateError>> {
    let word = |element: &&str| is_word(element.strip_prefix('~').unwrap_or(element));
    if !elements[1..].iter().all(word) {
        return None;
    }
    // of several, the go command takes the first
    let at = 1 + elements[1..].iter().position(|element| Vcs::suffix(element).is_some())?;
    let root = elements[..=at].join("/");
    let (url, vcs) = Vcs::suffix(&root)?;
    Some(Root::spelled_out(url, root.clone(), vcs))
}

fn is_word(element: &str) -> bool {
    !element.is_empty() && element.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(path: &str) -> Option<Result<(String, String, Vcs), String>> {
        let shown = |root: Root| (root.root, root.url.to_string(), root.vcs);
        known(path).map(|known| known.map(shown).map_err(|error| error.to_string()))
    }

    fn found(path: &str, root: &str, url: &str, vcs: Vcs) {
        assert_eq!(shown(path), Some(Ok((root.into(), url.into(), vcs))), "{path}");
    }

    #[test]
    fn knows_the_hosts_of_the_table() {
        found("github.com/a/B.c/d/v2", "github.com/a/B.c", "https://github.com/a/B.c", Vcs::Git);
        found("bitbucket.org/a/b", "bitbucket.org/a/b", "https://bitbucket.org/a/b", Vcs::Git);
        found("git.apache.org/a.git/x", "git.apache.org/a.git", "https://git.apache.org/a.git", Vcs::Git);
        found(
            "chiselapp.com/user/a/repository/b",
            "chiselapp.com/user/a/repository/b",
            "https://chiselapp.com/user/a/repository/b",
            Vcs::Fossil,
        );
        for path in ["go.example.org/x", "gopkg.in/yaml.v2", "hub.jazz.net/x", "rsc.io/pdf"] {
            assert_eq!(shown(path), None, "{path}");
        }
    }

    #[test]
    fn a_suffix_belongs_to_the_root_and_not_to_the_url() {
        found("git.example/a/b.git/sub", "git.example/a/b.git", "https://git.example/a/b", Vcs::Git);
        found("git.example/~a/b.hg", "git.example/~a/b.hg", "https://git.example/~a/b", Vcs::Hg);
    }

    #[test]
    fn refuses_paths_that_a_known_host_does_not_have() {
        for path in
            ["github.com/a", "github.com/a/b.git", "github.com/a/b/~c", "git.apache.org/a", "example.net/a"]
        {
            assert!(matches!(shown(path), Some(Err(_))), "{path}");
        }
    }
}

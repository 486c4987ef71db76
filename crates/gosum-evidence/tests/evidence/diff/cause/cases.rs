use gosum_evidence::diff::cause::Attributes;
use gosum_evidence::evidence::SourceName;
use gosum_mod::hash::sha256::sha256;

use super::{Case, Given, MODULE};
use crate::files::Files;

const TAG: &str = "refs/tags/v1.0.0";
const NOT_KNOWN: &str = "not-known";

/// Every copy has a go.mod of Go 1.24 and a source file, unless they are given otherwise.
fn files(more: &[(&str, &str)]) -> Files {
    let base = [("go.mod", "module example.com/m\n\ngo 1.24\n"), ("a.go", "package m\n")];
    let is_given = |path: &str| more.iter().any(|(given, _)| *given == path);
    let base = base.into_iter().filter(|(path, _)| !is_given(path));
    Files::new(base.chain(more.iter().copied()).filter(|(_, content)| *content != LEFT_OUT))
}

/// Stands for the content of a file of the base that is not there.
const LEFT_OUT: &str = "\0";

fn proxy(more: &[(&str, &str)]) -> Given {
    Given::new(SourceName::PROXY, files(more))
}

fn direct(more: &[(&str, &str)]) -> Given {
    Given::new(SourceName::DIRECT, files(more))
}

fn attributes(text: &str) -> Option<Attributes> {
    Some(Attributes::new("", [("", text.into())]))
}

type Expected = (&'static str, &'static [&'static str]);

fn case(
    name: &'static str,
    (left, right): (Given, Given),
    attributes: Option<Attributes>,
    expected: &[Expected],
) -> Case {
    let expected = expected.iter().map(|(cause, paths)| (*cause, paths.to_vec())).collect();
    Case { name, left, right, attributes, expected }
}

pub(super) fn all() -> Vec<Case> {
    let groups = [
        moved_tags(),
        same_content(),
        pointers(),
        vendored(),
        line_ends(),
        replaced(),
        ignored(),
        go_mods(),
        mixed(),
    ];
    groups.into_iter().flatten().collect()
}

fn moved_tags() -> Vec<Case> {
    let (old, new) = (&[("a.go", "package m // old\n")], &[("a.go", "package m // new\n")]);
    let with_more = &[("a.go", "package m // old\n"), ("evil.go", "package m\n")];
    let from = || proxy(old).commit("a").tag(TAG).at("a", &files(old));
    let to = || direct(new).commit("b").tag(TAG);
    let moved: &[Expected] = &[("tag-moved right refs/tags/v1.0.0 a>b", &["a.go"])];
    let unknown: &[Expected] = &[(NOT_KNOWN, &["a.go"])];
    let case = |name, left, right, expected| case(name, (left, right), None, expected);
    vec![
        case("tag moved", from(), to(), moved),
        case("content of the commit hashes otherwise", from().at("a", &files(new)), to(), unknown),
        case("content of the commit is not known", proxy(old).commit("a").tag(TAG), to(), unknown),
        case("one commit with two contents", from(), to().commit("a"), unknown),
        case("content of a commit that the proxy does not name", from().commit("c"), to(), unknown),
        case("a commit with the content was found", proxy(old).found("a", &files(old)), to(), moved),
        case(
            "the commit that was found has another content",
            proxy(old).found("a", &files(new)),
            to(),
            unknown,
        ),
        case(
            "the proxy names a commit of which nothing is known, and one with the content was found",
            proxy(old).commit("c").found("a", &files(old)),
            to(),
            moved,
        ),
        case(
            "the proxy names a commit with another content, and one with the content was found",
            proxy(old).commit("c").at("c", &files(new)).found("a", &files(old)),
            to(),
            unknown,
        ),
        case(
            "the commit that was found is that of the tag",
            proxy(old).found("b", &files(old)),
            to(),
            unknown,
        ),
        case("another tag", from().tag("refs/tags/v1.0.1"), to(), unknown),
        case("a branch", from().tag("refs/heads/main"), to().tag("refs/heads/main"), unknown),
        case(
            "version control does not say by what it found the commit",
            from(),
            direct(new).commit("b"),
            unknown,
        ),
        case(
            "tag moved, and the proxy does not say from where it took the commit",
            proxy(old).commit("a").at("a", &files(old)),
            to(),
            moved,
        ),
        case(
            "short id of a commit",
            proxy(old).commit("aaaaaaa").tag(TAG).at("aaaaaaa", &files(old)),
            to(),
            unknown,
        ),
        case(
            "id in capitals",
            from().commit(&"A".repeat(40)).at(&"A".repeat(40), &files(old)),
            to(),
            unknown,
        ),
        case("no version control", from(), to().from(SourceName::further("mirror".to_owned())), unknown),
        case(
            "tag moved, by another proxy",
            from().from(SourceName::further("mirror".to_owned())),
            to(),
            moved,
        ),
        case("a recorded hash is no copy", from().from(SourceName::GO_SUM), to(), unknown),
        case("hash of the proxy's copy is not known", from().without_h1(), to(), unknown),
        case("hash of version control's copy is not known", from(), to().without_h1(), unknown),
        case("version control contradicts itself", from(), to().at("b", &files(old)), unknown),
        case("version control contradicts itself on the commit", from(), to().at("c", &files(new)), unknown),
        case(
            "tag moved, and a file more than the commit has",
            proxy(with_more).commit("a").tag(TAG).at("a", &files(old)),
            to(),
            &[(NOT_KNOWN, &["a.go", "evil.go"])],
        ),
        case(
            "commits of two kinds",
            from().commit(&"a".repeat(64)).at(&"a".repeat(64), &files(old)),
            to(),
            unknown,
        ),
    ]
}

fn same_content() -> Vec<Case> {
    let proxied = || proxy(&[]).commit("a").tag(TAG).at("a", &files(&[]));
    let same: &[Expected] = &[("same-content-other-commit a=b", &[])];
    let case = |name, left, right, expected| case(name, (left, right), None, expected);
    vec![
        case("same content, other commit", proxied(), direct(&[]).commit("b").tag(TAG), same),
        case("same content, other commit, no tag", proxied(), direct(&[]).commit("b"), same),
        case("same content, same commit", proxied(), direct(&[]).commit("a"), &[]),
        case(
            "same content, the other commit's not known",
            proxy(&[]).commit("a"),
            direct(&[]).commit("b"),
            &[],
        ),
        case(
            "same content, the other commit's is another",
            proxied().at("a", &files(&[("b", "")])),
            direct(&[]).commit("b"),
            &[],
        ),
        case("same content, commit not known", proxied(), direct(&[]), &[]),
    ]
}

fn pointer(content: &str) -> String {
    let oid: String = sha256(content.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {}\n", content.len())
}

fn pointers() -> Vec<Case> {
    const CONTENT: &str = "\u{1}large\u{0} content";
    let good = pointer(CONTENT);
    let is: &[Expected] = &[("lfs-pointers left", &["a.bin"])];
    let unknown: &[Expected] = &[(NOT_KNOWN, &["a.bin"])];
    let one = |name, pointer: &str, expected| {
        case(name, (direct(&[("a.bin", pointer)]), proxy(&[("a.bin", CONTENT)])), None, expected)
    };
    let two = |name, left: &[(&str, &str)], right: &[(&str, &str)], expected| {
        case(name, (direct(left), proxy(right)), None, expected)
    };
    let wrong = pointer("large, another content");
    let twice = Files::new([("a.bin", &*good), ("a.bin", &*good)]);
    vec![
        one("pointer", &good, is),
        one("pointer to another content", &pointer("\u{1}Large\u{0} content"), unknown),
        one(
            "pointer with another size",
            &good.replace("size 16", "size 17").replace("size 15", "size 16"),
            unknown,
        ),
        one("pointer with an extension", &good.replace("oid", "ext-0-x sha256:00\noid"), unknown),
        one("pointer without its last line end", good.trim_end(), unknown),
        one("pointer with another line", &format!("{good}x y\n"), unknown),
        one("pointer in capitals", &good.to_uppercase().replace("VERSION", "version"), unknown),
        one("pointer with a zero before its size", &good.replace("size ", "size 0"), unknown),
        one("pointer with a sign before its size", &good.replace("size ", "size +"), unknown),
        one("pointer with carriage returns", &good.replace('\n', "\r\n"), unknown),
        one("pointer of another version", &good.replace("v1", "v2"), unknown),
        one("pointer with a short hash", &good.replace("sha256:", "sha256:0"), unknown),
        two("pointer to nothing", &[("a.bin", &pointer(""))], &[("a.bin", "")], is),
        two(
            "pointers, one of them wrong",
            &[("a.bin", &good), ("b.bin", &wrong)],
            &[("a.bin", CONTENT), ("b.bin", CONTENT)],
            &[("lfs-pointers left", &["a.bin"]), (NOT_KNOWN, &["b.bin"])],
        ),
        two(
            "pointer, and another change",
            &[("a.bin", &good), ("README", "1")],
            &[("a.bin", CONTENT), ("README", "2")],
            &[("lfs-pointers left", &["a.bin"]), (NOT_KNOWN, &["README"])],
        ),
        two(
            "pointers in both copies",
            &[("a.bin", &good), ("b.bin", CONTENT)],
            &[("a.bin", CONTENT), ("b.bin", &good)],
            &[("lfs-pointers left", &["a.bin"]), ("lfs-pointers right", &["b.bin"])],
        ),
        two(
            "pointer to a file of another name",
            &[("a.bin", &good)],
            &[("b.bin", CONTENT)],
            &[(NOT_KNOWN, &["a.bin", "b.bin"])],
        ),
        two("two pointers", &[("a.bin", &good)], &[("a.bin", &wrong)], unknown),
        case(
            "pointer that is listed twice",
            (
                Given::new(SourceName::DIRECT, twice),
                Given::new(SourceName::PROXY, Files::new([("a.bin", CONTENT)])),
            ),
            None,
            unknown,
        ),
    ]
}

fn vendored() -> Vec<Case> {
    const LIST: (&str, &str) = ("vendor/modules.txt", "# a.example/b v1.0.0\n");
    const NESTED: (&str, &str) = ("pkg/vendor/x.go", "package x\n");
    const OLD_GO: (&str, &str) = ("go.mod", "module example.com/m\n\ngo 1.23\n");
    const NO_GO: (&str, &str) = ("go.mod", "module example.com/m\n");
    let unknown: &[Expected] = &[(NOT_KNOWN, &["vendor/modules.txt"])];
    let rule: &[Expected] = &[("vendor-rule left", &["vendor/modules.txt"])];
    let nested: &[Expected] = &[("vendor-rule left", &["pkg/vendor/x.go"])];
    let pair = |left: &[(&str, &str)], right: &[(&str, &str)]| (proxy(left), direct(right));
    let of_one = |(left, right): (Given, Given)| (left.commit("a"), right.commit("a"));
    let case = |name, copies, expected| case(name, copies, None, expected);
    vec![
        case("list of vendored modules", pair(&[LIST], &[]), rule),
        case("list of vendored modules, of Go 1.23", pair(&[LIST, OLD_GO], &[OLD_GO]), unknown),
        case("list of vendored modules, without a go line", pair(&[LIST, NO_GO], &[NO_GO]), unknown),
        case(
            "list of vendored modules, and another go line",
            pair(&[LIST, OLD_GO], &[]),
            &[(NOT_KNOWN, &["go.mod", "vendor/modules.txt"])],
        ),
        case(
            "list of vendored modules, without a go.mod",
            pair(&[LIST, ("go.mod", LEFT_OUT)], &[("go.mod", LEFT_OUT)]),
            unknown,
        ),
        case(
            "list of vendored modules, and a nested folder",
            pair(&[LIST], &[NESTED]),
            &[("vendor-rule left", &["pkg/vendor/x.go", "vendor/modules.txt"])],
        ),
        case("nested folder, of one commit", of_one(pair(&[], &[NESTED])), nested),
        case(
            "nested folder, of commits that are not known",
            pair(&[], &[NESTED]),
            &[(NOT_KNOWN, &["pkg/vendor/x.go"])],
        ),
        case(
            "nested folder, of two commits",
            (proxy(&[]).commit("a"), direct(&[NESTED]).commit("b")),
            &[(NOT_KNOWN, &["pkg/vendor/x.go"])],
        ),
        case(
            "list of vendored modules, and another change",
            pair(&[LIST, ("README", "1")], &[("README", "2")]),
            &[("vendor-rule left", &["vendor/modules.txt"]), (NOT_KNOWN, &["README"])],
        ),
        case(
            "both in one copy",
            pair(&[LIST, NESTED], &[]),
            &[(NOT_KNOWN, &["pkg/vendor/x.go", "vendor/modules.txt"])],
        ),
        case(
            "list of vendored modules, and a nested folder in both",
            pair(&[LIST, NESTED], &[NESTED]),
            unknown,
        ),
        case(
            "list of vendored modules in both",
            of_one(pair(&[LIST], &[LIST, NESTED])),
            &[(NOT_KNOWN, &["pkg/vendor/x.go"])],
        ),
        case(
            "a vendored package, which no rule lets in",
            pair(&[LIST, ("vendor/b/b.go", "package b\n")], &[]),
            &[(NOT_KNOWN, &["vendor/b/b.go", "vendor/modules.txt"])],
        ),
        case(
            "a file directly in the folder, which every rule lets in",
            of_one(pair(&[("vendor/x.go", "package x\n")], &[])),
            &[(NOT_KNOWN, &["vendor/x.go"])],
        ),
        case(
            "list of vendored modules of other content",
            pair(&[LIST], &[("vendor/modules.txt", "#\n")]),
            unknown,
        ),
        case(
            "list of vendored modules that looks renamed",
            pair(&[LIST], &[("pkg/vendor/modules.txt", LIST.1)]),
            &[("vendor-rule left", &["pkg/vendor/modules.txt", "vendor/modules.txt"])],
        ),
        case(
            "list of vendored modules that is renamed",
            pair(&[LIST], &[("modules.txt", LIST.1)]),
            &[(NOT_KNOWN, &["modules.txt", "vendor/modules.txt"])],
        ),
    ]
}

fn line_ends() -> Vec<Case> {
    const UNIX: &str = "one\ntwo\n";
    const DOS: &str = "one\r\ntwo\r\n";
    let is: &[Expected] = &[("line-ends left", &["a.bat"])];
    let unknown: &[Expected] = &[(NOT_KNOWN, &["a.bat"])];
    // both copies have the attributes
    let with = |name, text: &str, left: &[(&str, &str)], right: &[(&str, &str)], expected| {
        let own = [(".gitattributes", text)];
        let copies = (direct(&[left, &own].concat()), proxy(&[right, &own].concat()));
        case(name, copies, attributes(text), expected)
    };
    let one = |name, text: &str, expected| with(name, text, &[("a.bat", DOS)], &[("a.bat", UNIX)], expected);
    let below = || Some(Attributes::new("sub", [("", b"*.bat eol=crlf\n".to_vec())]));
    let copies = || (direct(&[("a.bat", DOS)]), proxy(&[("a.bat", UNIX)]));
    let of_one = |(left, right): (Given, Given)| (left.commit("a"), right.commit("a"));
    vec![
        one("line ends", "*.bat text eol=crlf\n", is),
        one("line ends, by `eol` alone", "*.bat eol=crlf\n", is),
        one(
            "line ends, of what looks like text",
            "* text=auto eol=crlf\n*.go eol=lf\ngo.mod -text\n.gitattributes -text\n",
            is,
        ),
        one("line ends, left to the system", "* text=auto\n", unknown),
        one("line ends, of other files", "*.txt eol=crlf\n", unknown),
        one("line ends, the other way", "*.bat eol=lf\n", unknown),
        one("line ends of what is no text", "*.bat -text eol=crlf\n", unknown),
        one("line ends of binary files", "*.bat eol=crlf binary\n", unknown),
        one("line ends, taken back", "*.bat eol=crlf\na.bat !eol\n", unknown),
        one("line ends, by a name for attributes", "[attr]dos eol=crlf\n*.bat dos\n", unknown),
        one("line ends, by a pattern that is not read", "[ab].bat eol=crlf\n", unknown),
        one("line ends, and the older attribute", "*.bat eol=crlf crlf\n", unknown),
        one("line ends, commented out", "# *.bat eol=crlf\n", unknown),
        one("line ends, of every file, though others have none", "* eol=crlf\n", unknown),
        with(
            "line ends, and a change",
            "*.bat eol=crlf\n",
            &[("a.bat", "one\r\nthree\r\n")],
            &[("a.bat", UNIX)],
            unknown,
        ),
        with(
            "line ends, of some lines",
            "*.bat eol=crlf\n",
            &[("a.bat", "one\r\ntwo\n")],
            &[("a.bat", UNIX)],
            unknown,
        ),
        with(
            "line ends, of a mixed file",
            "*.bat eol=crlf\n",
            &[("a.bat", DOS)],
            &[("a.bat", "one\r\ntwo\n")],
            is,
        ),
        with(
            "line ends, of a mixed file that would be left alone",
            "*.bat text=auto eol=crlf\n",
            &[("a.bat", DOS)],
            &[("a.bat", "one\r\ntwo\n")],
            unknown,
        ),
        with(
            "line ends, and other ones for which nothing asks",
            "*.bat eol=crlf\n",
            &[("a.bat", DOS), ("a.txt", DOS)],
            &[("a.bat", UNIX), ("a.txt", UNIX)],
            &[("line-ends left", &["a.bat"]), (NOT_KNOWN, &["a.txt"])],
        ),
        with(
            "line ends, and a file that should have other ones",
            "*.bat eol=crlf\n",
            &[("a.bat", DOS), ("b.bat", UNIX)],
            &[("a.bat", UNIX), ("b.bat", UNIX)],
            unknown,
        ),
        with("a file that only one copy has", "*.bat eol=crlf\n", &[("a.bat", DOS)], &[], unknown),
        case("line ends, attributes not known", copies(), None, unknown),
        case(
            "line ends, attributes of one copy",
            (direct(&[("a.bat", DOS), (".gitattributes", "*.bat eol=crlf\n")]), proxy(&[("a.bat", UNIX)])),
            attributes("*.bat eol=crlf\n"),
            &[(NOT_KNOWN, &[".gitattributes", "a.bat"])],
        ),
        case(
            "line ends, other attributes in a copy",
            (
                direct(&[("a.bat", DOS), (".gitattributes", "*.bat eol=crlf\n")]),
                proxy(&[("a.bat", UNIX), (".gitattributes", "\n")]),
            ),
            attributes("*.bat eol=crlf\n"),
            &[(NOT_KNOWN, &[".gitattributes", "a.bat"])],
        ),
        case("line ends, attributes above the module, one commit", of_one(copies()), below(), is),
        case("line ends, attributes above the module", copies(), below(), unknown),
    ]
}

fn replaced() -> Vec<Case> {
    const TEXT: &str = "v.go export-subst\n";
    let of = |format: &str| format!("package m\nconst id = \"{format}\"\n");
    let (full, short) = (of(&"a".repeat(40)), of("aaaaaaa"));
    let is: &[Expected] = &[("export-subst left", &["v.go"])];
    let unknown: &[Expected] = &[(NOT_KNOWN, &["v.go"])];
    let with = |name, text: &str, left: &[(&str, &str)], right: &[(&str, &str)], commit, expected| {
        let own = [(".gitattributes", text)];
        let copies = (proxy(&[left, &own].concat()).commit(commit), direct(&[right, &own].concat()));
        case(name, copies, attributes(text), expected)
    };
    let one = |name, format: &str, left: &str, expected| {
        with(name, TEXT, &[("v.go", left)], &[("v.go", &of(format))], "a", expected)
    };
    let raw = of("$Format:%H$");
    vec![
        one("commit in a file", "$Format:%H$", &full, is),
        one("commit in short", "$Format:%h$", &short, is),
        one(
            "commit twice",
            "$Format:%H$ $Format:%h$-$Format:%h$",
            &of(&format!("{} aaaaa-aaaaa", "a".repeat(40))),
            is,
        ),
        one("too short a commit", "$Format:%h$", &of("aaa"), unknown),
        one("another commit in a file", "$Format:%H$", &of(&"b".repeat(40)), unknown),
        one(
            "names of the commit, which do not follow from its id",
            "$Format:%d$",
            &of(" (tag: v1)"),
            unknown,
        ),
        one("names and commit", "$Format:%H %d$", &of(&format!("{}  (tag: v1)", "a".repeat(40))), unknown),
        one("commit in a file, and a change", "$Format:%H$", &full.replace("const", "var"), unknown),
        one("no place for a commit", "$Id$", &full, unknown),
        with("commit for which nothing asks", "\n", &[("v.go", &full)], &[("v.go", &raw)], "a", unknown),
        with(
            "commit, taken back",
            "v.go export-subst -export-subst\n",
            &[("v.go", &full)],
            &[("v.go", &raw)],
            "a",
            unknown,
        ),
        with("commit, but not the copy's", TEXT, &[("v.go", &full)], &[("v.go", &raw)], "b", unknown),
        with(
            "commit, and a place that was left",
            "*.go export-subst\n",
            &[("v.go", &full), ("w.go", &raw)],
            &[("v.go", &raw), ("w.go", &raw)],
            "a",
            unknown,
        ),
        with(
            "commit, and another change",
            TEXT,
            &[("v.go", &full), ("w.go", &full)],
            &[("v.go", &raw), ("w.go", &raw)],
            "a",
            &[("export-subst left", &["v.go"]), (NOT_KNOWN, &["w.go"])],
        ),
        case(
            "commit in a file, of a copy without the attributes",
            (proxy(&[("v.go", &full)]).commit("a"), direct(&[("v.go", &raw), (".gitattributes", TEXT)])),
            attributes(TEXT),
            &[(NOT_KNOWN, &[".gitattributes", "v.go"])],
        ),
        case(
            "commit in a file, of a copy without the attributes, but of one commit",
            (
                proxy(&[("v.go", &full)]).commit("a"),
                direct(&[("v.go", &raw), (".gitattributes", TEXT)]).commit("a"),
            ),
            attributes(TEXT),
            &[("export-subst left", &["v.go"]), (NOT_KNOWN, &[".gitattributes"])],
        ),
        case(
            "commit in a file, of a copy whose commit is not known",
            (
                proxy(&[("v.go", &full), (".gitattributes", TEXT)]),
                direct(&[("v.go", &raw), (".gitattributes", TEXT)]),
            ),
            attributes(TEXT),
            unknown,
        ),
    ]
}

fn ignored() -> Vec<Case> {
    const TEXT: &str = "/ci export-ignore\n*.yml export-ignore\n";
    const CI: (&str, &str) = ("ci/run", "1\n");
    const YML: (&str, &str) = ("x.yml", "2\n");
    let is: &[Expected] = &[("export-ignore left", &["ci/run", "x.yml"])];
    let unknown: &[Expected] = &[(NOT_KNOWN, &["ci/run", "x.yml"])];
    let with =
        |name, text: &str, left: &[(&str, &str)], right: &[(&str, &str)], commits: [&str; 2], expected| {
            let own = [(".gitattributes", text)];
            let copies = (
                proxy(&[left, &own].concat()).commit(commits[0]),
                direct(&[right, &own].concat()).commit(commits[1]),
            );
            case(name, copies, attributes(text), expected)
        };
    let one = ["a", "a"];
    vec![
        with("files left out", TEXT, &[], &[CI, YML], one, is),
        with("files left out, of two commits", TEXT, &[], &[CI, YML], ["a", "b"], unknown),
        with("files left out, of a short commit", TEXT, &[], &[CI, YML], ["aaaa", "aaaa"], unknown),
        with("files left out, not all", TEXT, &[YML], &[CI, YML], one, &[(NOT_KNOWN, &["ci/run"])]),
        with("files for which nothing asks", "*.c export-ignore\n", &[], &[CI, YML], one, unknown),
        with(
            "files left out, taken back",
            "/ci export-ignore\n*.yml export-ignore\n/ci -export-ignore\n*.yml -export-ignore\n",
            &[],
            &[CI, YML],
            one,
            unknown,
        ),
        with(
            "files left out, and another one",
            TEXT,
            &[],
            &[CI, YML, ("b.go", "package m\n")],
            one,
            &[("export-ignore left", &["ci/run", "x.yml"]), (NOT_KNOWN, &["b.go"])],
        ),
        with(
            "files left out, and one that is not read",
            "[b].go export-ignore\n/ci export-ignore\n*.yml export-ignore\n",
            &[],
            &[CI, YML, ("c.go", "package m\n")],
            one,
            &[(NOT_KNOWN, &["c.go", "ci/run", "x.yml"])],
        ),
        with(
            "files left out, and one under another name",
            TEXT,
            &[("y.txt", YML.1)],
            &[CI, YML],
            one,
            &[(NOT_KNOWN, &["ci/run", "x.yml", "y.txt"])],
        ),
        with("files left out in either copy", TEXT, &[CI], &[YML], one, unknown),
        with("files left out of other content", TEXT, &[("x.yml", "3\n")], &[CI, YML], one, unknown),
        case(
            "files left out, the attributes too",
            (
                proxy(&[]).commit("a"),
                direct(&[CI, (".gitattributes", "/ci export-ignore\n/.gitattributes export-ignore\n")])
                    .commit("a"),
            ),
            attributes("/ci export-ignore\n/.gitattributes export-ignore\n"),
            &[("export-ignore left", &[".gitattributes", "ci/run"])],
        ),
        case(
            "go.mod left out, for which the proxy has the one that Go makes up",
            (
                proxy(&[("go.mod", LEFT_OUT), (".gitattributes", "go.mod export-ignore\n")])
                    .commit("a")
                    .go_mod(&format!("module {MODULE}\n")),
                direct(&[(".gitattributes", "go.mod export-ignore\n")]).commit("a"),
            ),
            attributes("go.mod export-ignore\n"),
            &[("export-ignore left", &["go.mod"])],
        ),
        case(
            "files left out, commits not known",
            (proxy(&[(".gitattributes", TEXT)]), direct(&[CI, YML, (".gitattributes", TEXT)])),
            attributes(TEXT),
            unknown,
        ),
    ]
}

fn go_mods() -> Vec<Case> {
    const GO_MOD: &str = "module example.com/m\n\ngo 1.20\n";
    let made_up = format!("module {MODULE}\n");
    let is: &[Expected] = &[("go-mod-only-one-side left", &["go.mod"])];
    let unknown: &[Expected] = &[(NOT_KNOWN, &["go.mod"])];
    let has = || direct(&[("go.mod", GO_MOD)]);
    let lacks = |more: &[(&str, &str)]| proxy(&[more, &[("go.mod", LEFT_OUT)]].concat());
    let case = |name, copies, expected| case(name, copies, None, expected);
    vec![
        case("go.mod in one copy", (has(), lacks(&[]).go_mod(&made_up)), is),
        case(
            "go.mod in one copy, as its source gives it",
            (has().go_mod(GO_MOD), lacks(&[]).go_mod(&made_up)),
            is,
        ),
        case(
            "go.mod in one copy, and another one given",
            (has(), lacks(&[]).go_mod("module example.com/n\n")),
            unknown,
        ),
        case("go.mod in one copy, and the same one given", (has(), lacks(&[]).go_mod(GO_MOD)), unknown),
        case("go.mod in one copy, and none known", (has(), lacks(&[])), unknown),
        case(
            "go.mod in one copy, of which another one is given",
            (has().go_mod("module example.com/m\n\ngo 1.21\n"), lacks(&[]).go_mod(&made_up)),
            unknown,
        ),
        case(
            "go.mod in one copy, and another change",
            (has(), lacks(&[("a.go", "package m // 2\n")]).go_mod(&made_up)),
            &[("go-mod-only-one-side left", &["go.mod"]), (NOT_KNOWN, &["a.go"])],
        ),
        case(
            "go.mod below the root in one copy",
            (direct(&[("sub/go.mod", GO_MOD)]), proxy(&[]).go_mod(&made_up)),
            &[(NOT_KNOWN, &["sub/go.mod"])],
        ),
        case(
            "go.mod under another name",
            (has(), lacks(&[("go.mod.txt", GO_MOD)]).go_mod(&made_up)),
            &[(NOT_KNOWN, &["go.mod", "go.mod.txt"])],
        ),
        case("two go.mod", (has(), proxy(&[]).go_mod(&made_up)), unknown),
    ]
}

fn mixed() -> Vec<Case> {
    const CRLF: &str = "*.bat eol=crlf\n";
    let bin = pointer("content");
    let old = [("a.bin", &*bin)];
    let list = ("vendor/modules.txt", "#\n");
    let ignore = "vendor/modules.txt export-ignore\n";
    vec![
        case(
            "pointer and line ends",
            (
                direct(&[("a.bin", &bin), ("a.bat", "1\r\n"), (".gitattributes", CRLF)]),
                proxy(&[("a.bin", "content"), ("a.bat", "1\n"), (".gitattributes", CRLF)]),
            ),
            attributes(CRLF),
            &[("lfs-pointers left", &["a.bin"]), ("line-ends left", &["a.bat"])],
        ),
        case(
            "pointer, vendored list and a change",
            (proxy(&[list, ("a.bin", &bin), ("b", "1")]), direct(&[("a.bin", "content"), ("b", "2")])),
            None,
            &[
                ("lfs-pointers left", &["a.bin"]),
                ("vendor-rule left", &["vendor/modules.txt"]),
                (NOT_KNOWN, &["b"]),
            ],
        ),
        case(
            "a file that two causes would explain",
            (
                proxy(&[list, (".gitattributes", ignore)]).commit("a"),
                direct(&[(".gitattributes", ignore)]).commit("a"),
            ),
            attributes(ignore),
            &[(NOT_KNOWN, &["vendor/modules.txt"])],
        ),
        case(
            "a moved tag that brings pointers",
            (
                proxy(&[("a.bin", "content")]).commit("a").tag(TAG).at("a", &files(&[("a.bin", "content")])),
                direct(&old).commit("b").tag(TAG),
            ),
            None,
            &[("tag-moved right refs/tags/v1.0.0 a>b", &["a.bin"])],
        ),
        case(
            "nothing on one side",
            (Given::new(SourceName::PROXY, Files::default()), direct(&[])),
            None,
            &[(NOT_KNOWN, &["a.go", "go.mod"])],
        ),
        case(
            "nothing on both sides",
            (
                Given::new(SourceName::PROXY, Files::default()),
                Given::new(SourceName::DIRECT, Files::default()),
            ),
            None,
            &[],
        ),
        case(
            "a folder that is an entry",
            (
                proxy(&[]),
                Given::new(
                    SourceName::DIRECT,
                    Files([files(&[]).0, vec![(b"d/".to_vec(), vec![])]].concat()),
                ),
            ),
            None,
            &[(NOT_KNOWN, &["d/"])],
        ),
    ]
}

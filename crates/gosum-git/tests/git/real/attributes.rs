//! Attribute files of every kind, one at a time: git tells whether `a.txt` is expanded.

use std::fmt::Write as _;

use gosum_git::{Filter, GitError};

use super::server::RealRepository;
use super::tar;

/// Contents of `.gitattributes`.
fn cases() -> Vec<Vec<u8>> {
    let padded = |len: usize, end: &str| {
        let start = "*.txt ident";
        format!("{start}{}{end}", " ".repeat(len - start.len())).into_bytes()
    };
    let mut cases: Vec<Vec<u8>> = [
        // lines
        "",
        "*.txt ident",
        "*.txt ident\n",
        "*.txt ident\r\n",
        "*.txt\rident",
        "*.txt\x0bident",
        "*.txt\x0cident",
        "\t *.txt \t ident",
        "#*.txt ident",
        " #*.txt ident",
        "*.txt",
        "x\0\n*.txt ident",
        "*.txt ident\0",
        "*.txt -ident\0\n*.txt ident",
        "\n\n*.txt ident",
        // marks of byte order
        "\u{feff}*.txt ident",
        "x\n\u{feff}*.txt ident",
        "\u{feff}\n*.txt ident",
        // names and states
        "*.txt ident foo!",
        "*.txt ident #comment",
        "*.txt ident - ",
        "*.txt ident !",
        "*.txt ident -x=y",
        "*.txt ident a.b-c_D9",
        "*.txt -ident=y",
        "*.txt ident !ident=y",
        "*.txt ident=",
        "*.txt ident=true",
        "*.txt ident=set",
        "*.txt ident=x=y",
        "*.txt ident -ident",
        "*.txt -ident ident",
        "*.txt ident !ident",
        "*.txt !ident ident",
        "*.txt ident ident=x",
        "*.txt ident\n*.txt -ident",
        "*.txt -ident\n*.txt ident",
        "*.txt ident\na.* !ident",
        "*.txt --ident",
        "*.txt !!ident",
        "*.txt Ident",
        // patterns
        "a.txt ident",
        "/a.txt ident",
        "./a.txt ident",
        "A.TXT ident",
        "a.txt/ ident",
        "**/a.txt ident",
        "**a.txt ident",
        "/**/a.txt ident",
        "* ident",
        "/* ident",
        "** ident",
        "/ ident",
        "*/a.txt ident",
        "a* ident",
        "*a* ident",
        "a?txt ident",
        "a.??? ident",
        "?.txt ident",
        "[a].txt ident",
        "[!b].txt ident",
        "[^b].txt ident",
        "[[:alpha:]].txt ident",
        "[b-z].txt ident",
        "[a-b].txt ident",
        "a.tx[t ident",
        "a.tx] ident",
        "\\a.txt ident",
        "a.txt\\ ident",
        "a.t\\xt ident",
        "a.\\*xt ident",
        "!*.txt ident",
        "\\!*.txt ident",
        "*.txt* ident",
        "a.txt*** ident",
        "*.[tT][xX][tT] ident",
        "[a ident",
        "a.txt/** ident",
        "**/ ident",
        "[]a].txt ident",
        "[]-a].txt ident",
        "[a-].txt ident",
        "[[:foo:]].txt ident",
        "a[.]txt ident",
        "a[/]txt ident",
        "a[!.]txt ident",
        "*.txt/* ident",
        "{a,b}.txt ident",
        // quoted patterns
        "\"*.txt\" ident",
        "\"*.txt\"ident",
        "\"*.txt\"\tident",
        "\"*.t\\170t\" ident",
        "\"*.t\\x78t\" ident",
        "\"*.txt ident",
        "\"\" ident",
        "\"a b\" x\n*.txt ident",
        "\"*.txt\\\" ident",
        "\"\\*.txt\" ident",
        "\"\\\\*.txt\" ident",
        "\"a.txt\\n\" ident",
        "\"!a.txt\" ident",
        "\"#a\" x\n\"*.txt\" ident",
        "a\".txt\" ident",
        "\"[attr]m\" ident\n*.txt m",
        // macros
        "[attr]m ident\n*.txt m",
        " [attr]m ident\n*.txt m",
        "[attr] m ident\n*.txt m",
        "[attr]\n*.txt m",
        "*.txt m\n[attr]m ident",
        "[attr]m ident\n*.txt -m",
        "[attr]m ident\n*.txt m=1",
        "[attr]m ident\n*.txt !m",
        "[attr]m ident\n*.txt m -ident",
        "[attr]m ident\n*.txt -ident m",
        "[attr]m ident\n*.txt m\n*.txt !ident",
        "[attr]m ident\n*.txt m\n*.txt -m",
        "[attr]m ident\n[attr]m -ident\n*.txt m",
        "[attr]m -ident\n[attr]m ident\n*.txt m",
        "[attr]m=x ident\n*.txt m",
        "[attr]-m ident\n*.txt m",
        "[attr]a b\n[attr]b ident\n*.txt a",
        "[attr]a b\n[attr]b a ident\n*.txt a",
        "[attr]a ident -a\n*.txt a",
        "[attr]binary ident\n*.txt binary",
        "[attr]ident -text\n*.txt ident",
        "[attr]ident -ident\n*.txt ident",
        "[attr]m ident text\n*.txt m",
        "[attr]m !ident\n*.txt ident m",
        "[attr]m ident=x\n*.txt ident m",
        "[attr]m\n*.txt m ident",
        "[attr]m ident\n*.txt m n\n*.txt -n",
        // encodings that change nothing, and those that git stumbles over
        "*.txt ident working-tree-encoding=UTF-8",
        "*.txt ident working-tree-encoding=utf8",
        "*.txt ident working-tree-encoding=",
        "*.txt ident working-tree-encoding=UTF-16LE",
        "*.txt ident working-tree-encoding=latin-1",
        "*.txt ident working-tree-encoding",
        "*.txt ident -working-tree-encoding",
        "*.txt ident !working-tree-encoding",
        "*.txt ident working-tree-encoding=UTF-16LE\na.txt !working-tree-encoding",
        // line ends
        "*.txt eol=crlf",
        "*.txt eol=CRLF",
        "*.txt eol",
        "*.txt -eol",
        "*.txt text eol=crlf",
        "*.txt -text eol=crlf",
        "*.txt text=auto eol=crlf",
        "*.txt text=input eol=crlf",
        "*.txt text=foo eol=crlf",
        "*.txt text=foo crlf=auto eol=crlf",
        "*.txt text=foo -crlf eol=crlf",
        "*.txt !text -crlf eol=crlf",
        "*.txt binary eol=crlf",
        "*.txt crlf",
        "*.txt crlf=input eol=crlf",
        "*.txt crlf eol=crlf",
        "*.txt -crlf text eol=crlf",
        "*.txt text=auto",
        "*.txt eol=crlf ident",
        "*.txt eol=crlf\n*.txt binary",
        "*.txt binary\n*.txt text",
        "*.txt binary\n*.txt text eol=crlf",
        "*.txt -binary eol=crlf",
        "*.txt text=AUTO eol=crlf",
        "*.txt filter=lfs eol=crlf",
        "*.txt merge=x diff=y whitespace=z export-ignore export-subst ident",
    ]
    .iter()
    .map(|case| case.as_bytes().to_vec())
    .collect();
    cases.extend([
        b"\xff\xfe*.txt ident".to_vec(),
        b"\xfe\xff*.txt ident".to_vec(),
        b"\x0e\xfe\xff*.txt ident".to_vec(),
        b"+/v8*.txt ident".to_vec(),
    ]);
    cases.extend([
        b"*.txt ident \xff".to_vec(),
        b"\xff x\n*.txt ident".to_vec(),
        b"*.txt ident=\xff".to_vec(),
    ]);
    cases.extend([2046, 2047, 2048, 2049].map(|len| padded(len, "")));
    cases.extend([2046, 2047, 2048].map(|len| padded(len, "\r\n")));
    cases.extend([2047, 2048].map(|len| padded(len, "\0")));
    cases.push([padded(3000, "\n"), b"*.txt ident".to_vec()].concat());
    cases
}

#[test]
#[ignore = "needs git"]
fn every_attribute_file_is_read_as_git_reads_it() {
    let repository = RealRepository::new("sha1");
    let cases = cases();
    let mut stream = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        // an ordinary file, one in a folder, one that is a link
        for (place, mode, path) in [("root", "100644", ""), ("sub", "100644", "sub/"), ("link", "120000", "")]
        {
            let mut text = format!("commit refs/heads/{place}-{number}\ncommitter A <a@b> 1 +0000\ndata 0\n");
            for (mode, name, content) in [
                (mode, format!("{path}.gitattributes"), &case[..]),
                ("100644", format!("{path}a.txt"), b"one\n$Id$\n"),
                ("100644", format!("{path}deep/a.txt"), b"$Id$\ntwo\n"),
            ] {
                write!(text, "M {mode} inline {name}\ndata {}\n", content.len()).unwrap();
                stream.extend_from_slice(std::mem::take(&mut text).as_bytes());
                stream.extend_from_slice(content);
                stream.push(b'\n');
            }
        }
    }
    repository.import(&stream);
    let refs = repository.open().refs(&["refs/heads/"]).unwrap();
    let wants: Vec<_> = refs.iter().map(|found| found.target).collect();
    let fetched = repository.open().fetch(&wants, Filter::None).unwrap();
    let mut wrong = Vec::new();
    let mut changed = 0;
    for found in &refs {
        let (_, number) = found.name.rsplit_once('-').unwrap();
        let case = String::from_utf8_lossy(&cases[number.parse::<usize>().unwrap()]);
        let id = found.target.to_string();
        let arguments = ["-c", "core.autocrlf=input", "-c", "core.eol=lf", "archive", "--format=tar", &id];
        let (expected, success) = repository.try_git(&arguments, b"");
        let tree = match fetched.snapshot(found.target).unwrap().archive("") {
            Ok(tree) => tree,
            // git gives up on the whole archive
            Err(GitError::UnsupportedEncoding { .. }) if !success => continue,
            Err(error) => panic!("{case:?}: {error}"),
        };
        for (index, file) in tree.files().iter().enumerate().filter(|(_, file)| file.path.ends_with(b".txt"))
        {
            let expected = success.then(|| tar::files(&expected)[&file.path].clone());
            let got = Some(tree.content(index).unwrap_or_else(|error| panic!("{case:?}: {error}")));
            changed += usize::from(tree.is_converted(index));
            if got != expected {
                wrong.push(format!("{} {case:?} {file:?}\n{got:?}\n{expected:?}", found.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
    assert!(changed > cases.len(), "too few cases do anything: {changed}");
}

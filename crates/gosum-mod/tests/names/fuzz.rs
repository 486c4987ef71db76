//! Parsers against random input: none panics, and what they accept keeps its promises.

use gosum_mod::file::go_mod::{GoMod, at_least_go_1_24, go_line, module_path, statement};
use gosum_mod::file::go_sum::{GoSum, Line};
use gosum_mod::file::go_work::GoWork;
use gosum_mod::file::main_mod::MainMod;
use gosum_mod::name::escape::{escape_version, unescape_path, unescape_version};
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::name::path::{ModulePath, check_file_path, check_import_path, split_path_version};
use gosum_mod::name::pattern::Patterns;
use gosum_mod::name::pseudo;
use gosum_mod::name::quote::unquote;
use gosum_mod::name::version::Version;
use gosum_mod::setting::gotoolchain::{self, GoToolchain, Selected};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Text made of the words that a parser knows, and of anything else.
fn soup(words: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let word = select(words).prop_map(|word| word.as_bytes().to_vec());
    let byte = any::<u8>().prop_map(|byte| vec![byte]);
    let char = any::<char>().prop_map(|char| char.to_string().into_bytes());
    vec(prop_oneof![8 => word, 1 => byte, 1 => char], 0..24).prop_map(|pieces| pieces.concat())
}

const PATH: &[&str] = &[
    "a.b",
    "/",
    "gopkg.in/",
    ".v1",
    "/v2",
    "/v",
    "0",
    "1",
    "-unstable",
    "~1",
    "con",
    ".",
    "-",
    "Foo",
    "!",
    "!a",
    "é",
];

const VERSION: &[&str] = &[
    "v",
    "v1",
    ".",
    "0",
    "1",
    "9",
    "10",
    "-",
    "0.",
    "pre",
    "+incompatible",
    "+",
    "20200102030405",
    "20209902030405",
    "v1.2.3",
    "v0.0.0-",
    "-0123456789ab",
    "/go.mod",
    "@",
    "a.b/c",
];

const GO_MOD: &[&str] = &[
    "module",
    "require",
    "retract",
    "ignore",
    "go",
    "unknown",
    " ",
    " ",
    "\t",
    "\n",
    "\n",
    "\r\n",
    "(",
    ")",
    "[",
    "]",
    ",",
    "\"",
    "`",
    "\\",
    "//",
    "/*",
    "a.b/c",
    "v1.0.0",
    "1.24",
    "// indirect",
    "// Deprecated: x",
    "\u{a0}",
];

const GO_WORK: &[&str] = &[
    "go",
    "toolchain",
    "use",
    "replace",
    "godebug",
    "require",
    "exclude",
    "retract",
    "module",
    "unknown",
    " ",
    " ",
    " ",
    "\n",
    "\n",
    "\r\n",
    "(",
    ")",
    "[",
    "]",
    ",",
    "=>",
    "=>",
    "\"",
    "`",
    "//",
    "a.b/c",
    "a.b/c/v2",
    "v1.0.0",
    "v2.0.0",
    "./a",
    "..",
    "/",
    "\\",
    "1.24",
    "go1.24.0",
    "a=b",
    "=",
];

const GO_SUM: &[&str] = &[
    "a.b/c", " ", " ", " ", "\n", "\r\n", "v1.0.0", "/go.mod", "h1:", "<<<<<<<", "=======", "\u{85}",
    "\u{2003}",
];

const LITERAL: &[&str] = &["\"", "\"", "'", "`", "\\", "x", "u", "U", "0", "07", "41", "d800", "\n", "n"];

const PATTERN: &[&str] = &["*", "?", "[", "]", "^", "-", "\\", ",", "/", "a", "b", "a.b"];
const TOOLCHAIN: &[&str] =
    &["auto", "path", "local", "default", "+", "go", "1", ".", "1.21", "1.22", "rc", "0", "-", " ", "/", "x"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn paths(text in soup(PATH)) {
        let file = check_file_path(&text).is_ok();
        let import = check_import_path(&text).is_ok();
        prop_assert!(file || !import, "an import path is a file path");
        if let Ok(path) = ModulePath::parse(&text) {
            prop_assert!(import, "a module path is an import path");
            prop_assert_eq!(unescape_path(path.escaped()), Ok(path.clone()));
            let (prefix, major) = path.split_major();
            prop_assert_eq!(split_path_version(&text), Some((prefix.as_bytes(), major.as_bytes())));
        }
        if let Ok(path) = unescape_path(&text) {
            prop_assert_eq!(path.escaped().into_bytes(), text);
        }
    }

    #[test]
    fn versions(text in soup(VERSION)) {
        if let Ok(version) = Version::parse(&text) {
            prop_assert_eq!(version.as_str().as_bytes(), &text);
            prop_assert_eq!(unescape_version(version.escaped()), Ok(version.to_string()));
            prop_assert_eq!(version.is_pseudo(), pseudo::parse(&text).is_ok());
        }
        if let Ok(pseudo) = pseudo::parse(&text) {
            let _ = (pseudo.rev(), pseudo.time());
            if let Ok(Some(base)) = pseudo.base() {
                prop_assert!(gosum_mod::name::semver::compare(base.as_bytes(), &text).is_lt());
            }
        }
        if let Ok(escaped) = escape_version(&text) {
            prop_assert_eq!(unescape_version(escaped).map(String::into_bytes), Ok(text.clone()));
        }
        if let Ok(module) = ModuleVersion::parse(&String::from_utf8_lossy(&text)) {
            prop_assert_eq!(ModuleVersion::parse(&module.to_string()), Ok(module));
        }
    }

    #[test]
    fn go_mod_files(text in soup(GO_MOD)) {
        let parsed = GoMod::parse_lax(&text);
        if let Err(error) = &parsed {
            prop_assert!(!error.faults.is_empty());
            prop_assert!(error.faults.is_sorted_by_key(|fault| fault.position));
            prop_assert!(error.faults.iter().all(|fault| fault.position.byte <= text.len()));
        }
        prop_assert!(parsed.is_ok() || !at_least_go_1_24(Some(&text)));
        let _ = (module_path(&text), go_line(&text), statement(&text, "toolchain"));
    }

    #[test]
    fn main_modules_and_workspaces(text in soup(GO_WORK)) {
        let main = MainMod::parse(&text);
        if let Ok(file) = &main {
            let lax = GoMod::parse_lax(&text);
            prop_assert_eq!(lax.as_ref(), Ok(&file.go_mod), "what a main module may say, a dependency may");
        }
        for error in [main.err(), GoWork::parse(&text).err()].into_iter().flatten() {
            prop_assert!(!error.faults.is_empty());
            prop_assert!(error.faults.is_sorted_by_key(|fault| fault.position));
            prop_assert!(error.faults.iter().all(|fault| fault.position.byte <= text.len()));
        }
    }

    #[test]
    fn go_sum_files(text in soup(GO_SUM)) {
        let sums = GoSum::parse(&text);
        let written: Vec<u8> = sums.lines.iter().flat_map(|line| [line.text(), b"\n"].concat()).collect();
        let again = GoSum::parse(&written);
        prop_assert!(again.malformed.is_empty());
        let fields = |line: &Line| [line.path(), line.version(), line.hash()].map(<[u8]>::to_vec);
        prop_assert!(again.lines.iter().map(fields).eq(sums.lines.iter().map(fields)));
        for line in &sums.lines {
            let _ = line.key();
        }
    }

    #[test]
    fn literals(text in soup(LITERAL)) {
        let _ = unquote(&text);
    }

    #[test]
    fn toolchains(setting in soup(TOOLCHAIN), go in soup(TOOLCHAIN), toolchain in soup(TOOLCHAIN)) {
        let [setting, go, toolchain] = [&setting, &go, &toolchain].map(|text| String::from_utf8_lossy(text));
        let selected = GoToolchain::parse(&setting).and_then(|parsed| parsed.select(Some(&go), Some(&toolchain)));
        if let Ok(Selected::Download(name, _)) = selected {
            // it leads into no other folder, and without what somebody has added it is one that a setting may have
            prop_assert!(!name.contains(['/', '\\']), "{name}");
            let plain = name.split(['-', ' ', '\t']).next().unwrap();
            prop_assert!(GoToolchain::parse(plain).is_ok(), "{name}");
            let _ = gotoolchain::module(&name, "linux-amd64");
        }
    }

    #[test]
    fn patterns(list in soup(PATTERN), path in soup(&["a", "b", "a.b", "/", "*", "-"])) {
        let _ = Patterns::parse(&list).matches(&path);
    }
}

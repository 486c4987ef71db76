//! The attribute `working-tree-encoding`: from UTF-8 to what git would write a file in.
//!
//! Git leaves that to iconv, and the machines whose archives count have that of glibc. What is known to be the same here
//! for every character is converted; what glibc knows and we do not is an error, never other bytes.

use std::collections::HashMap;
use std::sync::OnceLock;

use encoding_rs as rs;

/// The names that glibc's iconv knows, in capitals, one a line; with `=` behind those that leave ASCII as it is.
const NAMES: &str = include_str!("encoding_names.txt");

/// A name that glibc's iconv knows, of an encoding that is not the same here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unsupported;

/// Returns `content` in the encoding `label`: as it is where git cannot convert it, because nobody knows the encoding,
/// the content is not UTF-8, or has characters that the encoding lacks.
pub(crate) fn encode(content: Vec<u8>, label: &[u8]) -> Result<Vec<u8>, Unsupported> {
    if content.is_empty() {
        return Ok(content);
    }
    match Target::named(label) {
        Target::Unknown => Ok(content),
        Target::Unsupported { keeps_ascii } => {
            let is_plain = |byte: &u8| (1..128).contains(byte);
            if keeps_ascii && content.iter().all(is_plain) { Ok(content) } else { Err(Unsupported) }
        }
        Target::Known(encoding) => match std::str::from_utf8(&content) {
            Ok(text) => Ok(encoding.encode(text)?.unwrap_or(content)),
            Err(_) => Ok(content),
        },
    }
}

/// What a label means.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Target {
    Known(Encoding),
    /// Something that iconv does not know.
    Unknown,
    /// Something that only iconv knows.
    Unsupported {
        keeps_ascii: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Encoding {
    Utf16 {
        big: bool,
        mark: bool,
    },
    Utf32 {
        big: bool,
        mark: bool,
    },
    /// The characters up to this one, each as a byte.
    Below(u32),
    Table(&'static rs::Encoding),
    /// A table that has controls where glibc has nothing.
    WithoutControls(&'static rs::Encoding),
    /// A table that is the same for most characters.
    Mostly(&'static rs::Encoding, Differences),
}

/// Where a table is not the same here.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Differences {
    /// Whether it is so in all codes of two bytes one of which is below 0xa1.
    low: bool,
    /// Codes as numbers, the first byte highest: the first and the last of a range.
    ranges: &'static [(u32, u32)],
}

impl Target {
    fn named(label: &[u8]) -> Target {
        let Ok(name) = std::str::from_utf8(label) else { return Target::Unsupported { keeps_ascii: false } };
        let name = name.to_ascii_uppercase();
        // behind a slash or comma come wishes, such as to transliterate
        if !name.is_ascii() || name.contains(['/', ',']) {
            return Target::Unsupported { keeps_ascii: false };
        }
        if let Some(encoding) = Encoding::named(&name) {
            return Target::Known(encoding);
        }
        static KNOWN: OnceLock<HashMap<&str, bool>> = OnceLock::new();
        let known = KNOWN.get_or_init(|| {
            NAMES.lines().map(|line| (line.trim_end_matches('='), line.ends_with('='))).collect()
        });
        match known.get(name.as_str()) {
            Some(&keeps_ascii) => Target::Unsupported { keeps_ascii },
            None => Target::Unknown,
        }
    }
}

impl Encoding {
    /// Returns the encoding of a name in capitals: those of git's own, and glibc's with their aliases.
    fn named(name: &str) -> Option<Encoding> {
        // of names that begin with UTF, git compares those with a mark without their first dash
        if let Some(rest) = name.strip_prefix("UTF") {
            return match rest.strip_prefix('-').unwrap_or(rest) {
                "16LE-BOM" => Some(Encoding::Utf16 { big: false, mark: true }),
                "16BE-BOM" => Some(Encoding::Utf16 { big: true, mark: true }),
                "16" => Some(Encoding::Utf16 { big: false, mark: true }),
                "16LE" => Some(Encoding::Utf16 { big: false, mark: false }),
                "16BE" => Some(Encoding::Utf16 { big: true, mark: false }),
                "32" => Some(Encoding::Utf32 { big: false, mark: true }),
                "32LE" => Some(Encoding::Utf32 { big: false, mark: false }),
                "32BE" => Some(Encoding::Utf32 { big: true, mark: false }),
                _ => None,
            };
        }
        let is_one_of = |names: &str| names.split(' ').any(|other| other == name);
        let found = TABLES.iter().find(|(names, _)| is_one_of(names));
        found.map(|(_, encoding)| *encoding)
    }

    /// Returns `text` in this encoding, unless it lacks a character.
    fn encode(self, text: &str) -> Result<Option<Vec<u8>>, Unsupported> {
        let mark = |mark: bool| if mark { "\u{feff}" } else { "" };
        Ok(match self {
            Encoding::Utf16 { big, mark: with } => {
                let units = mark(with).encode_utf16().chain(text.encode_utf16());
                Some(
                    units
                        .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
                        .collect(),
                )
            }
            Encoding::Utf32 { big, mark: with } => {
                let chars = mark(with).chars().chain(text.chars()).map(u32::from);
                Some(
                    chars
                        .flat_map(|char| if big { char.to_be_bytes() } else { char.to_le_bytes() })
                        .collect(),
                )
            }
            Encoding::Below(end) => without_tags(text)
                .map(|char| u32::from(char).try_into().ok().filter(|_| u32::from(char) < end))
                .collect(),
            Encoding::Table(table) => by_table(text, table),
            Encoding::WithoutControls(table) => {
                let has_controls = text.chars().any(|char| ('\u{80}'..='\u{9f}').contains(&char));
                if has_controls { None } else { by_table(text, table) }
            }
            Encoding::Mostly(table, differences) => return differences.encode(text, table).map(Some),
        })
    }
}

impl Differences {
    const fn at(ranges: &'static [(u32, u32)]) -> Differences {
        Differences { low: false, ranges }
    }

    /// Returns `text` by `table`, as long as each character is the same.
    fn encode(self, text: &str, table: &'static rs::Encoding) -> Result<Vec<u8>, Unsupported> {
        let mut encoded = Vec::with_capacity(text.len());
        for char in text.chars() {
            if char.is_ascii() && char != '\0' {
                encoded.push(char as u8);
                continue;
            }
            let mut buffer = [0; 4];
            let (bytes, _, lacks) = table.encode(char.encode_utf8(&mut buffer));
            // what is lacking here may be there in glibc
            if lacks || self.has(&bytes) {
                return Err(Unsupported);
            }
            encoded.extend_from_slice(&bytes);
        }
        Ok(encoded)
    }

    fn has(self, bytes: &[u8]) -> bool {
        let code = bytes.iter().fold(0, |code, byte| code << 8 | u32::from(*byte));
        let is_low = self.low && bytes.len() == 2 && bytes.iter().any(|byte| *byte < 0xa1);
        is_low || self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&code))
    }
}

/// Returns the characters of `text` that count: glibc leaves out tags of languages where an encoding has none.
fn without_tags(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|char| !('\u{e0000}'..='\u{e007f}').contains(char))
}

fn by_table(text: &str, table: &'static rs::Encoding) -> Option<Vec<u8>> {
    let text: String = without_tags(text).collect();
    let (encoded, _, lacks) = table.encode(&text);
    (!lacks).then(|| encoded.into_owned())
}

/// The names of an encoding in glibc.
const TABLES: &[(&str, Encoding)] = &[
    (
        "ANSI_X3.4-1968 ANSI_X3.4-1986 ASCII CP367 CSASCII IBM367 ISO-IR-6 ISO646-US ISO_646.IRV:1991 \
         OSF00010020 US US-ASCII",
        Encoding::Below(0x80),
    ),
    (
        "8859_1 CP819 CSISOLATIN1 IBM819 ISO-8859-1 ISO-IR-100 ISO8859-1 ISO88591 ISO_8859-1 ISO_8859-1:1987 L1 \
         LATIN1 OSF00010001 LATIN-1",
        Encoding::Below(0x100),
    ),
    (
        "8859_2 CP912 CSISOLATIN2 IBM912 ISO-8859-2 ISO-IR-101 ISO8859-2 ISO88592 ISO_8859-2 ISO_8859-2:1987 L2 \
         LATIN2 OSF00010002",
        Encoding::Table(rs::ISO_8859_2),
    ),
    (
        "8859_3 CSISOLATIN3 ISO-8859-3 ISO-IR-109 ISO8859-3 ISO88593 ISO_8859-3 ISO_8859-3:1988 L3 LATIN3 OSF00010003",
        Encoding::Table(rs::ISO_8859_3),
    ),
    (
        "8859_4 CSISOLATIN4 ISO-8859-4 ISO-IR-110 ISO8859-4 ISO88594 ISO_8859-4 ISO_8859-4:1988 L4 LATIN4 OSF00010004",
        Encoding::Table(rs::ISO_8859_4),
    ),
    (
        "8859_5 CP915 CSISOLATINCYRILLIC CYRILLIC IBM915 ISO-8859-5 ISO-IR-144 ISO8859-5 ISO88595 ISO_8859-5 \
         ISO_8859-5:1988 OSF00010005",
        Encoding::Table(rs::ISO_8859_5),
    ),
    (
        "8859_6 ARABIC ASMO-708 CP1089 CSISOLATINARABIC ECMA-114 IBM1089 ISO-8859-6 ISO-IR-127 ISO8859-6 ISO88596 \
         ISO_8859-6 ISO_8859-6:1987 OSF00010006",
        Encoding::Table(rs::ISO_8859_6),
    ),
    (
        "8859_7 CP813 CSISOLATINGREEK ECMA-118 ELOT_928 GREEK GREEK8 IBM813 ISO-8859-7 ISO-IR-126 ISO8859-7 ISO88597 \
         ISO_8859-7 ISO_8859-7:1987 ISO_8859-7:2003 OSF00010007",
        Encoding::Table(rs::ISO_8859_7),
    ),
    (
        "8859_8 CP916 CSISOLATINHEBREW HEBREW IBM916 ISO-8859-8 ISO-IR-138 ISO8859-8 ISO88598 ISO_8859-8 \
         ISO_8859-8:1988 OSF00010008",
        Encoding::Table(rs::ISO_8859_8),
    ),
    (
        "CSISOLATIN6 ISO-8859-10 ISO-IR-157 ISO8859-10 ISO885910 ISO_8859-10 ISO_8859-10:1992 L6 LATIN6 OSF0001000A",
        Encoding::Table(rs::ISO_8859_10),
    ),
    ("BALTIC ISO-8859-13 ISO-IR-179 ISO8859-13 ISO885913 L7 LATIN7", Encoding::Table(rs::ISO_8859_13)),
    (
        "ISO-8859-14 ISO-CELTIC ISO-IR-199 ISO8859-14 ISO885914 ISO_8859-14 ISO_8859-14:1998 L8 LATIN8",
        Encoding::Table(rs::ISO_8859_14),
    ),
    (
        "ISO-8859-15 ISO-IR-203 ISO8859-15 ISO885915 ISO_8859-15 ISO_8859-15:1998 LATIN-9 LATIN9",
        Encoding::Table(rs::ISO_8859_15),
    ),
    (
        "ISO-8859-16 ISO-IR-226 ISO8859-16 ISO885916 ISO_8859-16 ISO_8859-16:2001 L10 LATIN10",
        Encoding::Table(rs::ISO_8859_16),
    ),
    ("866 CP866 CSIBM866 IBM866", Encoding::Table(rs::IBM866)),
    ("CSKOI8R KOI8-R KOI8R", Encoding::Table(rs::KOI8_R)),
    ("CP1250 MS-EE WINDOWS-1250", Encoding::WithoutControls(rs::WINDOWS_1250)),
    ("CP1251 MS-CYRL WINDOWS-1251", Encoding::WithoutControls(rs::WINDOWS_1251)),
    ("CP1252 MS-ANSI WINDOWS-1252", Encoding::WithoutControls(rs::WINDOWS_1252)),
    ("CP1253 MS-GREEK WINDOWS-1253", Encoding::WithoutControls(rs::WINDOWS_1253)),
    ("CP1254 MS-TURK WINDOWS-1254", Encoding::WithoutControls(rs::WINDOWS_1254)),
    ("CP1256 MS-ARAB WINDOWS-1256", Encoding::Table(rs::WINDOWS_1256)),
    ("CP1257 WINBALTRIM WINDOWS-1257", Encoding::WithoutControls(rs::WINDOWS_1257)),
    ("CP949 MSCP949 OSF100203B5 UHC", Encoding::Table(rs::EUC_KR)),
    (
        "8859_9 CP920 CSISOLATIN5 ECMA-128 IBM920 ISO-8859-9 ISO-IR-148 ISO8859-9 ISO88599 ISO_8859-9 ISO_8859-9:1989 \
         L5 LATIN5 OSF00010009 TS-5881",
        Encoding::Mostly(
            rs::WINDOWS_1254,
            Differences::at(&[(0x80, 0x80), (0x82, 0x8c), (0x91, 0x9c), (0x9f, 0x9f)]),
        ),
    ),
    (
        "ISO-8859-11 ISO8859-11 ISO885911",
        Encoding::Mostly(rs::WINDOWS_874, Differences::at(&[(0x80, 0x80), (0x85, 0x85), (0x91, 0x97)])),
    ),
    (
        "CP874",
        Encoding::Mostly(rs::WINDOWS_874, Differences::at(&[(0x81, 0x84), (0x86, 0x90), (0x98, 0x9f)])),
    ),
    (
        "ISO-IR-166 TIS-620 TIS620 TIS620-0 TIS620.2529-1 TIS620.2533-0",
        Encoding::Mostly(rs::WINDOWS_874, Differences::at(&[(0x80, 0xa0)])),
    ),
    ("KOI8-U KOI8U", Encoding::Mostly(rs::KOI8_U, Differences::at(&[(0xae, 0xae), (0xbe, 0xbe)]))),
    (
        "KOI8-RU",
        Encoding::Mostly(
            rs::KOI8_U,
            Differences::at(&[(0x93, 0x93), (0x96, 0x99), (0x9b, 0x9d), (0x9f, 0x9f)]),
        ),
    ),
    (
        "CSMACINTOSH MAC MACINTOSH",
        Encoding::Mostly(rs::MACINTOSH, Differences::at(&[(0xc6, 0xc6), (0xf0, 0xf0)])),
    ),
    (
        "MAC-CYRILLIC MAC-UK MACCYRILLIC MACUK MACUKRAINIAN",
        Encoding::Mostly(rs::X_MAC_CYRILLIC, Differences::at(&[(0xff, 0xff)])),
    ),
    (
        "CP1255 MS-HEBR WINDOWS-1255",
        Encoding::Mostly(
            rs::WINDOWS_1255,
            Differences::at(&[
                (0x81, 0x81),
                (0x8a, 0x8a),
                (0x8c, 0x90),
                (0x9a, 0x9a),
                (0x9c, 0x9f),
                (0xca, 0xca),
            ]),
        ),
    ),
    (
        "CP1258 WINDOWS-1258",
        Encoding::Mostly(
            rs::WINDOWS_1258,
            Differences::at(&[(0x81, 0x81), (0x8a, 0x8a), (0x8d, 0x90), (0x9a, 0x9a), (0x9d, 0x9e)]),
        ),
    ),
    (
        "CSSHIFTJIS MS_KANJI SHIFT-JIS SHIFT_JIS SJIS",
        Encoding::Mostly(
            rs::SHIFT_JIS,
            Differences::at(&[
                (0x80, 0x80),
                (0x8160, 0x8161),
                (0x817c, 0x817c),
                (0x8740, 0x8799),
                (0xfa40, 0xfc4b),
            ]),
        ),
    ),
    (
        "CP932 CSWINDOWS31J MS932 SJIS-OPEN SJIS-WIN WINDOWS-31J",
        Encoding::Mostly(rs::SHIFT_JIS, Differences::at(&[(0x80, 0x80)])),
    ),
    (
        "CSEUCPKDFMTJAPANESE EUC-JP EUCJP OSF00030010 UJIS",
        Encoding::Mostly(
            rs::EUC_JP,
            Differences::at(&[
                (0xa1c1, 0xa1c2),
                (0xa1dd, 0xa1dd),
                (0xa1f1, 0xa1f2),
                (0xa2cc, 0xa2cc),
                (0xada1, 0xadf9),
                (0xf9a1, 0xfcfe),
            ]),
        ),
    ),
    (
        "BIG-5 BIG-FIVE BIG5 BIGFIVE CN-BIG5 CP950",
        Encoding::Mostly(
            rs::BIG5,
            Differences::at(&[(0xa3c0, 0xa3e0), (0xc6a1, 0xc8fe), (0xf9e9, 0xf9eb), (0xf9f9, 0xfefe)]),
        ),
    ),
    (
        "CSEUCKR EUC-KR EUCKR OSF0004000A",
        Encoding::Mostly(rs::EUC_KR, Differences { low: true, ranges: &[] }),
    ),
    (
        "CN-GB CSGB2312 EUC-CN EUCCN GB2312",
        Encoding::Mostly(rs::GBK, Differences { low: true, ranges: GB2312_DIFFERENCES }),
    ),
    ("CP936 GB13000 GBK MS936 WINDOWS-936", Encoding::Mostly(rs::GBK, Differences::at(GBK_DIFFERENCES))),
    ("GB18030", Encoding::Mostly(rs::GB18030, Differences::at(GB18030_DIFFERENCES))),
];

const GB2312_DIFFERENCES: &[(u32, u32)] = &[
    (0x80, 0x80),
    (0xa1a4, 0xa1a4),
    (0xa1aa, 0xa1aa),
    (0xa2a1, 0xa2b0),
    (0xa2e4, 0xa2e4),
    (0xa2ef, 0xa2f0),
    (0xa2fd, 0xa2fe),
    (0xa4f4, 0xa4fe),
    (0xa5f7, 0xa5fe),
    (0xa6b9, 0xa6c0),
    (0xa6d9, 0xa6fe),
    (0xa7c2, 0xa7d0),
    (0xa7f2, 0xa7fe),
    (0xa8bb, 0xa8c4),
    (0xa8ea, 0xa9a3),
    (0xa9f0, 0xaffe),
    (0xd7fa, 0xd7fe),
    (0xf8a1, 0xfefe),
];

const GBK_DIFFERENCES: &[(u32, u32)] = &[
    (0xa140, 0xa1a0),
    (0xa240, 0xa2a0),
    (0xa2ab, 0xa2b0),
    (0xa2e4, 0xa2e4),
    (0xa2ef, 0xa2f0),
    (0xa2fd, 0xa39f),
    (0xa440, 0xa4a0),
    (0xa4f4, 0xa5a0),
    (0xa5f7, 0xa6a0),
    (0xa6b9, 0xa6c0),
    (0xa6d9, 0xa6df),
    (0xa6ec, 0xa6ed),
    (0xa6f3, 0xa6f3),
    (0xa6f6, 0xa7a0),
    (0xa7c2, 0xa7d0),
    (0xa7f2, 0xa7fe),
    (0xa896, 0xa8a0),
    (0xa8bc, 0xa8bc),
    (0xa8bf, 0xa8bf),
    (0xa8c1, 0xa8c4),
    (0xa8ea, 0xa8fe),
    (0xa958, 0xa958),
    (0xa95b, 0xa95b),
    (0xa95d, 0xa95f),
    (0xa989, 0xa995),
    (0xa997, 0xa9a3),
    (0xa9f0, 0xa9fe),
    (0xaaa1, 0xaafe),
    (0xaba1, 0xabfe),
    (0xaca1, 0xacfe),
    (0xada1, 0xadfe),
    (0xaea1, 0xaefe),
    (0xafa1, 0xaffe),
    (0xd7fa, 0xd7fe),
    (0xf8a1, 0xf8fe),
    (0xf9a1, 0xf9fe),
    (0xfaa1, 0xfafe),
    (0xfba1, 0xfbfe),
    (0xfca1, 0xfcfe),
    (0xfda1, 0xfdfe),
    (0xfe50, 0xfefe),
];

const GB18030_DIFFERENCES: &[(u32, u32)] = &[
    (0x95329031, 0x95329031),
    (0x95329033, 0x95329033),
    (0x95329730, 0x95329730),
    (0x9536b937, 0x9536b937),
    (0x9630ba35, 0x9630ba35),
    (0x9635b630, 0x9635b630),
    (0xa6d9, 0xa6df),
    (0xa6ec, 0xa6ed),
    (0xa6f3, 0xa6f3),
    (0xfe51, 0xfe53),
    (0xfe59, 0xfe59),
    (0xfe61, 0xfe61),
    (0xfe66, 0xfe67),
    (0xfe6c, 0xfe6d),
    (0xfe76, 0xfe76),
    (0xfe7e, 0xfe7e),
    (0xfe90, 0xfe91),
    (0xfea0, 0xfea0),
];

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Output, Stdio};

    use super::*;

    #[test]
    fn writes_the_utf_family_as_glibc_does() {
        for (label, expected) in [
            ("UTF-16", &b"\xff\xfeh\0\xe9\0"[..]),
            ("utf16", b"\xff\xfeh\0\xe9\0"),
            ("UTF-16LE", b"h\0\xe9\0"),
            ("UTF-16BE", b"\0h\0\xe9"),
            ("UTF-16LE-BOM", b"\xff\xfeh\0\xe9\0"),
            ("utf16be-bom", b"\xfe\xff\0h\0\xe9"),
            ("UTF-32", b"\xff\xfe\0\0h\0\0\0\xe9\0\0\0"),
            ("UTF-32BE", b"\0\0\0h\0\0\0\xe9"),
            ("latin-1", b"h\xe9"),
            ("windows-1252", b"h\xe9"),
        ] {
            assert_eq!(encode("h\u{e9}".into(), label.as_bytes()).unwrap(), expected, "{label}");
        }
    }

    #[test]
    fn most_characters_of_the_east_are_written_as_glibc_does() {
        for (label, text, expected) in [
            ("shift-jis", "\u{3042}\u{4e9c}a", Ok(b"\x82\xa0\x88\x9fa".to_vec())),
            ("Shift_JIS", "\u{2460}", Err(Unsupported)),
            ("cp932", "\u{2460}", Ok(b"\x87\x40".to_vec())),
            ("euc-jp", "\u{3042}", Ok(b"\xa4\xa2".to_vec())),
            ("gbk", "\u{4e2d}", Ok(b"\xd6\xd0".to_vec())),
            ("big5", "\u{4e2d}", Ok(b"\xa4\xa4".to_vec())),
            ("euc-kr", "\u{ac00}", Ok(b"\xb0\xa1".to_vec())),
            ("euc-kr", "\u{ac02}", Err(Unsupported)),
            ("gb18030", "\u{20000}", Ok(b"\x95\x32\x82\x36".to_vec())),
            ("koi8-u", "\u{456}", Ok(b"\xa6".to_vec())),
        ] {
            assert_eq!(encode(text.into(), label.as_bytes()), expected, "{label} {text}");
        }
    }

    #[test]
    fn what_cannot_be_converted_stays_as_it_is() {
        for (label, content) in [
            ("no-such-encoding", &b"x\xc3\xa9"[..]),
            ("UTF-32LE-BOM", b"x"),
            ("UTF-16", b"\xff\xfe"),
            ("UTF-16", b""),
            ("ISO-8859-1", "\u{20ac}".as_bytes()),
            ("US-ASCII", "\u{e9}".as_bytes()),
            ("CP1252", "\u{81}".as_bytes()),
        ] {
            assert_eq!(encode(content.to_vec(), label.as_bytes()), Ok(content.to_vec()), "{label}");
        }
    }

    #[test]
    fn what_only_iconv_knows_is_unsupported_unless_it_is_ascii_all_the_same() {
        for label in ["SHIFT-JIS", "EUC-KR", "UTF-7", "ISO-8859-1//TRANSLIT", "UCS-2", "EBCDIC-US", "TSCII"] {
            assert_eq!(encode("h\u{e9}".into(), label.as_bytes()), Err(Unsupported), "{label}");
        }
        assert_eq!(encode("plain\n".into(), b"tscii"), Ok("plain\n".into()));
        assert_eq!(encode("plain\n".into(), b"EBCDIC-US"), Err(Unsupported));
        assert_eq!(encode("plain\n".into(), b"UCS-2"), Err(Unsupported));
    }

    fn iconv(name: &str, arguments: &[&str], input: &[u8]) -> Output {
        let mut child = Command::new("iconv")
            .args(arguments)
            .args(["-f", "UTF-8", "-t", name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(move || stdin.write_all(input));
            child.wait_with_output().unwrap()
        })
    }

    #[test]
    #[ignore = "needs glibc's iconv"]
    fn every_character_is_written_as_iconv_writes_it() {
        let is_tag = |char: &char| ('\u{e0000}'..='\u{e007f}').contains(char);
        let chars: Vec<char> =
            (1..=0x0010_ffff).filter_map(char::from_u32).filter(|char| *char != '\n').collect();
        let chars: Vec<char> = chars.into_iter().filter(|char| !is_tag(char)).collect();
        let text: String = chars.iter().flat_map(|char| [*char, '\n']).collect();
        let tables =
            TABLES.iter().map(|(names, _)| names.split(' ').find(|name| *name != "LATIN-1").unwrap());
        for name in tables {
            let Target::Known(encoding) = Target::named(name.as_bytes()) else { panic!("{name}") };
            // what cannot be written is left out: an empty line
            let got = iconv(name, &["-c"], text.as_bytes()).stdout;
            let lines: Vec<&[u8]> = got.strip_suffix(b"\n").unwrap().split(|&byte| byte == b'\n').collect();
            assert_eq!(lines.len(), chars.len(), "{name}");
            let mut written = 0;
            for (char, line) in chars.iter().zip(lines) {
                let Ok(ours) = encoding.encode(&char.to_string()) else { continue };
                assert_eq!(ours.unwrap_or_default(), line, "{name} {:x}", u32::from(*char));
                written += usize::from(!line.is_empty());
            }
            assert!(written > 200 || name == "ANSI_X3.4-1968", "{name}: only {written} characters");
            if matches!(encoding, Encoding::Mostly(..)) {
                continue;
            }
            let tagged = iconv(name, &[], "a\u{e0041}b".as_bytes());
            assert!(tagged.status.success() && tagged.stdout == b"ab", "{name}");
        }
    }

    #[test]
    #[ignore = "needs glibc's iconv"]
    fn every_name_means_what_it_means_to_iconv() {
        let ascii: Vec<u8> = (1..128).collect();
        for line in NAMES.lines() {
            let name = line.trim_end_matches('=');
            let written = iconv(name, &[], &ascii);
            let keeps_ascii = written.status.success() && written.stdout == ascii;
            assert_eq!(keeps_ascii, line.ends_with('='), "{name}");
        }
        let sample = "h\u{e9}\u{416}\u{3b1}\u{5d0}";
        for name in TABLES.iter().flat_map(|(names, _)| names.split(' ')).filter(|name| *name != "LATIN-1") {
            let known = NAMES.lines().any(|line| line.trim_end_matches('=') == name);
            assert!(known, "{name}");
            for char in sample.chars() {
                let Target::Known(encoding) = Target::named(name.as_bytes()) else { panic!("{name}") };
                let written = iconv(name, &[], char.to_string().as_bytes());
                let expected = written.status.success().then_some(written.stdout);
                if let Ok(ours) = encoding.encode(&char.to_string()) {
                    assert_eq!(ours, expected, "{name} {char}");
                }
            }
        }
        for name in ["no-such-encoding", "UTF-32LE-BOM", "latin-1"] {
            assert!(!iconv(name, &[], b"x").status.success(), "{name}");
        }
    }
}

//! The Go versions of go statements: `1.23`, `1.23.4`, `1.23rc1` (spec 03 §3).

/// Returns the Go version that the word `text` of a go statement stands for. A dependency may have been made for a
/// version of a form yet unknown, or have a misspelt one: of what only starts like a version, the start counts.
pub(super) fn salvage(text: &[u8]) -> Option<&str> {
    let known = match language_len(text) {
        Some(end) if is_release(&text[end..]) => text,
        Some(end) => &text[..end],
        None => {
            let text = text.strip_prefix(b"v")?;
            let end = language_len(text).filter(|&end| end < text.len())?;
            &text[..end]
        }
    };
    Some(str::from_utf8(known).expect("a version is ASCII"))
}

/// Returns how much of `text` is a language version like `1.23`, if it starts with one.
fn language_len(text: &[u8]) -> Option<usize> {
    let dot = number_len(text).filter(|_| text[0] != b'0')?;
    let minor = text[dot..].strip_prefix(b".")?;
    Some(dot + 1 + number_len(minor)?)
}

/// Returns how much of `text` is a number, if it starts with one that has no needless zeros.
fn number_len(text: &[u8]) -> Option<usize> {
    let len = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (len == 1 || len > 1 && text[0] != b'0').then_some(len)
}

/// Returns whether `text` can follow a language version: `.4`, `rc1`, `.4rc1` or nothing.
fn is_release(text: &[u8]) -> bool {
    let kind = match text {
        [b'.', patch @ ..] => number_len(patch).map(|len| &patch[len..]),
        _ => Some(text),
    };
    kind.is_some_and(|kind| {
        let letters = kind.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        let digits = &kind[letters..];
        kind.is_empty() || letters > 0 && !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
    })
}

/// Returns the language version of the Go version `go`, as [`salvage`] gives it: `1.23` of `1.23.4` and of `1.23rc1`.
///
/// Returns nothing for those that a go statement may name and that are none all the same: pre-releases of a patch
/// (`1.23.4rc1`), and those numbered with needless zeros (`1.23rc01`).
pub(super) fn language(go: &str) -> Option<&str> {
    let end = language_len(go.as_bytes())?;
    let (language, release) = go.split_at(end);
    let number = match release.strip_prefix('.') {
        Some(patch) => patch,
        None => release.trim_start_matches(|c: char| c.is_ascii_lowercase()),
    };
    let valid = release.is_empty() || number_len(number.as_bytes()) == Some(number.len());
    valid.then_some(language)
}

//! What a Go file says of itself before its code, and of the files that it embeds.

use super::embed;
use super::scan::{Token, TokenKind, tokens};

/// The beginning of a Go file, as the go command reads it, and its `//go:embed` lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GoFile {
    /// The name in the package clause.
    pub package: Option<Vec<u8>>,
    /// The imports, in the order of the file.
    pub imports: Vec<Import>,
    /// The patterns of `//go:embed` lines, wherever they stand; none where the file does not import `embed`.
    pub embeds: Vec<Vec<u8>>,
    /// Whether something else stands where the package clause or the imports should, or a NUL byte. Go refuses such a
    /// file, and its package.
    pub is_malformed: bool,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The path; nothing where its literal is not well-formed.
    pub path: Option<Vec<u8>>,
    /// The line of the path, from 1.
    pub line: usize,
}

impl GoFile {
    /// Returns what `text` says. Tolerant: what follows something malformed is not read.
    pub fn parse(text: &[u8]) -> GoFile {
        let mut file = GoFile::default();
        let read = file.head(text).map(|end| text.get(..=end).unwrap_or(text)); // with the byte that ends the head
        file.is_malformed = read.is_none_or(|read| read.contains(&0));
        if file.imports(b"embed") {
            let lines = tokens(text).filter_map(|token| token.directive().and_then(embed::patterns));
            file.embeds = lines.flatten().collect();
        }
        file
    }

    /// Returns whether it imports `path`.
    pub fn imports(&self, path: &[u8]) -> bool {
        self.imports.iter().any(|import| import.path.as_deref() == Some(path))
    }

    /// Reads the package clause and the imports, and returns where they end unless they are malformed.
    fn head(&mut self, text: &[u8]) -> Option<usize> {
        let mut code = Code::new(text);
        code.tokens
            .find(|token| token.kind != TokenKind::Comment)
            .filter(|token| token.is_ident("package"))?;
        let name = code.next().filter(|token| token.kind == TokenKind::Ident)?;
        self.package = Some(name.text.to_vec());
        while code.peek().is_some_and(|token| token.is_ident("import")) {
            code.next();
            if !code.peek()?.is_other(b'(') {
                self.spec(&mut code)?;
                continue;
            }
            code.next();
            while !code.peek()?.is_other(b')') {
                self.spec(&mut code)?;
            }
            code.next();
        }
        Some(code.peek().map_or(text.len(), |token| token.offset))
    }

    fn spec(&mut self, code: &mut Code<'_>) -> Option<()> {
        if code.peek()?.is_other(b'.') || code.peek()?.kind == TokenKind::Ident {
            code.next();
        }
        let path = code.next().filter(|token| token.kind == TokenKind::String)?;
        self.imports.push(Import { path: path.value(), line: path.line });
        Some(())
    }
}

/// Tokens without comments and semicolons.
struct Code<'a> {
    tokens: super::scan::Tokens<'a>,
    peeked: Option<Token<'a>>,
}

impl<'a> Code<'a> {
    fn new(text: &'a [u8]) -> Code<'a> {
        Code { tokens: tokens(text), peeked: None }
    }

    fn next(&mut self) -> Option<Token<'a>> {
        let more = &mut self.tokens;
        let skipped = |token: &Token<'_>| token.kind == TokenKind::Comment || token.is_other(b';');
        self.peeked.take().or_else(|| more.find(|token| !skipped(token)))
    }

    fn peek(&mut self) -> Option<Token<'a>> {
        self.peeked = self.next();
        self.peeked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let file = GoFile::parse(text.as_bytes());
        let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        let imports = file.imports.iter().map(|import| import.path.as_ref().map_or("?".into(), text));
        let parts = file.package.iter().map(text).chain(imports);
        let embeds = file.embeds.iter().map(|pattern| format!("<{}>", text(pattern)));
        let malformed = file.is_malformed.then(|| "malformed".to_owned());
        parts.chain(embeds).chain(malformed).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn reads_the_head_and_the_embed_lines() {
        for (text, expected) in [
            ("package p", "p"),
            (
                "/* import \"x\" */ package p; import \"a\"; import (\n\"b\"\nc \"d\"; . `e`\n)\nvar x = \"y\"",
                "p a b d e",
            ),
            ("package p\nimport ()\nvar x\nimport \"late\"", "p"),
            ("package p\nimport \"\\x43\"", "p C"),
            ("package p\nimport \"a\\q\"", "p ?"),
            (
                "package p\nimport _ \"embed\"\n//go:embed a \"b c\" `d`\nvar x = `\n//go:embed no`",
                "p embed <a> <b c> <d>",
            ),
            ("//go:embed z\npackage p\nimport \"embed\"\nfunc f() {\n\t//go:embed\ty\n}", "p embed <z> <y>"),
            ("package p\n//go:embed a\nvar x", "p"),
            (
                "package p\nimport \"embed\"\n//go:embed a \"b\n//go:embedded c\n// go:embed d\n/*go:embed e*/",
                "p embed",
            ),
            ("import \"a\"", "malformed"),
            (";package p", "malformed"),
            ("package p\nimport \"a\"\nimport b c", "p a malformed"),
            ("package p\nimport (\"a\"", "p a malformed"),
            ("package p\0", "p malformed"),
            ("package p\nimport \"a\"\nvar x = '\0'", "p a"),
            ("", "malformed"),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }
}

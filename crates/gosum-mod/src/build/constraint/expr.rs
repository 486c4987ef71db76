//! The expressions of build constraints (`go/build/constraint`).

use crate::file::space::{fields, trim};
use crate::name::unicode::{decode, is_digit, is_letter};

/// How many tags a `//go:build` line may have.
const MAX_TAGS: usize = 1000;
/// How many operators a `// +build` line may have; one with more is passed over.
const MAX_OLD_OPERATORS: usize = 100;

/// A build constraint: what must be so of the tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// The tag is given.
    Tag(String),
    /// The other is not so.
    Not(Box<Expr>),
    /// All are so.
    And(Vec<Expr>),
    /// One is so at least.
    Or(Vec<Expr>),
}

/// What is wrong with a `//go:build` line, for which go refuses the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExprError {
    /// It breaks the grammar.
    #[error("a build constraint that breaks the grammar")]
    Syntax,
    /// It is larger than go reads.
    #[error("a build constraint of more than {MAX_TAGS} tags")]
    TooLarge,
}

impl Expr {
    /// Returns whether it is so, where `is_given` says which tags are given.
    pub fn holds(&self, is_given: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Expr::Tag(tag) => is_given(tag),
            Expr::Not(expr) => !expr.holds(is_given),
            Expr::And(all) => all.iter().all(|expr| expr.holds(is_given)),
            Expr::Or(any) => any.iter().any(|expr| expr.holds(is_given)),
        }
    }
}

/// Returns what follows `//go:build` in a line that is one, white space left out.
pub(super) fn go_build(line: &[u8]) -> Option<&[u8]> {
    after(trim(line).strip_prefix(b"//go:build")?)
}

/// Returns what follows `// +build` in a line that is one, white space left out.
pub(super) fn plus_build(line: &[u8]) -> Option<&[u8]> {
    after(trim(trim(line).strip_prefix(b"//")?).strip_prefix(b"+build")?)
}

/// Returns `rest` without white space, if it begins with some or there is nothing else: `//go:builder` is no constraint.
fn after(rest: &[u8]) -> Option<&[u8]> {
    let text = trim(rest);
    (text.len() < rest.len() || rest.is_empty()).then_some(text)
}

/// Returns what a `//go:build` line says.
///
/// ```text
/// or   = and { "||" and } .
/// and  = not { "&&" not } .
/// not  = [ "!" ] atom .
/// atom = tag | "(" or ")" .
/// tag  = ( letter | digit | "_" | "." ) { letter | digit | "_" | "." } .
/// ```
pub(super) fn parse(text: &[u8]) -> Result<Expr, ExprError> {
    let mut parser = Parser { rest: text, token: Token::End, tags: 0 };
    let expr = parser.or()?;
    if parser.token == Token::End { Ok(expr) } else { Err(ExprError::Syntax) }
}

/// Returns what a `// +build` line says, or nothing for one that go passes over.
pub(super) fn parse_old(text: &[u8]) -> Option<Expr> {
    let mut operators = 0;
    let mut any = Vec::new();
    for clause in fields(text) {
        let all: Vec<_> = clause.split(|&byte| byte == b',').map(literal).collect();
        operators += all.len();
        any.push(one(all, Expr::And));
    }
    if operators > MAX_OLD_OPERATORS + 1 {
        return None;
    }
    Some(if any.is_empty() { ignore() } else { one(any, Expr::Or) })
}

/// Returns a tag of a `// +build` line. What is none counts as `ignore`, a tag that is hardly ever given.
fn literal(text: &[u8]) -> Expr {
    let (negated, tag) = match text {
        [b'!', b'!', ..] | b"!" => return ignore(),
        [b'!', tag @ ..] => (true, tag),
        tag => (false, tag),
    };
    let tag = match tag_at(tag) {
        Some((tag, b"")) => Expr::Tag(tag.into()),
        _ => ignore(),
    };
    if negated { Expr::Not(tag.into()) } else { tag }
}

fn ignore() -> Expr {
    Expr::Tag("ignore".into())
}

fn one(mut list: Vec<Expr>, many: fn(Vec<Expr>) -> Expr) -> Expr {
    match list.pop() {
        Some(only) if list.is_empty() => only,
        Some(last) => {
            list.push(last);
            many(list)
        }
        None => many(list),
    }
}

/// Returns the tag at the start of `text` and what follows it.
fn tag_at(text: &[u8]) -> Option<(&str, &[u8])> {
    let mut end = 0;
    loop {
        let (c, width) = decode(&text[end..]);
        if width == 0 || !(is_letter(c) || is_digit(c) || c == '_' || c == '.') {
            break;
        }
        end += width;
    }
    let (tag, rest) = text.split_at(end);
    let tag = str::from_utf8(tag).expect("letters and digits are UTF-8");
    (!tag.is_empty()).then_some((tag, rest))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    End,
    Open,
    Close,
    Not,
    And,
    Or,
    Tag(&'a str),
}

struct Parser<'a> {
    rest: &'a [u8],
    token: Token<'a>,
    tags: usize,
}

impl Parser<'_> {
    fn or(&mut self) -> Result<Expr, ExprError> {
        let mut any = vec![self.and()?];
        while self.token == Token::Or {
            any.push(self.and()?);
        }
        Ok(one(any, Expr::Or))
    }

    fn and(&mut self) -> Result<Expr, ExprError> {
        let mut all = vec![self.not()?];
        while self.token == Token::And {
            all.push(self.not()?);
        }
        Ok(one(all, Expr::And))
    }

    fn not(&mut self) -> Result<Expr, ExprError> {
        self.tags += 1;
        if self.tags > MAX_TAGS {
            return Err(ExprError::TooLarge);
        }
        self.advance()?;
        if self.token != Token::Not {
            return self.atom();
        }
        self.advance()?;
        Ok(Expr::Not(self.atom()?.into()))
    }

    fn atom(&mut self) -> Result<Expr, ExprError> {
        let expr = match self.token {
            Token::Tag(tag) => Expr::Tag(tag.to_owned()),
            Token::Open => {
                let expr = self.or()?;
                if self.token != Token::Close {
                    return Err(ExprError::Syntax);
                }
                expr
            }
            _ => return Err(ExprError::Syntax),
        };
        self.advance()?;
        Ok(expr)
    }

    fn advance(&mut self) -> Result<(), ExprError> {
        while let [b' ' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
        (self.token, self.rest) = match self.rest {
            [] => (Token::End, self.rest),
            [b'(', rest @ ..] => (Token::Open, rest),
            [b')', rest @ ..] => (Token::Close, rest),
            [b'!', rest @ ..] => (Token::Not, rest),
            [b'&', b'&', rest @ ..] => (Token::And, rest),
            [b'|', b'|', rest @ ..] => (Token::Or, rest),
            text => {
                let (tag, rest) = tag_at(text).ok_or(ExprError::Syntax)?;
                (Token::Tag(tag), rest)
            }
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows an expression with all its brackets.
    fn show(expr: &Expr) -> String {
        let list = |list: &[Expr], operator: &str| {
            format!("({})", list.iter().map(show).collect::<Vec<_>>().join(operator))
        };
        match expr {
            Expr::Tag(tag) => tag.clone(),
            Expr::Not(expr) => format!("!{}", show(expr)),
            Expr::And(all) => list(all, "&&"),
            Expr::Or(any) => list(any, "||"),
        }
    }

    #[test]
    fn reads_go_build_lines() {
        for (text, shown) in [
            ("a", "a"),
            ("a&&b||c", "((a&&b)||c)"),
            ("a&&(b||!c)", "(a&&(b||!c))"),
            ("!(a)", "!a"),
            ("((a))\t|| 386", "(a||386)"),
            ("go1.20 && é_ && ٣", "(go1.20&&é_&&٣)"),
        ] {
            assert_eq!(parse(text.as_bytes()).as_ref().map(show), Ok(shown.to_owned()), "{text}");
        }
        for text in [
            "", "a b", "a,b", "!!a", "(a", "a)", "a &", "a & b", "&& a", "a-b", "a\u{b2}", "a\u{a0}b", "!",
            "()",
        ] {
            assert_eq!(parse(text.as_bytes()), Err(ExprError::Syntax), "{text}");
        }
        assert_eq!(parse(b"a\xff"), Err(ExprError::Syntax));
        let brackets = |count| format!("{}a{}", "(".repeat(count), ")".repeat(count));
        assert!(parse(brackets(999).as_bytes()).is_ok());
        assert_eq!(parse(brackets(1000).as_bytes()), Err(ExprError::TooLarge));
        assert_eq!(parse(format!("a{}", "||a".repeat(1000)).as_bytes()), Err(ExprError::TooLarge));
    }

    #[test]
    fn reads_old_lines() {
        for (text, shown) in [
            ("a", "a"),
            ("a b,!c", "(a||(b&&!c))"),
            ("", "ignore"),
            ("!", "ignore"),
            ("!!a", "ignore"),
            ("a-b !a-b", "(ignore||!ignore)"),
            ("a,,b", "(a&&ignore&&b)"),
        ] {
            assert_eq!(parse_old(text.as_bytes()).as_ref().map(show), Some(shown.to_owned()), "{text}");
        }
        assert!(parse_old("a ".repeat(101).as_bytes()).is_some());
        assert!(parse_old("a ".repeat(102).as_bytes()).is_none());
        assert!(parse_old(format!("a{}", ",a".repeat(101)).as_bytes()).is_none());
    }

    #[test]
    fn tells_constraints_from_other_comments() {
        for (line, text) in [
            ("//go:build a ", Some("a")),
            ("\t//go:build\u{a0}a\r", Some("a")),
            ("//go:build", Some("")),
            ("//go:builder a", None),
            ("// go:build a", None),
        ] {
            assert_eq!(go_build(line.as_bytes()), text.map(str::as_bytes), "{line}");
        }
        for (line, text) in [
            ("//+build a", Some("a")),
            ("//\t +build\ta", Some("a")),
            ("// +builds a", None),
            ("/ +build a", None),
        ] {
            assert_eq!(plus_build(line.as_bytes()), text.map(str::as_bytes), "{line}");
        }
    }
}

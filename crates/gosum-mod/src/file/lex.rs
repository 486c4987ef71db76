//! The tokens of go.mod and its like (spec 03 §3).
//!
//! A token is a newline, one of `( ) [ ] { } ,`, a string in `"` or `` ` ``, or a word: a run of printable characters
//! other than those and spaces, in which `//` starts a comment. Spaces are blank, tab and carriage return.

use super::error::{Fault, FaultKind, Position};
use crate::name::unicode::{decode, is_print, is_space};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The end of the file.
    End,
    /// The end of a line without a comment.
    Newline,
    /// A comment that something stands before on its line, with the end of the line.
    EndComment,
    /// A comment with a line of its own, with the end of the line.
    Comment,
    /// A word or a string.
    Word,
    /// A bracket or comma.
    Mark(u8),
}

impl Kind {
    /// Returns whether a statement ends here.
    pub(super) fn ends_line(self) -> bool {
        matches!(self, Kind::End | Kind::Newline | Kind::EndComment)
    }
}

/// A piece of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) start: Position,
    /// As it stands in the file; of a comment, without the end of its line.
    pub(super) text: &'a [u8],
}

/// Reads a file token by token.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    text: &'a [u8],
    at: Position,
    /// Whether only spaces have been read since the last newline.
    blank: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a [u8]) -> Lexer<'a> {
        Lexer { text, at: Position { line: 1, column: 1, byte: 0 }, blank: true }
    }

    /// Returns where the next token is looked for.
    pub(super) fn position(&self) -> Position {
        self.at
    }

    /// Returns the next token; at the end of the file, [`Kind::End`] each time.
    pub(super) fn next(&mut self) -> Result<Token<'a>, Fault> {
        while matches!(self.rest(), [b' ' | b'\t' | b'\r', ..]) {
            self.bump();
        }
        let start = self.at;
        let kind = match *self.rest() {
            [] => Kind::End,
            [b'/', b'/', ..] => self.comment(),
            [b'/', b'*', ..] => return Err(self.fault(FaultKind::BlockComment)),
            [b'\n', ..] => {
                self.bump();
                Kind::Newline
            }
            [mark @ (b'(' | b')' | b'[' | b']' | b'{' | b'}' | b','), ..] => {
                self.bump();
                Kind::Mark(mark)
            }
            [mark @ (b'"' | b'`'), ..] => self.string(mark)?,
            _ => self.word()?,
        };
        let mut text = &self.text[start.byte..self.at.byte];
        if matches!(kind, Kind::Comment | Kind::EndComment) {
            text = text.strip_suffix(b"\n").map_or(text, |line| line.strip_suffix(b"\r").unwrap_or(line));
        }
        Ok(Token { kind, start, text })
    }

    fn comment(&mut self) -> Kind {
        let kind = if self.blank { Kind::Comment } else { Kind::EndComment };
        while !self.rest().is_empty() && self.bump() != '\n' {}
        kind
    }

    fn string(&mut self, mark: u8) -> Result<Kind, Fault> {
        let start = self.at;
        let end_of_file = Fault { position: start, kind: FaultKind::EndInString };
        self.bump();
        loop {
            match self.rest() {
                [] => return Err(end_of_file),
                [b'\n', ..] => return Err(self.fault(FaultKind::NewlineInString)),
                [b'\\'] if mark != b'`' => return Err(end_of_file),
                [b'\\', ..] if mark != b'`' => {
                    self.bump();
                    self.bump(); // whatever is escaped, a newline even
                }
                [byte, ..] if *byte == mark => {
                    self.bump();
                    return Ok(Kind::Word);
                }
                _ => {
                    self.bump();
                }
            }
        }
    }

    fn word(&mut self) -> Result<Kind, Fault> {
        let (char, _) = decode(self.rest());
        if !is_word(char) {
            return Err(self.fault(FaultKind::Character { char }));
        }
        while let rest @ [_, ..] = self.rest()
            && is_word(decode(rest).0)
        {
            match rest {
                [b'/', b'/', ..] => break,
                [b'/', b'*', ..] => return Err(self.fault(FaultKind::BlockComment)),
                _ => self.bump(),
            };
        }
        Ok(Kind::Word)
    }

    fn rest(&self) -> &'a [u8] {
        &self.text[self.at.byte..]
    }

    /// Steps over one character.
    fn bump(&mut self) -> char {
        let (c, width) = decode(self.rest());
        self.at.byte += width;
        self.at.column += 1;
        match c {
            '\n' => {
                self.at.line += 1;
                self.at.column = 1;
                self.blank = true;
            }
            ' ' | '\t' | '\r' => {}
            _ => self.blank = false,
        }
        c
    }

    fn fault(&self, kind: FaultKind) -> Fault {
        Fault { position: self.at, kind }
    }
}

fn is_word(c: char) -> bool {
    !matches!(c, ' ' | '(' | ')' | '[' | ']' | '{' | '}' | ',') && !is_space(c) && is_print(c)
}

//! The statements of go.mod and its like: lines of words, alone or in a block, with the comments that belong to them.

use super::error::{Fault, FaultKind, Position};
use super::lex::{Kind, Lexer, Token};

/// How many words of a statement are kept. Every statement that Go knows has fewer; of what has more, it matters only
/// that it is too long.
const KEPT_WORDS: usize = 8;

/// A line of words, or the head of a block of them.
#[derive(Debug)]
pub(super) struct Statement<'a> {
    pub(super) form: Form,
    pub(super) start: Position,
    /// The words as they stand in the file, the first [`KEPT_WORDS`] of them; at least one.
    pub(super) words: Vec<&'a [u8]>,
    /// The comments on the lines before, with their `//`. Within a block, an empty one stands for blank lines.
    pub(super) before: Vec<&'a [u8]>,
    /// The comment at the end of the line. (Where a string goes on over the end of a line by way of a backslash, Go gives
    /// it to the statement before. No statement takes such a string.)
    pub(super) suffix: Option<&'a [u8]>,
}

/// Where a statement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// On a line of its own.
    Line,
    /// At the head of a block: what stands before its `(`. The lines of the block follow.
    Block,
    /// Within the block whose head came last.
    InBlock,
}

/// Reads a file statement by statement, so that a hostile one takes no more memory than what is kept of it.
#[derive(Debug)]
pub(super) struct Statements<'a> {
    lexer: Lexer<'a>,
    /// The token that comes next.
    peeked: Token<'a>,
    block: Option<OpenBlock>,
    /// The comments since the last statement or, outside a block, blank line.
    comments: Vec<&'a [u8]>,
}

#[derive(Debug)]
struct OpenBlock {
    start: Position,
    has_lines: bool,
}

impl<'a> Statements<'a> {
    pub(super) fn new(text: &'a [u8]) -> Result<Statements<'a>, Fault> {
        let mut lexer = Lexer::new(text);
        let peeked = lexer.next()?;
        Ok(Statements { lexer, peeked, block: None, comments: Vec::new() })
    }

    /// Returns the next statement, or nothing at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<Statement<'a>>, Fault> {
        loop {
            match (self.peeked.kind, &self.block) {
                (Kind::End, None) => return Ok(None),
                (Kind::End, Some(block)) => {
                    return Err(self.fault(FaultKind::OpenBlock { start: block.start }));
                }
                (Kind::Comment, _) => {
                    let comment = self.take()?;
                    self.comments.push(comment.text);
                }
                (Kind::Newline, _) => {
                    self.take()?;
                    self.blank_line();
                }
                (Kind::EndComment, Some(_)) => {
                    self.take()?; // behind the `(`
                }
                (Kind::Mark(b')'), Some(_)) => self.close_block()?,
                (_, None) => return self.statement().map(Some),
                (_, Some(_)) => return self.line().map(Some),
            }
        }
    }

    fn blank_line(&mut self) {
        match &self.block {
            None => self.comments.clear(),
            Some(block) => {
                if self.comments.last().map_or(block.has_lines, |last| !last.is_empty()) {
                    self.comments.push(b"");
                }
            }
        }
    }

    fn close_block(&mut self) -> Result<(), Fault> {
        self.take()?;
        if !self.peeked.kind.ends_line() {
            return Err(self.fault(FaultKind::AfterBlock));
        }
        self.take()?;
        self.block = None;
        self.comments.clear();
        Ok(())
    }

    fn statement(&mut self) -> Result<Statement<'a>, Fault> {
        let mut statement = self.start(Form::Line)?;
        loop {
            let token = self.take()?;
            if token.kind.ends_line() {
                return Ok(end(statement, &token));
            }
            if token.kind == Kind::Mark(b'(') {
                if self.peeked.kind.ends_line() {
                    self.block = Some(OpenBlock { start: statement.start, has_lines: false });
                    return Ok(Statement { form: Form::Block, ..statement });
                }
                if self.peeked.kind == Kind::Mark(b')') {
                    let close = self.take()?;
                    if self.peeked.kind.ends_line() {
                        self.take()?;
                        return Ok(Statement { form: Form::Block, ..statement });
                    }
                    keep(&mut statement, &token);
                    keep(&mut statement, &close);
                    continue;
                }
            }
            keep(&mut statement, &token);
        }
    }

    fn line(&mut self) -> Result<Statement<'a>, Fault> {
        let mut statement = self.start(Form::InBlock)?;
        if let Some(block) = &mut self.block {
            block.has_lines = true;
        }
        loop {
            let token = self.take()?;
            if token.kind.ends_line() {
                return Ok(end(statement, &token));
            }
            keep(&mut statement, &token);
        }
    }

    fn start(&mut self, form: Form) -> Result<Statement<'a>, Fault> {
        let first = self.take()?;
        let before = std::mem::take(&mut self.comments);
        Ok(Statement { form, start: first.start, words: vec![first.text], before, suffix: None })
    }

    fn take(&mut self) -> Result<Token<'a>, Fault> {
        Ok(std::mem::replace(&mut self.peeked, self.lexer.next()?))
    }

    fn fault(&self, kind: FaultKind) -> Fault {
        Fault { position: self.lexer.position(), kind }
    }
}

fn keep<'a>(statement: &mut Statement<'a>, token: &Token<'a>) {
    if statement.words.len() < KEPT_WORDS {
        statement.words.push(token.text);
    }
}

fn end<'a>(statement: Statement<'a>, token: &Token<'a>) -> Statement<'a> {
    let suffix = (token.kind == Kind::EndComment).then_some(token.text);
    Statement { suffix, ..statement }
}

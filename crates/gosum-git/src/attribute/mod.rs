//! What the `.gitattributes` files of a tree say of its files, as far as it changes their bytes
//! (spec 05 §5). Attributes of the system, the user or the repository's own folder do not exist here.

#[cfg(test)]
mod growth;
mod line;
mod pattern;

use std::collections::HashMap;
use std::rc::Rc;

use self::line::{About, Line, State};
use self::pattern::Pattern;
use crate::convert::{Conversion, Eol, Label};
use crate::limits::{Bound, Limits};
use crate::{GitError, ObjectId};

/// A line of so many bytes is ignored.
const MAX_LINE: usize = 2048;
/// A file of so many bytes is ignored.
const MAX_FILE: usize = 100 << 20;

/// The attributes that matter.
const NAMES: [&str; 5] = ["text", "crlf", "eol", "ident", "working-tree-encoding"];
const TEXT: usize = 0;
const CRLF: usize = 1;
const EOL: usize = 2;
const IDENT: usize = 3;
const ENCODING: usize = 4;

/// The attributes in force in a folder: of all `.gitattributes` files from the root down to it.
pub(crate) struct Attributes {
    /// The numbers of the attributes that matter, and of the macros behind them.
    names: HashMap<Vec<u8>, usize>,
    /// What macro number `NAMES.len() + n` is short for.
    macros: Vec<Vec<Assignment>>,
    /// The folders from the root down.
    folders: Vec<Folder>,
    /// The state of each attribute, of the file that was last asked about.
    states: Vec<Option<State>>,
    /// What reading and matching has cost.
    cost: Cost,
    known: Known,
}

/// What an attribute is set to.
type Assignment = (usize, State);

/// The lines of a file that can matter.
type Rules = Rc<[(Pattern, Vec<Assignment>)]>;

/// Files that have been read: one may be in many folders.
#[derive(Default)]
struct Known {
    files: HashMap<ObjectId, (Rules, u64)>,
    bytes: u64,
}

struct Folder {
    /// How much of a path lies above what is in the folder.
    above: usize,
    rules: Rules,
    /// The bytes of all files in force in it.
    bytes: u64,
}

struct Cost {
    max_bytes: u64,
    steps: u64,
    max_steps: u64,
}

impl Cost {
    fn take(&mut self, steps: u64) -> Result<(), GitError> {
        self.steps = self.steps.saturating_add(steps);
        match self.steps > self.max_steps {
            true => Err(GitError::Limit { bound: Bound::AttributeSteps, max: self.max_steps }),
            false => Ok(()),
        }
    }
}

impl Known {
    /// Remembers a file, and forgets all others when they are too large together.
    fn add(&mut self, id: ObjectId, rules: &Rules, size: u64, max: u64) {
        self.bytes += size;
        if self.bytes > max {
            (self.bytes, self.files) = (size, HashMap::new());
        }
        self.files.insert(id, (Rc::clone(rules), size));
    }
}

impl Attributes {
    pub(crate) fn new(limits: &Limits) -> Attributes {
        let names: HashMap<_, _> = (0..).zip(NAMES).map(|(at, name)| (name.into(), at)).collect();
        let cost = Cost { max_bytes: limits.attribute_bytes, steps: 0, max_steps: limits.attribute_steps };
        let (macros, folders, states) = (Vec::new(), Vec::new(), Vec::new());
        let mut attributes = Attributes { names, macros, folders, states, cost, known: Known::default() };
        let binary = Line::parse(b"[attr]binary -diff -merge -text").expect("git's own macro is well-formed");
        attributes.define(&[binary]);
        attributes
    }

    /// Goes down into `folder`, with its `.gitattributes` file, if there is one: its id, and who reads it.
    ///
    /// # Errors
    /// When it cannot be read, the files in force are too large together, or reading has cost too much.
    pub(crate) fn enter(
        &mut self,
        folder: &[u8],
        file: Option<(ObjectId, impl FnOnce() -> Result<Vec<u8>, GitError>)>,
    ) -> Result<(), GitError> {
        let (max, above) = (self.cost.max_bytes, self.folders.last().map_or(0, |above| above.bytes));
        let check = |size: u64| match above + size > max {
            true => Err(GitError::Limit { bound: Bound::AttributeBytes, max }),
            false => Ok(()),
        };
        let (rules, size) = match file {
            None => (Rules::from([]), 0),
            Some((id, read)) => match self.known.files.get(&id).filter(|_| !folder.is_empty()) {
                Some((rules, size)) => (Rc::clone(rules), *size),
                None => {
                    let content = read()?;
                    let content = if content.len() < MAX_FILE { content } else { Vec::new() };
                    let size = content.len() as u64;
                    check(size)?;
                    self.cost.take(size)?;
                    let rules = self.rules(folder, &content);
                    // what the root defines is in force below it
                    if !folder.is_empty() {
                        self.known.add(id, &rules, size, max);
                    }
                    (rules, size)
                }
            },
        };
        check(size)?;
        let below = if folder.is_empty() { 0 } else { folder.len() + 1 };
        self.folders.push(Folder { above: below, rules, bytes: above + size });
        Ok(())
    }

    /// Returns what the file of `folder` says, `content` being its text.
    fn rules(&mut self, folder: &[u8], content: &[u8]) -> Rules {
        let lines: Vec<Line<'_>> = heeded(content).filter_map(Line::parse).collect();
        // anywhere else they do not count
        if folder.is_empty() {
            self.define(&lines);
        }
        let rules = lines.into_iter().filter_map(|line| match line.about {
            About::Files(Some(pattern)) => Some((pattern, self.assignments(line.states))),
            _ => None,
        });
        rules.filter(|(_, assignments)| !assignments.is_empty()).collect()
    }

    /// Goes up to the folder above.
    pub(crate) fn leave(&mut self) {
        self.folders.pop();
    }

    /// Takes in the macros that `lines` define: of several of one name the last one counts.
    fn define(&mut self, lines: &[Line<'_>]) {
        let defined = lines.iter().filter_map(|line| match &line.about {
            About::Macro(name) => Some((name, &line.states)),
            About::Files(_) => None,
        });
        let defined: Vec<_> = defined.collect();
        for (name, _) in &defined {
            let next = self.names.len();
            self.names.entry((*name).clone()).or_insert(next);
        }
        self.macros.resize(self.names.len(), Vec::new());
        for (name, states) in defined {
            self.macros[self.names[name]] = self.assignments(states.clone());
        }
    }

    /// Returns those of `states` that can matter.
    fn assignments(&self, states: Vec<(&[u8], State)>) -> Vec<Assignment> {
        states.into_iter().filter_map(|(name, state)| Some((*self.names.get(name)?, state))).collect()
    }

    /// Returns how the file at `path`, in the current folder, is to be converted.
    ///
    /// # Errors
    /// When matching the files of this commit has cost too much.
    pub(crate) fn conversion(&mut self, path: &[u8]) -> Result<Conversion, GitError> {
        if self.folders.iter().all(|folder| folder.rules.is_empty()) {
            return Ok(Conversion::default());
        }
        self.states.clear();
        self.states.resize(self.macros.len(), None);
        let steps = &mut self.cost.steps;
        *steps += self.states.len() as u64;
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
        // what counts most is seen first: the deepest folder, the last line, the last state of a line
        for folder in self.folders.iter().rev() {
            for (pattern, assignments) in folder.rules.iter().rev() {
                if pattern.matches(&path[folder.above..], name, steps) {
                    assign(&mut self.states, &self.macros, assignments, steps);
                }
            }
        }
        self.cost.take(0)?;
        let state = |at: usize| self.states[at].as_ref().unwrap_or(&State::Unspecified);
        Ok(Conversion {
            eol: line_end(state(TEXT), state(CRLF), state(EOL)),
            ident: *state(IDENT) == State::Set,
            encoding: encoding_in(state(ENCODING)),
        })
    }
}

/// Gives the attributes that have no state yet theirs; those of a macro that is set follow at once.
fn assign(
    states: &mut [Option<State>],
    macros: &[Vec<Assignment>],
    assignments: &[Assignment],
    steps: &mut u64,
) {
    let mut waiting = vec![assignments.iter().rev()];
    while let Some(rest) = waiting.last_mut() {
        let Some((name, state)) = rest.next() else {
            waiting.pop();
            continue;
        };
        *steps += 1;
        if states[*name].is_none() {
            states[*name] = Some(state.clone());
            if *state == State::Set {
                waiting.push(macros[*name].iter().rev());
            }
        }
    }
}

/// Returns those lines of a file that git heeds: none that are very long, none behind a zero byte.
fn heeded(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    let content = content.split(|&byte| byte == 0).next().unwrap_or(content);
    content.split(|&byte| byte == b'\n').filter(|line| line.len() < MAX_LINE)
}

/// Returns what happens to line ends, with `core.autocrlf=input` and `core.eol=lf`.
fn line_end(text: &State, crlf: &State, eol: &State) -> Eol {
    let kind = TextKind::of(text).or_else(|| TextKind::of(crlf));
    let to_crlf = is_value(eol, "crlf");
    match kind {
        Some(TextKind::Binary) => Eol::Keep,
        Some(TextKind::Auto) if to_crlf => Eol::CrlfIfText,
        _ if to_crlf => Eol::Crlf,
        _ => Eol::Keep,
    }
}

#[derive(Clone, Copy)]
enum TextKind {
    Text,
    Binary,
    Auto,
}

impl TextKind {
    /// Returns what the attribute `text`, or its older name `crlf`, says; nothing for values that git
    /// does not know.
    fn of(state: &State) -> Option<TextKind> {
        match state {
            State::Set => Some(TextKind::Text),
            State::Unset => Some(TextKind::Binary),
            _ if is_value(state, "auto") => Some(TextKind::Auto),
            _ if is_value(state, "input") => Some(TextKind::Text),
            _ => None,
        }
    }
}

fn is_value(state: &State, value: &str) -> bool {
    matches!(state, State::Value(got) if **got == *value.as_bytes())
}

/// Returns the encoding to convert to, unless it is the one that git keeps files in.
fn encoding_in(state: &State) -> Option<Label> {
    let name = match state {
        State::Unspecified | State::Unset => return None,
        State::Set => return Some(Label::True),
        State::Value(name) => name,
    };
    let is_utf8 = name.eq_ignore_ascii_case(b"utf-8") || name.eq_ignore_ascii_case(b"utf8");
    (!name.is_empty() && !is_utf8).then(|| Label::Name(name.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(attributes: &mut Attributes, folder: &str, text: &[u8]) -> Result<(), GitError> {
        let id = ObjectId::parse(&format!("{:040x}", text.len())).unwrap();
        attributes.enter(folder.as_bytes(), Some((id, || Ok(text.to_vec()))))
    }

    fn conversion(files: &[(&str, &str)], path: &str) -> Conversion {
        let mut attributes = Attributes::new(&Limits::default());
        files.iter().for_each(|(folder, text)| enter(&mut attributes, folder, text.as_bytes()).unwrap());
        attributes.conversion(path.as_bytes()).unwrap()
    }

    #[test]
    fn the_last_line_of_the_deepest_folder_counts() {
        let root = ("", "*.txt ident eol=crlf\n*.txt -ident\n");
        assert_eq!(conversion(&[root], "a.txt"), Conversion { eol: Eol::Crlf, ..Conversion::default() });
        let deep = ("d", "a.txt -text\n");
        assert_eq!(conversion(&[root, deep], "d/a.txt"), Conversion::default());
        assert_eq!(conversion(&[root, ("d", "d/a.txt -text\n")], "d/a.txt").eol, Eol::Crlf);
    }

    #[test]
    fn macros_stand_for_what_the_root_defines() {
        let root = ("", "[attr]a b\n*.txt a\n[attr]b ident eol=crlf\n*.go b -ident\n*.bin eol=crlf binary\n");
        let all = Conversion { eol: Eol::Crlf, ident: true, encoding: None };
        assert_eq!(conversion(&[root], "x.txt"), all);
        assert_eq!(conversion(&[root], "x.go"), Conversion { ident: false, ..all.clone() });
        assert_eq!(conversion(&[root], "x.bin").eol, Eol::Keep);
        let deep = ("d", "[attr]b -text\n*.txt b\n");
        assert_eq!(conversion(&[root, deep], "d/x.txt"), all);
    }

    #[test]
    fn files_in_force_together_are_bounded() {
        let limits = Limits { attribute_bytes: 1 << 20, attribute_steps: 720_012, ..Limits::default() };
        let mut attributes = Attributes::new(&limits);
        let file = b"*.txt ident\n".repeat(50_000);
        enter(&mut attributes, "", &file).unwrap();
        let error = enter(&mut attributes, "a", &file).unwrap_err();
        assert!(matches!(error, GitError::Limit { bound: Bound::AttributeBytes, .. }), "{error}");
        enter(&mut attributes, "b", b"*.txt ident\n").unwrap();
        assert!(attributes.conversion(b"b/1.go").is_ok() && attributes.conversion(b"b/2.go").is_ok());
        let error = attributes.conversion(b"b/3.go").unwrap_err();
        assert!(matches!(error, GitError::Limit { bound: Bound::AttributeSteps, .. }), "{error}");
    }
}

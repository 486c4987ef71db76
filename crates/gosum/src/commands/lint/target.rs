//! What is linted: go.sum files that belong together, with the module graphs behind them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use gosum_audit::lint::{Graphs, Readers};
use gosum_audit::source::Source;
use gosum_evidence::lint::{GraphUse, Untold};
use gosum_evidence::rule::{Needs, SumFile};
use gosum_mod::file::go_sum::GoSum;
use gosum_mod::name::text::Text;

use super::super::layout::{Folder, Layout, folder_of};
use super::super::project::{main_module, read_directory};
use super::super::sum_file;
use crate::session::Session;

/// go.sum files that belong together.
pub(super) struct Target {
    pub(super) sums: Vec<Sum>,
    /// Whether they are those of a workspace, which need not be complete each by itself.
    pub(super) is_workspace: bool,
    /// The go.work of a folder above that uses the module whose go.sum alone this is.
    used_by: Option<PathBuf>,
}

/// A go.sum file.
pub(super) struct Sum {
    /// Where it is; none for standard input.
    pub(super) path: Option<PathBuf>,
    /// Its text; nothing where there is no such file yet.
    pub(super) text: Vec<u8>,
    pub(super) file: SumFile,
    graph: Behind,
}

/// The module graph behind a file.
enum Behind {
    /// There is none.
    Nothing(GraphUse),
    /// It is not known, and why.
    Untold(String),
    /// It is that of the module whose go.mod this is.
    Graphs { graphs: Box<Graphs>, go_mod: String },
}

impl Target {
    /// Returns what `path` names.
    ///
    /// # Errors
    /// When there is no go.sum and no go.mod, or one cannot be read.
    pub(super) fn read(session: &mut Session, path: &Path) -> anyhow::Result<Target> {
        if path == Path::new("-") {
            let text = session.read_stdin(sum_file::MAX_BYTES).context("cannot read standard input")?;
            let file = sum_file::parse("<stdin>".into(), &text).context("standard input")?;
            let sum = Sum { path: None, text, file, graph: Behind::Nothing(GraphUse::NoGoMod) };
            return Ok(Target::alone(sum, None));
        }
        if !session.path(path).is_dir() {
            let sum = Sum::read(session, path)?;
            let used_by = match path.file_name() == Some(OsStr::new("go.sum")) {
                true => Layout::of(session)?.workspace_above(session, folder_of(path)),
                false => None,
            };
            return Ok(Target::alone(sum, used_by));
        }
        let layout = Layout::of(session)?;
        let used_by = layout.workspace_above(session, path);
        let (paths, is_workspace) = match layout.folder(session, path)? {
            Folder::Sums(paths) => {
                let is_whole = layout.workspace(session, path)?.is_some();
                (paths, is_whole || used_by.is_some())
            }
            Folder::Workspace(_) => (Vec::new(), true),
            Folder::Module(go_mod) => {
                return Ok(Target::alone(Sum::missing(&go_mod.with_extension("sum")), used_by));
            }
            Folder::Foreign(go_work) => bail!(
                "{} is not one of the modules of {}, which GOWORK names: GOWORK=off lints it by itself",
                path.display(),
                go_work.display()
            ),
            Folder::Nothing => {
                let above = sum_file::above(session, &path.join("go.sum"));
                bail!("neither go.sum nor go.mod in {}{above}", path.display())
            }
        };
        let sums = paths.iter().map(|path| Sum::read(session, path)).collect::<anyhow::Result<_>>()?;
        Ok(Target { sums, is_workspace, used_by })
    }

    /// Returns one file, of a module that the go.work `used_by` uses, if one does: a build reads the lines of the whole workspace
    /// then, and what go.work replaces and its other modules need no line.
    fn alone(sum: Sum, used_by: Option<PathBuf>) -> Target {
        Target { sums: vec![sum], is_workspace: used_by.is_some(), used_by }
    }

    /// Leaves the module graphs out.
    pub(super) fn leave_graphs_out(&mut self) {
        self.sums.iter_mut().for_each(|sum| sum.graph = Behind::Nothing(GraphUse::NotAsked));
    }

    /// Loads the module graphs of the go.mod files beside the go.sum files, from what `readers` have.
    pub(super) fn load_graphs(&mut self, session: &Session, readers: &[&dyn Source]) {
        if let (Some(go_work), false) = (&self.used_by, session.quiet) {
            session.warn(format!(
                "{} uses this module, whose go.sum need not be complete by itself then: what it lacks is not told; GOWORK=off \
                 tells it",
                go_work.display()
            ));
        }
        let graphs: Vec<Behind> =
            self.sums.iter().map(|sum| behind(session, sum, &self.recorded(), readers)).collect();
        for (sum, graph) in self.sums.iter_mut().zip(graphs) {
            sum.graph = graph;
        }
    }

    fn recorded(&self) -> Vec<&GoSum> {
        self.sums.iter().map(|sum| &sum.file.sum).collect()
    }
}

impl Sum {
    fn read(session: &Session, path: &Path) -> anyhow::Result<Sum> {
        let text = sum_file::read_text(session, path)?;
        let name = path.display().to_string();
        let file = sum_file::parse(name.as_str().into(), &text).context(name)?;
        Ok(Sum { path: Some(path.to_owned()), text, file, graph: Behind::Nothing(GraphUse::NoGoMod) })
    }

    /// Returns a file that is not there yet.
    fn missing(path: &Path) -> Sum {
        let file = SumFile { name: path.display().to_string().into(), sum: GoSum::default() };
        Sum { path: Some(path.to_owned()), text: Vec::new(), file, graph: Behind::Nothing(GraphUse::NoGoMod) }
    }

    /// Returns what the module graph says of its lines, and why it does not say more.
    pub(super) fn needs(&self, is_workspace: bool) -> (Option<Needs>, Vec<String>) {
        match &self.graph {
            Behind::Nothing(_) => (None, Vec::new()),
            Behind::Untold(why) => (None, vec![why.clone()]),
            Behind::Graphs { graphs, go_mod } => {
                let (needs, untold) = graphs.needs(&self.file, go_mod, is_workspace);
                (Some(needs), untold)
            }
        }
    }

    /// Returns how far its lines were held against a module graph, when `untold` could not be told.
    pub(super) fn graph_use(&self, untold: &[Untold]) -> GraphUse {
        match &self.graph {
            Behind::Nothing(why) => *why,
            _ if untold.iter().any(|untold| untold.file == self.file.name) => GraphUse::Untold,
            _ => GraphUse::Checked,
        }
    }

    /// Takes over what was written in its place.
    pub(super) fn replace(&mut self, text: Vec<u8>) {
        self.file.sum = GoSum::parse(&text);
        self.text = text;
    }
}

fn behind(session: &Session, sum: &Sum, recorded: &[&GoSum], readers: &[&dyn Source]) -> Behind {
    let Some(path) = &sum.path else { return Behind::Nothing(GraphUse::NoGoMod) };
    let is_work_sum =
        path.file_stem().is_some_and(|stem| Path::new(stem).extension() == Some(OsStr::new("work")));
    if is_work_sum {
        return Behind::Nothing(GraphUse::Workspace);
    }
    let go_mod = path.with_extension("mod");
    if !session.path(&go_mod).exists() {
        return Behind::Nothing(GraphUse::NoGoMod);
    }
    let main = match main_module(session, &go_mod, "") {
        Ok(main) => main,
        Err(error) => return Behind::Untold(one_line(&format!("{error:#}"))),
    };
    let folder = session.path(folder_of(&go_mod));
    let directory = |directory: &Text| read_directory(&folder, directory);
    match Graphs::load(main, &Readers { sources: readers, directory: &directory, recorded }) {
        Ok(graphs) => Behind::Graphs { graphs: Box::new(graphs), go_mod: go_mod.display().to_string() },
        Err(error) => {
            Behind::Untold(format!("{}: the module graph cannot be loaded: {error}", go_mod.display()))
        }
    }
}

fn one_line(text: &str) -> String {
    text.lines().collect::<Vec<_>>().join("; ")
}

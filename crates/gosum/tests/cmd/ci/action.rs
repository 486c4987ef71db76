//! What GitHub makes of action.yml, as far as the file asks for it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use yaml_rust2::Yaml;

use super::{Machine, ROOT, told, yaml};

/// A run of the action.
pub(super) struct Run<'m> {
    machine: &'m mut Machine,
    action: Yaml,
    /// What expressions may name: inputs, the event, outputs of steps.
    values: BTreeMap<String, String>,
    /// Names of steps whose outputs have values, though this machine does not run them.
    done: Vec<&'static str>,
}

/// What a run came to.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) code: i32,
    /// What the runner takes for commands, such as `error file=go.sum,line=1`, each with its message.
    pub(super) commands: Vec<(String, String)>,
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) outputs: BTreeMap<String, String>,
    pub(super) summary: String,
    /// The keys of the caches that were asked for.
    pub(super) caches: Vec<String>,
}

impl<'m> Run<'m> {
    /// Returns a run with these inputs and values of the event; other inputs have their defaults.
    pub(super) fn new(machine: &'m mut Machine, event: &str, given: &[(&str, &str)]) -> Run<'m> {
        let action = yaml("action.yml");
        let mut values = BTreeMap::new();
        for (name, input) in action["inputs"].as_hash().unwrap() {
            let default = input["default"].as_str().expect("every input has a default, and is text");
            values.insert(format!("inputs.{}", name.as_str().unwrap()), default.to_owned());
        }
        for name in ["pull_request.base.sha", "merge_group.base_sha"] {
            values.insert(format!("github.event.{name}"), String::new());
        }
        for (name, value) in [("runner.os", "Linux"), ("runner.arch", "X64")] {
            values.insert(name.to_owned(), value.to_owned());
        }
        values.insert("hashFiles('**/go.sum', '**/go.work.sum')".to_owned(), "5ca1ab1e".to_owned());
        for (name, value) in given {
            let old = values.insert((*name).to_owned(), (*value).to_owned());
            assert!(old.is_some(), "there is no `{name}`");
        }
        let [temp, checkout] = ["temp", "checkout"].map(|name| machine.path(name).display().to_string());
        for (key, value) in [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_ACTION_PATH", ROOT),
            ("GITHUB_EVENT_NAME", event),
            ("GITHUB_BASE_REF", if event == "pull_request" { "main" } else { "" }),
            ("GITHUB_WORKSPACE", &checkout),
            ("RUNNER_OS", "Linux"),
            ("RUNNER_TEMP", &temp),
        ] {
            machine.set(key, value);
        }
        Run { machine, action, values, done: Vec::new() }
    }

    /// Lets the cache of the program have one.
    pub(super) fn with_cached_program(mut self) -> Run<'m> {
        self.done.push("program");
        let program = self.machine.path("temp/gosum/program/bin");
        fs::create_dir_all(&program).unwrap();
        let _ = std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_gosum"), program.join("gosum")); // a run before made it
        self
    }

    /// Runs the steps, until one fails.
    pub(super) fn run(mut self) -> Ran {
        let mut ran = Ran {
            code: 0,
            commands: Vec::new(),
            stdout: String::new(),
            stderr: String::new(),
            outputs: BTreeMap::new(),
            summary: String::new(),
            caches: Vec::new(),
        };
        let hit = if self.done.contains(&"program") { "true" } else { "" };
        self.values.insert("steps.program.outputs.cache-hit".to_owned(), hit.to_owned());
        for step in self.action["runs"]["steps"].as_vec().unwrap().clone() {
            if !step["if"].as_str().is_none_or(|condition| self.holds(condition)) {
                continue;
            }
            match step["uses"].as_str() {
                Some(uses) => ran.caches.push(self.cache(uses, &step["with"])),
                None => self.step(&step, &mut ran),
            }
            if ran.code != 0 {
                break;
            }
        }
        ran.commands = commands(&ran.stdout);
        for (name, output) in self.action["outputs"].as_hash().unwrap() {
            let expression = output["value"].as_str().unwrap();
            ran.outputs.insert(name.as_str().unwrap().to_owned(), self.expanded(expression));
        }
        ran
    }

    /// Runs a step that is a script.
    fn step(&mut self, step: &Yaml, ran: &mut Ran) {
        assert_eq!(step["shell"].as_str(), Some("bash"));
        let [output, summary, path] =
            ["output", "summary", "path"].map(|name| self.machine.path(&format!("temp/{name}")));
        for file in [&output, &summary, &path] {
            fs::write(file, "").unwrap();
        }
        let mut command = self.machine.command("bash");
        command.args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"].as_str().unwrap()]);
        command.env("GITHUB_OUTPUT", &output).env("GITHUB_STEP_SUMMARY", &summary).env("GITHUB_PATH", &path);
        for (key, value) in step["env"].as_hash().into_iter().flatten() {
            command.env(key.as_str().unwrap(), self.expanded(value.as_str().unwrap()));
        }
        let (code, stdout, stderr) = told(&command.output().unwrap());
        ran.code = code;
        ran.stdout += &stdout;
        ran.stderr += &stderr;
        ran.summary += &fs::read_to_string(summary).unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), "", "PATH is left as it is");
        for line in fs::read_to_string(output).unwrap().lines() {
            let (name, value) = line.split_once('=').unwrap();
            let id = step["id"].as_str().expect("a step with outputs has a name");
            self.values.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
        }
    }

    /// Returns the key of a cache that a step restores.
    fn cache(&self, uses: &str, with: &Yaml) -> String {
        let (action, commit) = uses.split_once('@').unwrap();
        assert_eq!(action, "actions/cache");
        assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{uses}");
        let folder = PathBuf::from(self.expanded(with["path"].as_str().unwrap()));
        assert!(folder.starts_with(self.machine.path("temp")), "{folder:?}");
        self.expanded(with["key"].as_str().unwrap())
    }

    /// Returns `text` with the values of its expressions.
    fn expanded(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${{ ") {
            let (expression, after) = after.split_once(" }}").unwrap();
            out = out + before + &self.value(expression);
            rest = after;
        }
        out + rest
    }

    /// Returns the value of an expression: that of the first of several which is not empty.
    fn value(&self, expression: &str) -> String {
        let values = expression.split(" || ").map(|one| match one.strip_prefix("format('{0}/bin/gosum', ") {
            Some(folder) => format!("{}/bin/gosum", self.value(folder.strip_suffix(')').unwrap())),
            None => match self.values.get(one) {
                Some(value) => value.clone(),
                // an output that a step did not set is empty
                None if one.starts_with("steps.") => String::new(),
                None => panic!("no value for `{one}`"),
            },
        });
        values.into_iter().find(|value| !value.is_empty()).unwrap_or_default()
    }

    fn holds(&self, condition: &str) -> bool {
        condition.split(" && ").all(|one| {
            let (name, is_equal, value) = match one.split_once(" == ") {
                Some((name, value)) => (name, true, value),
                None => one.split_once(" != ").map(|(name, value)| (name, false, value)).unwrap(),
            };
            (self.value(name) == value.trim_matches('\'')) == is_equal
        })
    }
}

/// Returns what the runner takes for commands: not what stands between `stop-commands` and its token.
fn commands(stdout: &str) -> Vec<(String, String)> {
    let mut commands = Vec::new();
    let mut stopped: Option<String> = None;
    for line in stdout.lines() {
        let Some((command, text)) = line.strip_prefix("::").and_then(|line| line.split_once("::")) else {
            continue;
        };
        match &stopped {
            Some(token) if command == token => stopped = None,
            Some(_) => {}
            None if command == "stop-commands" => stopped = Some(text.to_owned()),
            None => commands.push((command.to_owned(), text.to_owned())),
        }
    }
    assert_eq!(stopped, None, "commands are allowed again in the end");
    commands
}

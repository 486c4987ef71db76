use gosum_fetch::client::{self, Client};

use super::*;

/// Leads nowhere.
struct Nowhere;

impl Reach for Nowhere {
    fn reach(&self, _: &str, _: &Count<'_>) -> Result<Reached, String> {
        Err("the way is closed".to_owned())
    }
}

/// Notes what it is told.
#[derive(Default)]
struct Noted(Mutex<Vec<String>>);

impl Watch for Noted {
    fn begins(&self, repositories: usize) {
        self.0.lock().unwrap().push(repositories.to_string());
    }

    fn asks(&self, repository: &str) {
        self.0.lock().unwrap().push(format!("asks {repository}"));
    }

    fn asked(&self, repository: &str) {
        self.0.lock().unwrap().push(format!("asked {repository}"));
    }
}

#[test]
fn tells_which_repositories_it_asks_each_once() {
    let second = Duration::from_secs(1);
    let client = Client::new(client::Options { offline: true, ..client::Options::default() }).unwrap();
    let noted = Arc::new(Noted::default());
    let direct = Direct::new(Options {
        offline: false,
        jobs: 4,
        timeout: second,
        retry: Retry::default(),
        budget: Arc::new(Budget::new(1 << 20)),
        temp: None,
        mod_only_budget: 1 << 20,
        limits: Limits::default(),
        rules: Rules::go(),
        reach: Arc::new(Nowhere),
        pages: Arc::new(client),
        memory: None,
    });
    let direct = direct.watched_by(noted.clone());
    let module = |text: &str| ModuleVersion::parse(text).unwrap();
    // two versions and two modules of one repository are asked about together; a host that knows none has none
    let modules = [
        "github.com/a/b@v1.0.0",
        "github.com/a/b@v1.1.0",
        "github.com/a/b/c@v1.0.0",
        "github.com/a/d@v1.0.0",
    ];
    let mut subjects: Vec<Subject> = modules.map(|text| Subject::new(module(text), Artifact::Zip)).to_vec();
    subjects.push(Subject::new(module("nowhere.example/a@v1.0.0"), Artifact::Zip));
    let answers = Mutex::new(0);
    direct.ask(&subjects, &|_, _| *answers.lock().unwrap() += 1);
    assert_eq!(answers.into_inner().unwrap(), 5);
    let mut noted = noted.0.lock().unwrap().clone();
    assert_eq!(noted.remove(0), "2");
    noted.sort();
    let expected = ["asked https://github.com/a/b", "asked https://github.com/a/d"];
    assert_eq!(noted[..2], expected);
    assert_eq!(noted[2..], expected.map(|text| text.replace("asked", "asks")));
}

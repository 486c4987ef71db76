//! Pages for `man`.

use super::run::Place;

/// The commands that the first page names, but for `help`.
fn commands(place: &Place) -> Vec<String> {
    let help = place.run("--help").stdout;
    let listed = help.split("Commands:\n").nth(1).unwrap().lines().take_while(|line| !line.is_empty());
    let name = |line: &str| line.split_whitespace().next().unwrap().to_owned();
    // a description that is wrapped begins further to the right
    let listed = listed.filter(|line| !line.starts_with("     "));
    listed.map(name).filter(|name| name != "help").collect()
}

#[test]
fn every_command_has_a_page_with_all_its_flags() {
    let place = Place::new();
    let commands = commands(&place);
    assert!(commands.len() >= 9, "{commands:?}");
    for command in &commands {
        let page = place.run(&format!("man {command}"));
        assert_eq!(page.code, 0, "{}", page.stderr);
        assert!(page.stdout.contains(&format!(".TH gosum-{command} 1")), "{}", page.stdout);
        let help = place.run(&format!("{command} --help")).stdout;
        let flags = help.split_whitespace().filter(|word| word.starts_with("--") && word.len() > 2);
        let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let flags = flags.map(|flag| flag.split(|c| !is_of_a_name(c)).next().unwrap());
        for flag in flags {
            assert!(page.stdout.contains(&flag.replace('-', "\\-")), "{command} {flag}: {}", page.stdout);
        }
    }
    let page = place.run("man").stdout;
    assert!(commands.iter().all(|command| page.contains(&format!("gosum\\-{command}(1)"))), "{page}");
    assert!(page.contains("Exit codes"), "{page}");
}

#[test]
fn all_pages_are_written_into_a_folder() {
    let place = Place::new();
    let done = place.run("man --dir pages/man1");
    assert_eq!((done.code, &*done.stdout), (0, ""), "{}", done.stderr);
    let mut files: Vec<String> = std::fs::read_dir(place.path("pages/man1"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let mut expected: Vec<String> =
        commands(&place).into_iter().map(|command| format!("gosum-{command}.1")).collect();
    expected.push("gosum.1".to_owned());
    expected.sort();
    assert_eq!(files, expected);
    let page = std::fs::read_to_string(place.path("pages/man1/gosum-audit.1")).unwrap();
    assert_eq!(page, place.run("man audit").stdout);
}

#[test]
fn a_command_that_is_not_there_has_no_page() {
    let done = Place::new().run("man nothing");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("audit") && done.stderr.contains("`nothing`"), "{}", done.stderr);
}

//! Hashes of module versions, as sources give them.

use super::run::Place;
use super::world::{GIT, MODULE, One};
use gosum_mod::name::id::ModuleVersion;
use gosum_world::fault::Fault;
use gosum_world::page::Page;
use gosum_world::proxy::Endpoint;
use gosum_world::release;

#[test]
fn one_source_prints_go_sum_lines() {
    let one = One::new();
    let go_sum = one.go_sum();
    let world = one.draft.start().unwrap();
    for source in ["proxy", "direct"] {
        let done = Place::in_world(&world).run(&format!("hash {MODULE} --from {source}"));
        assert_eq!((done.code, done.stdout, done.stderr.as_str()), (0, go_sum.clone(), ""));
    }
}

#[test]
fn several_sources_print_their_names_and_whether_they_agree() {
    let mut one = One::new();
    let lines: Vec<String> = one.go_sum().lines().map(str::to_owned).collect();
    let honest = one.release.clone();
    let world = one.draft.clone().start().unwrap();
    let done = Place::in_world(&world).run(&format!("hash {MODULE}"));
    let expected: String = ["proxy", "direct"]
        .iter()
        .flat_map(|source| lines.iter().map(move |line| format!("{source}\t{line}\n")))
        .collect();
    assert_eq!((done.code, done.stdout), (0, expected));

    one.draft.proxy().publish(&honest.tampered("colors.go", "package evil\n"));
    let world = one.draft.start().unwrap();
    assert_eq!(Place::in_world(&world).run(&format!("hash {MODULE}")).code, 1);
}

#[test]
fn a_zip_that_go_refuses_is_shown_but_no_answer() {
    let mut one = One::new();
    let names = ["github.com/example/colors@v1.0.0/a.go", "github.com/example/colors@v1.0.0/A.go"];
    let zip = release::zip(names.map(|name| (name, "package colors\n")));
    let module = ModuleVersion::parse(MODULE).unwrap();
    one.draft.proxy().put(&Endpoint::Zip.path(&module), "application/zip", zip);
    let world = one.draft.start().unwrap();
    let done = Place::in_world(&world).run(&format!("hash {MODULE} --from proxy"));
    assert_eq!((done.code, done.stdout.lines().count()), (3, 2));
    assert!(
        done.stderr.contains("proxy: github.com/example/colors v1.0.0: invalid-zip: "),
        "{}",
        done.stderr
    );
}

#[test]
fn what_a_source_does_not_tell_is_said_apart() {
    let one = One::new();
    let world = one.draft.start().unwrap();
    world.add_fault(Fault::answer(GIT, Page::text(403, "no\n")));
    let place = Place::in_world(&world);
    let done = place.run(&format!("hash {MODULE}"));
    assert_eq!((done.code, done.stdout.lines().count()), (3, 2));
    assert!(
        done.stderr.contains("gosum: direct: github.com/example/colors v1.0.0: unavailable: "),
        "{}",
        done.stderr
    );
    let done = place.run(&format!("hash {MODULE} --format json"));
    let listing: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let [zip, _, direct, _] = listing["items"].as_array().unwrap().as_slice() else { panic!("{listing:#}") };
    assert_eq!(
        (&zip["source"], &zip["artifact"], &zip["answer"]),
        (&"proxy".into(), &"zip".into(), &"hash".into())
    );
    assert_eq!((&direct["source"], &direct["answer"]), (&"direct".into(), &"unavailable".into()));
}

#[test]
fn a_zip_file_is_hashed_as_it_is() {
    let one = One::new();
    let place = Place::new().file("m.zip", one.release.zip());
    let done = place.run("hash m.zip");
    assert_eq!((done.code, done.stdout), (0, format!("{}  m.zip\n", one.release.zip_h1())));
    let done = place.run("hash m.zip --format json");
    let listing: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(listing["items"][0]["h1"], one.release.zip_h1().to_string());
}

#[test]
fn files_are_hashed_in_any_order_and_printed_in_the_users() {
    let names: Vec<String> = (0..20).map(|number| format!("{number}.mod")).collect();
    let of_any_size = names.iter().zip(0..).map(|(name, number)| (name, "x".repeat(number * 7 % 13)));
    let place = of_any_size.fold(Place::new(), |place, (name, text)| place.file(name, text));
    let done = place.run(&format!("hash {}", names.join(" ")));
    let printed: Vec<&str> = done.stdout.lines().filter_map(|line| line.split("  ").nth(1)).collect();
    assert_eq!((done.code, printed), (0, names.iter().map(String::as_str).collect()));
    let done = place.run("hash 1.mod nothing.zip 2.mod gone.zip");
    assert_eq!((done.code, done.stdout.as_str()), (2, ""));
    assert!(done.stderr.contains("cannot hash nothing.zip"), "{}", done.stderr);
}

//! `gosum lint --merge`: three files, the second of which is written.

use gosum_mod::name::id::Artifact;

use super::run::{Done, Place};
use super::world::{ADDRESS, One, ZIP};
use gosum_world::fault::Fault;

fn merge(place: &Place, args: &str) -> Done {
    place.run(&format!("lint --no-cache {args} --merge base ours theirs"))
}

fn place(base: &str, ours: &str, theirs: &str) -> Place {
    Place::new().file("base", base).file("ours", ours).file("theirs", theirs)
}

#[test]
fn lines_of_different_artifacts_never_conflict() {
    let line = |name: &str| format!("example.com/{name} v1.0.0 h1:{name}\n");
    // ours drops a and adds d, theirs drops c and adds e, both keep b and add f
    let place = place(
        &(line("a") + &line("b") + &line("c")),
        &(line("b") + &line("c") + &line("d") + &line("f")),
        &(line("a") + &line("b") + &line("e") + &line("f")),
    );
    let done = merge(&place, "");
    assert_eq!((done.code, &*done.stdout, &*done.stderr), (0, "", ""));
    assert_eq!(place.read("ours"), line("b") + &line("d") + &line("e") + &line("f"));
    assert_eq!(place.read("theirs"), line("a") + &line("b") + &line("e") + &line("f"));
}

#[test]
fn different_hashes_are_left_between_marks() {
    let a = |hash: &str| format!("example.com/a v1.0.0 h1:{hash}\n");
    let place = place(&a("x"), &(a("x") + "example.com/b v1.0.0 h1:b\n"), &a("y"));
    let done = merge(&place, "");
    assert_eq!((done.code, &*done.stdout), (1, ""));
    assert_eq!(
        done.stderr,
        "gosum: the sides have different hashes of example.com/a v1.0.0; --fetch asks the sources\n"
    );
    let marked =
        format!("<<<<<<< ours\n{}=======\n{}>>>>>>> theirs\nexample.com/b v1.0.0 h1:b\n", a("x"), a("y"));
    assert_eq!(place.read("ours"), marked);
    // which is what lint then finds
    assert_eq!(place.run("lint ours").code, 1);
}

#[test]
fn a_side_that_cannot_be_read_is_shown_beside_the_other() {
    for broken in ["oops\n", "a b c\0\n", "<<<<<<< x\n"] {
        let place = place("", "example.com/a v1.0.0 h1:x", broken);
        let done = merge(&place, "");
        assert_eq!(done.code, 1, "{done:?}");
        assert!(done.stderr.contains("line 1 of theirs is no line of a go.sum"), "{}", done.stderr);
        let expected = format!("<<<<<<< ours\nexample.com/a v1.0.0 h1:x\n=======\n{broken}>>>>>>> theirs\n");
        assert_eq!(place.read("ours"), expected);
    }
    // a base with marks is one that git made of several
    let place = place("<<<<<<< x\na b h1:x\n=======\na b h1:y\n>>>>>>> y z\n", "a b h1:x\n", "a b h1:x\n");
    assert_eq!((merge(&place, "").code, place.read("ours")), (0, "a b h1:x\n".to_owned()));
    assert_eq!(Place::new().run("lint --merge base ours theirs").code, 2);
    assert_eq!(place.run("lint --merge base ours").code, 2);
    assert_eq!(place.run("lint --fix --merge base ours theirs").code, 2);
}

#[test]
fn sources_decide_where_two_agree_on_the_hash_of_a_side() {
    let one = One::new();
    let right = one.release.sum(Artifact::Zip);
    let wrong = format!("{ADDRESS} v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
    let other = format!("{ADDRESS} v1.0.0 h1:Alh0aDqtU+vyHZo/RXZBlJdhTMxn2VbRyfg6O3wUbFw=\n");
    let world = one.draft.start().unwrap();
    let run = |ours: &str, theirs: &str| {
        let place = Place::in_world(&world).file("base", "").file("ours", ours).file("theirs", theirs);
        let done = merge(&place, "--fetch");
        (done.code, place.read("ours"), done.stderr)
    };
    let (code, merged, stderr) = run(&wrong, &right);
    assert_eq!((code, &*merged, &*stderr), (0, &*right, ""));
    let (code, merged, _) = run(&right, &wrong);
    assert_eq!((code, merged), (0, right.clone()));
    let (code, merged, stderr) = run(&wrong, &other);
    assert!(code == 1 && merged.starts_with("<<<<<<< ours\n"), "{merged}");
    assert!(stderr.contains("the sources agree on a hash that neither side has"), "{stderr}");
    // without a conflict nobody is asked, and one source alone decides nothing
    let asked = world.log().len();
    assert_eq!(run(&right, "").0, 0);
    assert_eq!(world.log().len(), asked);
    world.add_fault(Fault::close(ZIP));
    let (code, merged, stderr) = run(&wrong, &right);
    assert!(code == 1 && merged.starts_with("<<<<<<< ours\n"), "{merged}");
    assert!(stderr.contains("fewer than two sources give its hash"), "{stderr}");
}

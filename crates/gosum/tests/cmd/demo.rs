//! The demo.

use super::run::Place;

#[test]
fn finds_exactly_what_was_planted() {
    // settings of the user's own change nothing
    let place =
        Place::new().env("GOPROXY", "off").env("GOPRIVATE", "*").env("HTTP_PROXY", "http://127.0.0.1:1");
    let done = place.run("demo");
    assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{}", done.stdout);
    assert!(done.stdout.ends_with("\naudit would exit 1\n"), "{}", done.stdout);
    assert_eq!(done.stdout.matches("proxy-direct-differ: ").count(), 2, "{}", done.stdout);
    for part in [
        "github.com/example/colors v1.1.0",
        "github.com/example/cache/v3 v3.0.1",
        "--- go.sum.proxy\n+++ go.sum.direct\n",
    ] {
        assert!(done.stdout.contains(part), "no {part:?} in {}", done.stdout);
    }
}

#[test]
fn two_demos_run_at_once() {
    let codes = std::thread::scope(|scope| {
        let demos = [(); 4].map(|()| scope.spawn(|| Place::new().run("demo").code));
        demos.map(|demo| demo.join().unwrap())
    });
    assert_eq!(codes, [0; 4]);
}

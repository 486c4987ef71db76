//! All commits of a repository.

use gosum_world::git::Filters;

use crate::place::{Module, Place, id};

#[test]
fn knows_what_branches_and_tags_lead_to() {
    for (filters, before_v2, asked) in [
        (Filters::All, false, &["tree:0"][..]),
        (Filters::BlobNoneAndTreeZero, false, &["tree:0"]),
        (Filters::All, true, &["tree:0"]),
        (Filters::None, false, &[]),
        (Filters::None, true, &[]),
    ] {
        let mut module = Module::new();
        module.repository.policy.filters = filters;
        module.repository.policy.before_v2 = before_v2;
        let files = crate::place::files(9);
        let side = id(module.repository.commit("side", 5, &files));
        let hidden = id(module.repository.commit("gone", 6, &files));
        let place = Place::new(module.repository.clone());
        place.world.change(|sites| {
            let repository = sites.repository(crate::place::ADDRESS).unwrap();
            repository.delete_reference("refs/heads/gone");
            repository.set_reference(
                "refs/pull/1/head",
                gosum_world::repository::ObjectId::parse(&hidden.to_string()).unwrap(),
            );
        });
        let repository = place.open().unwrap();
        let history = repository.history(&repository.refs(&[]).unwrap()).unwrap();
        let [first, second] = module.commits;
        assert_eq!(history.len(), 3, "{filters:?} {before_v2}");
        assert!(!history.contains(&hidden), "the go command does not follow other refs");
        assert_eq!(history.commit_time(&second), Some(1_700_000_002));
        assert_eq!(history.is_ancestor(&first, &second), Some(true));
        assert_eq!(history.is_ancestor(&second, &first), Some(false));
        assert_eq!(history.is_ancestor(&side, &second), Some(false));
        assert_eq!(history.find_by_prefix(&second.to_string()[..12]), [second]);
        assert_eq!(place.filters(), asked);
    }
}

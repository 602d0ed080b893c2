//! What is refused before any program runs. That a package really arrives is for the machines that have one.

use selvedge_fetch::{Error, Silent, apt};

#[test]
fn what_is_no_name_of_a_package_never_reaches_apt() {
    let root = tempfile::tempdir().unwrap();
    for name in ["", "../up", "-o", "a b", "Upper", "a/b", ".hidden"] {
        let error = apt::package_in(root.path(), name, &Silent).unwrap_err();
        assert!(matches!(error, Error::Package { .. }), "{name}: {error}");
    }
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
}

#[test]
fn a_package_that_is_there_needs_no_apt() {
    let root = tempfile::tempdir().unwrap();
    let place = root.path().join("dataset-thing");
    std::fs::create_dir(&place).unwrap();
    assert_eq!(apt::package_in(root.path(), "dataset-thing", &Silent).unwrap(), place);
}

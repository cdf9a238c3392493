//! Real camera pictures out of published packages; `scripts/fetch-test-pictures` brings them.

use std::path::{Path, PathBuf};

/// Where the script puts them.
pub(super) fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-pictures");
    assert!(
        folder.is_dir(),
        "the camera pictures are missing: run ./scripts/fetch-test-pictures"
    );
    folder
}

/// One picture as `package/file`.
pub(super) fn picture(name: &str) -> Vec<u8> {
    let path = folder().join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}: run ./scripts/fetch-test-pictures"))
}

/// All of them that are pictures, with their names.
pub fn all() -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for package in std::fs::read_dir(folder()).unwrap() {
        for file in std::fs::read_dir(package.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            // One package ships an empty file on purpose.
            if !bytes.is_empty() {
                found.push((path.display().to_string(), bytes));
            }
        }
    }
    found.sort();
    assert!(
        found.len() > 30,
        "only {} pictures: run ./scripts/fetch-test-pictures",
        found.len()
    );
    found
}

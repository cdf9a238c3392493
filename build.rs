//! Embeds the built web clients: a table of the files that each build left in its folder.
//!
//! Invariant: a clone without Node builds too; what was not built is an empty table and a warning that says so.
//! Refuses: to build the clients itself. `scripts/build-clients` does.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Folder of the build, name of the table, what it is for people.
const CLIENTS: [(&str, &str, &str); 4] = [
    ("mobile-client/dist", "PHONE", "the phone's app"),
    ("mobile-client/dist-to-giac", "CITIZEN", "the citizen's page"),
    ("office-console/dist", "OFFICE", "the office console"),
    ("office-console/dist-desk", "DESK", "the tip desk"),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    #[allow(
        clippy::disallowed_methods,
        reason = "cargo hands a build script its settings by the environment alone"
    )]
    let from_cargo = std::env::var;
    let root = PathBuf::from(from_cargo("CARGO_MANIFEST_DIR")?);
    println!("cargo:rerun-if-changed=build.rs");
    let mut code = String::new();
    for (folder, table, what) in CLIENTS {
        let dist = root.join(folder);
        println!("cargo:rerun-if-changed={}", dist.display());
        let mut files = Vec::new();
        if dist.is_dir() {
            collect(&dist, &mut files)?;
        }
        files.sort();
        if files.is_empty() {
            println!(
                "cargo:warning={what} is not built, so it is not in this binary: run ./scripts/build-clients"
            );
        }
        writeln!(code, "pub(super) static {table}: &[Asset] = &[")?;
        for path in files.iter().filter(|path| !is_sibling(path)) {
            write_row(&mut code, &root, folder, path)?;
        }
        writeln!(code, "];")?;
    }
    fs::write(PathBuf::from(from_cargo("OUT_DIR")?).join("web_clients.rs"), code)?;
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() {
            collect(&path, files)?;
        } else if !hidden {
            files.push(path);
        }
    }
    Ok(())
}

/// A compressed form of the file beside it, written by the client's build.
fn is_sibling(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending == "br" || ending == "gz")
}

fn write_row(
    code: &mut String,
    root: &Path,
    folder: &str,
    path: &Path,
) -> Result<(), Box<dyn std::error::Error>> {
    let in_project = text(path.strip_prefix(root)?)?;
    let inside = text(path.strip_prefix(root.join(folder))?)?;
    let bytes = fs::read(path)?;
    // Only has to differ when the bytes do.
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let with = |ending: &str| {
        if PathBuf::from(format!("{}.{ending}", path.display())).is_file() {
            format!("Some({})", include(&format!("{in_project}.{ending}")))
        } else {
            "None".to_owned()
        }
    };
    writeln!(
        code,
        "    Asset {{ path: {inside:?}, bytes: {}, brotli: {}, gzip: {}, etag: \"\\\"{:016x}\\\"\" }},",
        include(in_project),
        with("br"),
        with("gz"),
        hasher.finish(),
    )?;
    Ok(())
}

/// The bytes of a file of the project, in words that are the same wherever the project lies: the words are part of the
/// crate's hash, and by that hash the compiler orders code.
fn include(in_project: &str) -> String {
    let under_root = format!("/{in_project}");
    format!("include_bytes!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {under_root:?}))")
}

fn text(path: &Path) -> Result<&str, &'static str> {
    path.to_str().ok_or("a file name is not UTF-8")
}

//! The layers: who may use whom, read off the `use` lines.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// From the top to the bottom; a module may use what stands below its own row, and nothing beside it.
const ROWS: &[&[&str]] = &[
    &["cli"],
    &["ops", "bench", "demo_run", "submit"],
    &["server"],
    &["http", "jobs"],
    &["exports"],
    &["client"],
    &["services"],
    &[
        "store", "photos", "media", "checks", "auth", "campaign", "tipbox", "tipfiles",
    ],
    &["domain"],
];
/// Values handed down to everybody.
const LEAVES: &[&str] = &["config", "telemetry", "clock", "disk", "crash", "memory"];
/// Pictures drawn for the demo, the bench and the tests; they know nothing of the rest.
const DRAWING: &[&str] = &["demo"];

fn row(module: &str) -> Option<usize> {
    ROWS.iter().position(|row| row.contains(&module))
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// The modules that a file names as `crate::module`, its tests left out.
fn named(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]").next().unwrap();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines
        .flat_map(|line| {
            line.split("crate::")
                .skip(1)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .map(|rest| {
            rest.chars()
                .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                .collect()
        })
        .collect()
}

#[test]
fn no_module_uses_what_stands_above_or_beside_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&source).unwrap();
        let own = inside
            .iter()
            .next()
            .unwrap()
            .to_str()
            .unwrap()
            .trim_end_matches(".rs");
        let is_test = inside.to_str().unwrap().contains("tests");
        let Some(own_row) = row(own).filter(|_| !is_test) else {
            continue;
        };
        for other in named(&fs::read_to_string(&file).unwrap()) {
            let Some(other_row) = row(&other) else { continue };
            if other != own && other_row <= own_row {
                wrong.push(format!(
                    "{} uses crate::{other}, which does not stand below it",
                    inside.display()
                ));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn one_module_holds_all_unsafe_code() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    let with_unsafe: Vec<PathBuf> = files
        .into_iter()
        .filter(|file| {
            let text = fs::read_to_string(file).unwrap();
            let mut code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            // A policy's word for WebAssembly is no code.
            code.any(|line| line.replace("'wasm-unsafe-eval'", "").contains("unsafe"))
        })
        .map(|file| file.strip_prefix(&source).unwrap().to_owned())
        .collect();
    assert_eq!(with_unsafe, [Path::new("memory.rs")]);
}

#[test]
fn only_the_module_in_charge_names_a_foreign_crate() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    let charge: &[(&str, &[&str])] = &[
        ("actix_web::", &["http", "server", "cli", "demo"]),
        ("sled::", &["store"]),
        ("clap::", &["cli", "config", "telemetry"]),
        ("reqwest::", &["client", "jobs"]),
        ("jsonwebtoken::", &["auth"]),
        ("argon2::", &["auth", "tipbox"]),
        ("hpke::", &["tipbox"]),
        ("chacha20poly1305::", &["tipbox"]),
        ("hkdf::", &["tipbox"]),
        ("jpeg_decoder::", &["media", "demo"]),
        ("mimalloc::", &["memory"]),
        ("libmimalloc_sys::", &["memory"]),
    ];
    let mut wrong = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&source).unwrap().to_str().unwrap().to_owned();
        let own = inside.split(['/', '.']).next().unwrap().to_owned();
        let text = fs::read_to_string(&file).unwrap();
        let code: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        for (name, modules) in charge {
            let names = |line: &&str| {
                line.match_indices(name).any(|(at, _)| {
                    let before = line.get(..at).and_then(|before| before.chars().next_back());
                    before.is_none_or(|letter| !(letter.is_alphanumeric() || letter == '_' || letter == ':'))
                })
            };
            if code.iter().any(names) && !modules.contains(&own.as_str()) && own != "lib" {
                wrong.push(format!("{inside} names {name}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(!LEAVES.is_empty() && !DRAWING.is_empty());
}

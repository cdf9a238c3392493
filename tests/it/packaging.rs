//! What is shipped beside the binary fits it: units, settings, manual and guides name what there is.
//!
//! The life of the package itself (install, upgrade, purge) is `scripts/package --try`, which needs root and a Debian.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::durability::process::{ROOMY, Server, minhchung, serve};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn help(subcommands: &[&str]) -> String {
    let output = minhchung().args(subcommands).arg("--help").output().unwrap();
    assert!(output.status.success(), "there is no command {subcommands:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The names below "Commands:" in a help text.
fn commands(help: &str) -> BTreeSet<String> {
    let listed = help.split_once("Commands:\n").map_or("", |(_, rest)| rest);
    let lines = listed.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// Proves that a command line of somebody's `text` names a command and options that this program has.
#[track_caller]
fn is_understood(line: &str, place: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let known = commands(&help(&[]));
    let at = words.iter().position(|word| known.contains(*word));
    let Some(at) = at else {
        let asks_the_program = words.iter().any(|word| matches!(*word, "--version" | "--help"));
        assert!(asks_the_program, "{place}: no command in `{line}`");
        return;
    };
    let mut path = vec![words[at]];
    let mut text = help(&path);
    while let Some(next) = words.get(at + path.len())
        && commands(&text).contains(*next)
    {
        path.push(*next);
        text = help(&path);
    }
    for word in &words {
        if let Some(option) = word.strip_prefix("--") {
            let name = option.split('=').next().unwrap();
            let is_there = text
                .split_whitespace()
                .any(|word| word.trim_end_matches(',').strip_prefix("--") == Some(name));
            assert!(
                is_there,
                "{place}: `minhchung {}` has no --{name}",
                path.join(" ")
            );
        }
    }
}

#[test]
fn the_shipped_settings_are_accepted_as_they_are() {
    let home = tempfile::tempdir().unwrap();
    let config = root().join("deploy/config/minhchung.toml");
    let check = |config: &Path| {
        minhchung()
            .arg("check-config")
            .arg("--config")
            .arg(config)
            .output()
            .unwrap()
    };
    let output = check(&config);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("/var/lib/minhchung"), "{said}");
    // And with every example in it switched on, but for files that are not there.
    let examples: String = read("deploy/config/minhchung.toml")
        .lines()
        .filter(|line| !line.contains("/etc/minhchung/"))
        .map(|line| {
            line.strip_prefix('#')
                .filter(|rest| !rest.starts_with(' '))
                .unwrap_or(line)
                .to_owned()
                + "\n"
        })
        .collect();
    assert!(examples.contains("\npublic_url"), "{examples}");
    let all = home.path().join("all.toml");
    fs::write(&all, examples).unwrap();
    let output = check(&all);
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn units_start_what_this_program_has() {
    let mut started = 0;
    for entry in fs::read_dir(root().join("deploy/systemd")).unwrap() {
        let path = entry.unwrap().path();
        let unit = path.file_name().unwrap().to_str().unwrap().to_owned();
        for line in fs::read_to_string(&path).unwrap().lines() {
            if let Some(command) = line.strip_prefix("ExecStart=/usr/bin/minhchung ") {
                is_understood(command, &unit);
                started += 1;
            }
        }
    }
    assert_eq!(started, 3);
}

#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        println!("not run (there is no systemd-analyze)");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let mut units: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(root().join("deploy/systemd")).unwrap() {
        let path = entry.unwrap().path();
        // It wants the programs to be there.
        let text = fs::read_to_string(&path)
            .unwrap()
            .replace("/usr/bin/minhchung", env!("CARGO_BIN_EXE_minhchung"))
            .replace("ExecStart=/etc/minhchung/on-failure", "ExecStart=/bin/true")
            .replace("EnvironmentFile=/etc", "EnvironmentFile=-/etc");
        let copy = home.path().join(path.file_name().unwrap());
        fs::write(&copy, text).unwrap();
        units.push(copy);
    }
    let output = Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .args(&units)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    // What the machine's own units do wrong is no matter of ours.
    let ours: Vec<&str> = said.lines().filter(|line| line.contains("minhchung")).collect();
    assert!(ours.is_empty(), "{said}");
}

#[test]
fn what_the_package_takes_is_there() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let assets = manifest["package"]["metadata"]["deb"]["assets"]
        .as_array()
        .unwrap();
    for asset in assets {
        let source = asset[0].as_str().unwrap();
        let folder = Path::new(source).parent().unwrap();
        if folder.starts_with("target") {
            continue;
        }
        let is_pattern = source.contains('*');
        let wanted = root().join(if is_pattern { folder } else { Path::new(source) });
        assert!(wanted.exists(), "{source}");
    }
}

#[test]
fn the_manuals_page_names_every_command_and_no_other() {
    let page = read("deploy/debian/minhchung.1").replace("\\-", "-");
    let named: BTreeSet<String> = page
        .split("\n.SH ")
        .find(|section| section.starts_with("COMMANDS"))
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix(".B "))
        .map(str::to_owned)
        .collect();
    assert_eq!(named, commands(&help(&[])));
}

#[test]
fn the_operators_guides_name_commands_and_options_that_exist() {
    for guide in ["docs/operations.md", "docs/huong-dan/van-hanh.md"] {
        let text = read(guide);
        // Every second piece between backticks is code, of a line or of a block.
        let code = text.split('`').skip(1).step_by(2);
        let mut understood = 0;
        for line in code.flat_map(str::lines).map(str::trim) {
            // What stands before is who runs it, or what is piped into it.
            let starts =
                |before: &str| before.is_empty() || before.ends_with("-- ") || before.ends_with("| ");
            let mut places = line.match_indices("minhchung ").map(|(at, _)| line.split_at(at));
            let Some((_, command)) = places.find(|(before, _)| starts(before)) else {
                continue;
            };
            let command = command.trim_start_matches("minhchung ");
            let command = command.split(['#', '>', '|', '<']).next().unwrap();
            if !command.trim().is_empty() {
                is_understood(command, guide);
                understood += 1;
            }
        }
        assert!(understood > 12, "{guide}: only {understood} commands were found");
    }
}

#[test]
fn a_backup_is_encrypted_when_the_line_that_says_so_is_no_comment_any_more() {
    let shipped = read("deploy/config/backup.env");
    let example = "#MINHCHUNG_BACKUP_OPTIONS=--encrypt-to age1...";
    assert!(shipped.contains(example), "{shipped}");
    // As systemd reads it: of several lines the last one counts.
    let options = |text: &str| {
        let mut lines = text
            .lines()
            .filter_map(|line| line.strip_prefix("MINHCHUNG_BACKUP_OPTIONS="));
        lines.next_back().map(str::to_owned)
    };
    assert_eq!(options(&shipped).as_deref(), Some(""));
    let filled = shipped.replace(example, "MINHCHUNG_BACKUP_OPTIONS=--encrypt-to age1qqq");
    assert_eq!(options(&filled).as_deref(), Some("--encrypt-to age1qqq"));
}

#[test]
fn health_says_yes_only_to_a_service_that_can_write() {
    let home = tempfile::tempdir().unwrap();
    let health = |url: &str| minhchung().args(["health", "--url", url]).output().unwrap();
    let data = home.path().join("data");
    let server = Server::start(serve(&data, &ROOMY));
    let address = server.address.clone();
    let output = health(&address);
    assert!(output.status.success(), "{output:?}");
    server.stop();
    assert_eq!(health(&address).status.code(), Some(1));
    assert_eq!(health("nowhere").status.code(), Some(2));
    // Alive, but the disk has less free than what has to stay free.
    let full = ["--min-free-mib", "1000000", "--ballast-mib", "0"];
    let server = Server::start(serve(&data, &full));
    let output = health(&server.address);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    server.stop();
}

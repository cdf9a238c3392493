//! Nothing that was acknowledged is ever lost, and nothing is there twice: killed processes, cut power, full disks,
//! lost answers, and figures that equal a recount after any history.

mod backup;
pub mod backup_edited;
pub mod backup_faults;
mod backup_figures;
pub mod backup_mends;
mod compaction;
mod crash_points;
mod disk_faults;
pub mod disk_full;
mod doctor;
mod exactly_once;
mod faulty_disk;
mod histories;
mod hostile_memory;
pub mod load;
mod long_rows;
mod lost_answers;
mod office;
mod orphans;
pub mod pictures;
mod power_cut;
pub mod process;
mod random_kills;
pub mod seed;
mod shutdown;
mod soak;
pub mod told;
pub mod volume;

/// A number that whoever runs the tests may set.
pub fn count_from_environment(name: &str, default: u32) -> u32 {
    std::env::var_os(name).map_or(default, |text| {
        let number = text.to_str().and_then(|text| text.parse().ok());
        number.unwrap_or_else(|| panic!("{name} is no number: {}", text.display()))
    })
}

/// Says something past the test runner, which keeps what passing tests print to itself.
pub fn say(words: &str) {
    use std::io::Write;
    drop(writeln!(std::io::stderr(), "{words}"));
}

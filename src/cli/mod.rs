//! The command line: one file per command; arguments are parsed once into checked values.
//!
//! Invariant: exit code 0 means done (or nothing wrong found), 1 that it could not be done or that something is wrong,
//! 2 that the arguments or settings are wrong, 74 that the disk failed under a service. Answers go to standard output, everything else to standard error.
//! Refuses: to work in a data directory that another process uses; a backup asks that process instead.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to whoever typed it"
)]

mod audit;
mod backup;
mod bench;
mod check_config;
mod compact;
mod demo;
mod desk;
mod doctor;
mod health;
mod offline;
mod openapi;
mod progress;
mod restore;
mod say;
mod serve;
mod settings;
mod submit;
mod terminal;
mod user;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::telemetry::{self, LogForm};

/// Field evidence for public campaigns: pictures from a phone become verified completion per commune
#[derive(Debug, Parser)]
#[command(name = "minhchung", version, arg_required_else_help = true)]
struct Line {
    /// How log lines look
    #[arg(
        long,
        env = "MINHCHUNG_LOG",
        value_enum,
        default_value = "text",
        global = true
    )]
    log: LogForm,
    /// Which log lines are written, such as `info,minhchung::requests=warn`; `warn` for demo, submit, backup and restore, else `info`
    #[arg(long, env = "MINHCHUNG_LOG_FILTER", global = true)]
    log_filter: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and both clients until SIGTERM
    Serve(serve::Serve),
    /// Run a demo: a fresh service with an invented province, filled through its own API
    Demo(demo::Demo),
    /// Send a folder of pictures and a list through the API; run it again to go on where it stopped
    Submit(submit::Submit),
    /// Look after accounts while the service is stopped
    #[command(subcommand)]
    User(user::User),
    /// Look after the tip desk while the service is stopped
    #[command(subcommand)]
    Desk(desk::Desk),
    /// Look at the audit log while the service is stopped
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Back up everything, also while the service runs; run it again to go on where it stopped
    Backup(backup::Backup),
    /// Make a data directory from a backup, and prove every byte of it
    Restore(restore::Restore),
    /// Write the rows of a stopped service anew, without what was removed or replaced
    Compact(compact::Compact),
    /// Prove that figures, audit log and files of a stopped service agree; exit code 1 when they do not, or when it is in use
    Doctor(doctor::Doctor),
    /// Ask a running service whether it takes and keeps what is sent
    Health(health::Health),
    /// Measure our speed beside what the same work costs at least
    Bench(bench::Bench),
    #[command(hide = true)]
    BenchBareWriter(bench::BareWriter),
    /// Say whether the settings can be started with
    CheckConfig(check_config::CheckConfig),
    /// Print the specification of the API (OpenAPI 3.1, JSON)
    Openapi,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// Arguments or settings are wrong.
    #[error("{0}")]
    Wrong(String),
    /// It could not be done, or something is wrong with what is stored.
    #[error("{0}")]
    Failed(String),
}

impl Failure {
    fn wrong(why: impl std::fmt::Display) -> Self {
        Self::Wrong(why.to_string())
    }

    fn failed(why: impl std::fmt::Display) -> Self {
        Self::Failed(why.to_string())
    }
}

/// Does what the command line says.
pub fn run() -> ExitCode {
    let line = Line::parse();
    let usual = match line.command {
        // Requests by the hundred would bury what these say themselves.
        Command::Demo(_) | Command::Submit(_) | Command::Backup(_) | Command::Restore(_) => "warn",
        _ => "info",
    };
    let started =
        telemetry::start(line.log, line.log_filter.as_deref().unwrap_or(usual)).map_err(Failure::wrong);
    let done = started.and_then(|()| match line.command {
        Command::Serve(serve) => serve.run(),
        Command::Demo(demo) => demo.run(),
        Command::Submit(submit) => submit.run(),
        Command::User(user) => user.run(),
        Command::Desk(desk) => desk.run(),
        Command::Audit(audit) => audit.run(),
        Command::Backup(backup) => backup.run(),
        Command::Restore(restore) => restore.run(),
        Command::Compact(compact) => compact.run(),
        Command::Doctor(doctor) => doctor.run(),
        Command::Health(health) => health.run(),
        Command::Bench(bench) => bench.run(),
        Command::BenchBareWriter(writer) => writer.run(),
        Command::CheckConfig(check) => check.run(),
        Command::Openapi => openapi::run(),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("minhchung: {failure}");
            ExitCode::from(match failure {
                Failure::Failed(_) => 1,
                Failure::Wrong(_) => 2,
            })
        }
    }
}

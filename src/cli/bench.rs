//! `minhchung bench`: our speed beside what the same work costs at least, as ratios of one run.

use std::net::TcpListener;
use std::path::PathBuf;

use super::Failure;
use super::say::say;
use crate::bench::{self, BenchError, Plan};

#[derive(Debug, clap::Args)]
pub(super) struct Bench {
    /// A directory on the disk to be measured
    #[arg(long, default_value = "bench-data")]
    directory: PathBuf,
    /// How often everything is repeated
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Uploads of a run with one connection; runs with more have four times as many
    #[arg(long, default_value_t = 300)]
    uploads: usize,
    /// How many records the large read run has; 0 leaves it out
    #[arg(long, default_value_t = 1_000_000)]
    records: usize,
    /// Measure look-alikes among 10,000 and among this many pictures, and what a picture costs, and nothing else
    #[arg(long, value_name = "PICTURES")]
    pictures: Option<usize>,
    /// Try this many pictures with bytes changed at random, and nothing else
    #[arg(long, value_name = "INPUTS")]
    fuzz: Option<u64>,
    /// Leave out the uploads
    #[arg(long)]
    reads_only: bool,
}

/// The bare writer's process
#[derive(Debug, clap::Args)]
pub(super) struct BareWriter {
    /// Where to write
    directory: PathBuf,
}

impl BareWriter {
    pub(super) fn run(self) -> Result<(), Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(Failure::failed)?;
        eprintln!(
            "listening on http://{}",
            listener.local_addr().map_err(Failure::failed)?
        );
        bench::bare_writer::serve(&self.directory, &listener).map_err(Failure::failed)
    }
}

impl Bench {
    pub(super) fn run(self) -> Result<(), Failure> {
        let plan = Plan {
            // A run of its own, so that one that was cut short is not in the way.
            directory: self.directory.join(std::process::id().to_string()),
            rounds: self.rounds.max(1),
            uploads: self.uploads.max(8),
        };
        let measured = self.measure(&plan).map_err(Failure::failed);
        // What is left is only in the way; what was measured counts.
        drop(std::fs::remove_dir_all(&plan.directory));
        measured
    }

    fn measure_pictures(plan: &Plan, most: usize) -> Result<(), BenchError> {
        say!("pictures: processor milliseconds, all threads");
        for figures in bench::measure_pictures()? {
            say!(
                "{:>5} × {:<5} thumbnail {:>6.1}   both copies and levels {:>6.1}   look {:>6.1}",
                figures.width,
                figures.height,
                figures.thumb_ms,
                figures.study_ms,
                figures.look_ms
            );
        }
        say!("look-alikes: one question among many pictures");
        let measured = bench::measure_looks(plan, &[10_000, most.max(10_000)])?;
        for figures in &measured {
            say!(
                "{:>9} pictures: {:>8.2} ms a question, {:>6.0} ms to read the index, {:>6.1} us to keep one, {:>6.0} bytes on disk each",
                figures.pictures,
                figures.query_ms,
                figures.read_ms,
                figures.put_us,
                figures.bytes_each
            );
        }
        if let [few, many] = measured.as_slice() {
            say!(
                "ratio of the questions: {:.2}",
                many.query_ms / few.query_ms.max(1e-6)
            );
        }
        Ok(())
    }

    fn fuzz(inputs: u64) -> Result<(), BenchError> {
        let figures = bench::fuzz(inputs, 2026)?;
        say!("{figures:?}");
        match figures.first_panic {
            Some(number) => Err(BenchError::Answer(format!("input {number} panicked"))),
            None => Ok(()),
        }
    }

    fn measure(&self, plan: &Plan) -> Result<(), BenchError> {
        if let Some(inputs) = self.fuzz {
            return Self::fuzz(inputs);
        }
        if let Some(most) = self.pictures {
            return Self::measure_pictures(plan, most);
        }
        if !self.reads_only {
            say!("uploads: 288 KB pictures as multipart submissions, beside a bare durable HTTP writer");
            say!(
                "{:>4} {:>9} {:>9} {:>7} {:>11} {:>11} {:>8} {:>8} {:>9} {:>9}",
                "c",
                "ours/s",
                "bare/s",
                "ratio",
                "cpu s/1000",
                "bare s/1000",
                "p50 ms",
                "p99 ms",
                "idle MiB",
                "peak MiB"
            );
            for figures in bench::measure_uploads(plan)? {
                say!(
                    "{:>4} {:>9.0} {:>9.0} {:>7.2} {:>11.2} {:>11.2} {:>8.1} {:>8.1} {:>9.0} {:>9.0}",
                    figures.connections,
                    figures.ours_per_s,
                    figures.bare_per_s,
                    figures.ratio,
                    figures.cpu_s_per_1000,
                    figures.bare_cpu_s_per_1000,
                    figures.p50_ms,
                    figures.p99_ms,
                    figures.idle_mib,
                    figures.peak_mib,
                );
            }
            for connections in [8, 32] {
                match bench::count_syncs(plan, connections)? {
                    Some(syncs) => say!("syncs per upload at c = {connections}: {syncs:.2}"),
                    None => {
                        say!("syncs per upload at c = {connections}: not checked (strace is not installed)");
                    }
                }
            }
        }
        say!("reads");
        say!(
            "{:>9} {:>9} {:>13} {:>7} {:>9} {:>9} {:>9} {:>9} {:>12} {:>9}",
            "records",
            "live/s",
            "completion/s",
            "ratio",
            "page 1 ms",
            "far ms",
            "far page",
            "start s",
            "bare open s",
            "idle MiB"
        );
        for records in [1000, self.records].into_iter().filter(|records| *records > 0) {
            let figures = bench::measure_reads(plan, records)?;
            say!(
                "{:>9} {:>9.0} {:>13.0} {:>7.2} {:>9.2} {:>9.2} {:>9} {:>9.2} {:>12.2} {:>9.0}",
                figures.records,
                figures.live_per_s,
                figures.completion_per_s,
                figures.completion_ratio,
                figures.first_page_ms,
                figures.far_page_ms,
                figures.far_page,
                figures.start_s,
                figures.bare_open_s,
                figures.idle_mib,
            );
        }
        Ok(())
    }
}

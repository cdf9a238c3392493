//! `minhchung demo`: a real service in this process, on a free port, with an invented province in it.
//!
//! Invariant: whatever is shown says that it is a demo, in both languages.
//! Refuses: a directory that may hold real evidence.

use std::path::PathBuf;

use uuid::Uuid;

use super::say::say;
use super::{Failure, terminal};
use crate::clock::Clock;
use crate::config::{Layer, Settings};
use crate::demo_run::{BoardLook, Filled, Measure, PASSWORD, Tally, add_waiting, draw, fill};
use crate::server::Application;

#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    /// Keep the demo in this directory, an empty one or one of an earlier demo; else it is thrown away at the end
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: String,
    /// Campaign file (TOML); the shipped Lào Cai campaign when absent
    #[arg(long)]
    campaign: Option<PathBuf>,
    /// How many places are planned
    #[arg(long, default_value = "1500", value_parser = clap::value_parser!(u32).range(1..=15_000))]
    assignments: u32,
    /// How many pictures are drawn and sent
    #[arg(long, default_value = "300", value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pictures: u32,
    /// So many more submissions wait, spread over all communes and cells, without their picture files: to see how the
    /// board and the queue bear it
    #[arg(long, default_value = "0", value_parser = clap::value_parser!(u32).range(0..=200_000))]
    waiting: u32,
    /// GeoJSON file with the communes' boundaries
    #[arg(long)]
    boundaries: Option<PathBuf>,
    /// Another seed invents another province
    #[arg(long, default_value = "2026")]
    seed: u64,
    /// Stay up until Ctrl-C or SIGTERM; `false` ends after the board
    #[arg(long, default_value = "true", action = clap::ArgAction::Set)]
    stay: bool,
}

const NOTICE: [&str; 4] = [
    "BẢN DÙNG THỬ (DEMO): mọi số liệu, tài khoản và ảnh đều là BỊA ĐẶT.",
    "Không dùng để báo cáo. Không đưa dữ liệu thật vào đây.",
    "THIS IS A DEMO: all figures, accounts and pictures are INVENTED.",
    "Not for reports. Put no real data here.",
];

/// The notice in a frame.
fn notice() -> String {
    let frame = "═".repeat(72);
    let lines = NOTICE.map(|line| format!("║ {line:<70} ║")).join("\n");
    format!("╔{frame}╗\n{lines}\n╚{frame}╝")
}

impl Demo {
    pub(super) fn run(self) -> Result<(), Failure> {
        let home = Home::new(self.data_dir.clone())?;
        let settings = self.settings(home.path.clone())?;
        eprintln!("{}", notice());
        let done = actix_web::rt::System::new().block_on(self.serve(&settings));
        if home.is_temporary
            && let Err(error) = std::fs::remove_dir_all(&home.path)
        {
            eprintln!("{}: {error}", home.path.display());
        }
        done
    }

    fn settings(&self, data_dir: PathBuf) -> Result<Settings, Failure> {
        let layer = Layer {
            data_dir: Some(data_dir),
            listen: Some(self.listen.clone()),
            campaign: self.campaign.clone(),
            boundaries: self.boundaries.clone(),
            demo: Some(true),
            // Nothing here is worth a reserve.
            ballast_mib: Some(0),
            min_free_mib: Some(64),
            ..Layer::default()
        };
        layer.settings().map_err(Failure::wrong)
    }

    async fn serve(&self, settings: &Settings) -> Result<(), Failure> {
        let clock = Clock::system();
        let application = Application::build(settings, clock.clone())
            .await
            .map_err(Failure::failed)?;
        let server = format!("http://{}", application.address());
        eprintln!("listening on {server}");
        let (app, handle) = (application.app().clone(), application.handle());
        let mut running = actix_web::rt::spawn(application.run());
        let measure = Measure {
            assignments: usize::try_from(self.assignments).unwrap_or(usize::MAX),
            pictures: usize::try_from(self.pictures).unwrap_or(usize::MAX),
            seed: self.seed,
        };
        let say = |line: &str| eprintln!("{line}");
        let filled = tokio::select! {
            filled = fill(&app, &server, measure, clock.now(), say) => filled.map_err(Failure::failed),
            // Somebody pressed Ctrl-C before it was filled.
            ended = &mut running => return ended.map_err(Failure::failed)?.map_err(Failure::failed),
        };
        let filled = match filled {
            Ok(filled) if self.waiting > 0 => add_waiting(&app, &clock, self.waiting)
                .await
                .map(|()| filled)
                .map_err(Failure::failed),
            other => other,
        };
        // The store closes with its last handle.
        drop(app);
        let stays = self.stay && filled.is_ok();
        if let Ok(filled) = &filled {
            show(filled, &server, stays);
        }
        if !stays {
            handle.stop(true).await;
        }
        running.await.map_err(Failure::failed)?.map_err(Failure::failed)?;
        filled.map(drop)
    }
}

/// Where the demo lives.
struct Home {
    path: PathBuf,
    is_temporary: bool,
}

impl Home {
    fn new(wanted: Option<PathBuf>) -> Result<Self, Failure> {
        if let Some(path) = wanted {
            return Ok(Self {
                path,
                is_temporary: false,
            });
        }
        let path = std::env::temp_dir().join(format!("minhchung-demo-{}", Uuid::new_v4()));
        std::fs::create_dir_all(&path)
            .map_err(|error| Failure::failed(format!("{}: {error}", path.display())))?;
        Ok(Self {
            path,
            is_temporary: true,
        })
    }
}

fn show(filled: &Filled, server: &str, stays: bool) {
    let look = BoardLook {
        width: terminal::width(),
        coloured: terminal::is_coloured(),
    };
    say!("\n{}", draw(&filled.board, look));
    if let Some(tally) = filled.sent {
        say!("{}", in_words(tally));
    }
    say!("{}", notice());
    if !stays {
        return;
    }
    say!("\nMở / open");
    say!("  {server}/                     điện thoại của trưởng thôn / the village head's phone");
    say!("  {server}/van-phong/           bảng điều khiển văn phòng / the office console");
    say!("  {server}/api/docs             API");
    say!("  {server}/api/v1/openapi.json  OpenAPI 3.1");
    say!("  {server}/api/v1/completion    bảng tiến độ / the board (JSON, cần đăng nhập / signed in)");
    say!("\nTài khoản dùng thử / demo accounts, mật khẩu / password: {PASSWORD}");
    for login in &filled.logins {
        let commune = login.commune.as_deref().unwrap_or_default();
        say!("  {:<22} {:<16} {commune}", login.username, login.role.name());
    }
    let (code, owner) = &filled.code;
    say!("\nMã kích hoạt điện thoại / code for a phone: {code}  ({owner})");
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    say!("  {server}/#enrol={digits}");
    say!("\nDừng bằng Ctrl-C / stop with Ctrl-C");
}

fn in_words(tally: Tally) -> String {
    let Tally {
        assignments,
        phones,
        submissions,
        pictures,
        incomplete,
        verified,
        rejected,
    } = tally;
    format!(
        "{assignments} nhiệm vụ · {phones} điện thoại · {submissions} minh chứng, {pictures} ảnh, {incomplete} chưa đủ · \
         {verified} đạt, {rejected} trả lại\n\
         {assignments} assignments · {phones} phones · {submissions} submissions, {pictures} pictures, {incomplete} incomplete · \
         {verified} verified, {rejected} sent back\n"
    )
}

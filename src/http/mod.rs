//! HTTP: decode, one call, encode. Every route of the API and the frame around them.
//!
//! Invariant: the permission of an operation is the type of its session argument; errors leave as problems.
//! Refuses: rules. What may happen to a record is decided in `services`.

pub mod answers;
pub mod body;
pub mod client_address;
pub mod connections;
pub mod door;
mod drawn_board;
mod forms;
pub mod frame;
mod guard;
pub mod json;
pub mod metrics;
pub mod openapi;
pub mod outgoing;
pub mod pages;
mod path;
pub mod problem;
mod problem_codes;
pub mod query;
mod routes;
pub mod session;
pub mod tus;
mod version;
pub mod web_clients;

pub use drawn_board::DrawnBoard;
pub use routes::boundaries::draw as draw_boundaries;
pub use routes::metrics::MetricsReaders;

use actix_web::web;
use bytes::Bytes;
use tokio::sync::watch;

use std::path::Path;
use std::sync::Arc;

use self::metrics::Metrics;
use crate::campaign::Campaign;
use crate::clock::Clock;
use crate::services::accounts::Accounts;
use crate::services::checking::Checking;
use crate::services::claims::Claims;
use crate::services::completion::Completion;
use crate::services::evidence::Evidence;
use crate::services::planning::Planning;
use crate::services::review::Review;
use crate::services::sheets::Sheets;
use crate::services::tips::Tips;
use crate::services::uploads::Uploads;
use crate::store::Store;

/// What handlers work with.
#[derive(Debug, Clone)]
pub struct App {
    /// The rows.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// What has to be shown, and where.
    pub campaign: Arc<Campaign>,
    /// Who may come in.
    pub accounts: Accounts,
    /// What phones send.
    pub evidence: Evidence,
    /// What phones send in pieces.
    pub uploads: Uploads,
    /// What is found out about it by itself.
    pub checking: Checking,
    /// What verifiers decide.
    pub review: Review,
    /// Who is at which submission.
    pub claims: Claims,
    /// Many clean ones at once.
    pub sheets: Sheets,
    /// The tip line.
    pub tips: Tips,
    /// The areas of the communes as they are drawn.
    pub boundary_layer: Bytes,
    /// How far everything is.
    pub completion: Completion,
    /// The drawn board, until it changes.
    pub drawn_board: Arc<DrawnBoard>,
    /// Becomes true when the server is told to stop, so that open event lines end.
    pub stopping: watch::Sender<bool>,
    /// What the service counts about itself.
    pub metrics: Arc<Metrics>,
    /// Who may read that.
    pub metrics_readers: MetricsReaders,
    /// Where everything is kept; a command that made a backup leaves a note there.
    pub data_dir: Arc<Path>,
    /// Invented data and demo accounts.
    pub is_demo: bool,
    /// What is to be shown where, by whom and by when.
    pub planning: Planning,
}

/// Registers every route.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .app_data(
            web::PathConfig::default()
                .error_handler(|_unparsed, _| problem::Problem::new(problem::ProblemCode::NotFound).into()),
        )
        .configure(routes::assignments::configure)
        .configure(routes::auth::configure)
        .configure(routes::boundaries::configure)
        .configure(routes::campaign::configure)
        .configure(routes::claims::configure)
        .configure(routes::completion::configure)
        .configure(routes::events::configure)
        .configure(routes::health::configure)
        .configure(routes::metrics::configure)
        .configure(routes::photos::configure)
        .configure(routes::receipts::configure)
        .configure(routes::reviews::configure)
        .configure(routes::sheets::configure)
        .configure(routes::submissions::configure)
        .configure(routes::tip_desk::configure)
        .configure(routes::tips::configure)
        .configure(routes::trail::configure)
        .configure(routes::uploads::configure)
        .configure(routes::users::configure)
        .configure(openapi::configure)
        .configure(pages::configure)
        .configure(web_clients::configure);
}

//! HTTP: decode, one call, encode. Every route of the API and the frame around them.
//!
//! Invariant: the permission of an operation is the type of its session argument; errors leave as problems.
//! Refuses: rules. What may happen to a record is decided in `services`.

pub mod answers;
pub mod body;
pub mod client_address;
pub mod frame;
pub mod problem;
mod problem_codes;
pub mod query;
mod routes;
pub mod session;
mod version;

use actix_web::web;

use std::sync::Arc;

use crate::campaign::Campaign;
use crate::clock::Clock;
use crate::services::accounts::Accounts;
use crate::services::planning::Planning;
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
        .configure(routes::health::configure)
        .configure(routes::auth::configure)
        .configure(routes::users::configure)
        .configure(routes::receipts::configure)
        .configure(routes::assignments::configure);
}

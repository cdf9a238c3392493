//! Automatic checks as phones, reviewers and operators meet them.

mod corpus;
mod flow;
mod kept;
mod lists;
mod recall;
mod scene;
mod twins;

pub use scene::Stage;

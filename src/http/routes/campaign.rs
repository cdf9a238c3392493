//! What has to be shown, and where: public.

use actix_web::HttpResponse;
use actix_web::web::{self, Data};
use serde::Serialize;
use utoipa::ToSchema;

use crate::campaign::CampaignDefinition;
use crate::domain::Commune;
use crate::http::App;

pub(in crate::http) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/api/v1/campaign").route(web::get().to(campaign)))
        .service(web::resource("/api/v1/communes").route(web::get().to(communes)));
}

/// The campaign, and whether this is a demo.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct CampaignBody {
    #[serde(flatten)]
    definition: CampaignDefinition,
    /// True on an installation with invented data and demo accounts.
    demo: bool,
}

/// The campaign's definition.
#[utoipa::path(get, path = "/api/v1/campaign", tag = "campaign", responses((status = 200, body = CampaignBody)))]
pub(in crate::http) async fn campaign(app: Data<App>) -> HttpResponse {
    let body = CampaignBody {
        definition: app.campaign.definition().clone(),
        demo: app.is_demo,
    };
    HttpResponse::Ok()
        .insert_header(("cache-control", "public, max-age=300"))
        .json(body)
}

/// The communes, by code.
#[utoipa::path(get, path = "/api/v1/communes", tag = "campaign", responses((status = 200, body = Vec<Commune>)))]
pub(in crate::http) async fn communes(app: Data<App>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("cache-control", "public, max-age=300"))
        .json(app.campaign.communes())
}

//! The boundary layer as the office draws it: GeoJSON with coarse corners.
//!
//! Invariant: corners are rounded to a grid of about a hundred metres, the same way for every area, so that neighbours
//! still share their lines; outer rings run clockwise, which is what drawing on a globe expects (RFC 7946 says the other
//! way round; nobody but the console reads this).
//! Refuses: to be measured with. What lies in which commune is decided with the layer itself.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{self, Data};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::auth::{Overseer, Permission};
use crate::campaign::{Boundaries, CommuneArea, Position, Ring};
use crate::http::App;
use crate::http::answers::SessionProblems;
use crate::http::session::Session;

/// Corners per degree of the grid.
const GRID: f64 = 1_000.0;

pub(in crate::http) fn configure(config: &mut web::ServiceConfig) {
    config.service(web::resource("/api/v1/boundaries").route(web::get().to(boundaries)));
}

/// The areas of the communes to draw a map with, as GeoJSON; without features when no layer is installed.
#[utoipa::path(
    get, path = "/api/v1/boundaries", operation_id = "boundaries", tag = "completion", security(("bearer" = [])),
    responses((status = 200, description = "A FeatureCollection; each feature has the property `code`", body = Object, content_type = "application/geo+json"), SessionProblems),
    extensions(("x-roles" = json!(Overseer::ROLES)))
)]
#[allow(clippy::unused_async, reason = "the framework takes async handlers only")]
pub(in crate::http) async fn boundaries(_session: Session<Overseer>, app: Data<App>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/geo+json")
        .insert_header((header::CACHE_CONTROL, "private, max-age=300"))
        .body(app.boundary_layer.clone())
}

/// The layer as it is served, drawn once at the start; without features when there is none.
pub fn draw(boundaries: Option<&Boundaries>) -> Bytes {
    let features: Vec<Value> = boundaries
        .into_iter()
        .flat_map(Boundaries::areas)
        .map(feature)
        .collect();
    let layer = json!({ "type": "FeatureCollection", "features": features });
    Bytes::from(layer.to_string())
}

fn feature(area: &CommuneArea) -> Value {
    let polygons = area.polygons.iter();
    let coordinates: Vec<Vec<Vec<Position>>> = polygons
        .map(|polygon| {
            let rings = polygon.rings().iter().enumerate();
            rings
                .map(|(at, ring)| coarse(ring, at == 0))
                .filter(|ring| ring.len() >= 4)
                .collect()
        })
        .filter(|rings: &Vec<Vec<Position>>| !rings.is_empty())
        .collect();
    json!({
        "type": "Feature",
        "properties": { "code": area.code },
        "geometry": { "type": "MultiPolygon", "coordinates": coordinates },
    })
}

/// The ring on the grid, clockwise when `is_outer`. One that the grid swallows has fewer than four corners.
fn coarse(ring: &Ring, is_outer: bool) -> Vec<Position> {
    let mut corners: Vec<Position> = ring
        .positions()
        .iter()
        .map(|position| position.map(|degrees| (degrees * GRID).round() / GRID))
        .collect();
    corners.dedup();
    let following = corners.iter().skip(1);
    let twice_area: f64 = corners
        .iter()
        .zip(following)
        .map(|([lon_a, lat_a], [lon_b, lat_b])| (lon_b - lon_a) * (lat_b + lat_a))
        .sum();
    if (twice_area > 0.0) != is_outer {
        corners.reverse();
    }
    if twice_area == 0.0 { Vec::new() } else { corners }
}

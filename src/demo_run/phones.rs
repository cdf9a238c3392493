//! The invented phones: they join by code, photograph, and send as the real ones do.
//!
//! Invariant: everything goes through the HTTP API with a village head's own session.
//! Refuses: to draw more pictures at once than there are places for on the way.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::field::{Manner, Trip};
use super::people::People;
use super::{DemoError, Tally};
use crate::campaign::Campaign;
use crate::client::{Client, Picture, Report};
use crate::demo::pictures::{BannerScene, GpsFix, PictureError, PledgeScene, banner_photo, pledge_photo};
use crate::domain::{CellKind, ClientApp};

/// Submissions on the way at once: drawing takes the processors, sending waits for the disk.
const AT_ONCE: usize = 6;
const TITLE: &str = "BẢN CAM KẾT KHÔNG MA TÚY";

/// By the village head's user name.
pub(super) type Phones = BTreeMap<String, Client>;

/// Gives every village head with something to send a phone.
pub(super) async fn join(
    client: &Client,
    admin: &Client,
    people: &People,
    trips: &[Trip],
) -> Result<Phones, DemoError> {
    let mut names: Vec<&str> = trips
        .iter()
        .map(|trip| trip.assigned.planned.assignee.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    stream::iter(names)
        .map(|name| async move {
            let head = people.heads.get(name);
            let head = head.ok_or_else(|| DemoError::Missing(format!("there is no account {name}")))?;
            let code = admin.invite(*head).await?.code;
            let phone = client.stranger();
            let device = uuid::Uuid::new_v4();
            phone.enrol(&code, "Điện thoại dùng thử", device).await?;
            Ok((name.to_owned(), phone))
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

/// Sends everything.
pub(super) async fn send(
    campaign: &Arc<Campaign>,
    phones: &Phones,
    trips: Vec<Trip>,
) -> Result<Tally, DemoError> {
    let sent: Vec<Tally> = stream::iter(trips)
        .map(|trip| async move {
            let name = &trip.assigned.planned.assignee;
            let phone = phones.get(name);
            let phone = phone.ok_or_else(|| DemoError::Missing(format!("{name} has no phone")))?;
            send_one(campaign, phone, trip).await
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(sent.into_iter().fold(Tally::default(), |sum, one| Tally {
        submissions: sum.submissions + one.submissions,
        pictures: sum.pictures + one.pictures,
        incomplete: sum.incomplete + one.incomplete,
        ..sum
    }))
}

async fn send_one(campaign: &Arc<Campaign>, phone: &Client, trip: Trip) -> Result<Tally, DemoError> {
    let trip = Arc::new(trip);
    let (its_campaign, its_trip) = (Arc::clone(campaign), Arc::clone(&trip));
    let drawing = tokio::task::spawn_blocking(move || photograph(&its_campaign, &its_trip));
    let pictures = drawing
        .await
        .map_err(|stopped| DemoError::Missing(format!("a drawing stopped: {stopped}")))??;
    let mut announced: Vec<_> = pictures.iter().map(Picture::announcement).collect();
    if trip.manner == Manner::CutOff {
        // A picture that stays in the phone: another one of the same length.
        announced.extend(pictures.first().map(|picture| {
            let mut lost = picture.announcement();
            lost.sha256.0.reverse();
            lost
        }));
    }
    let report = Report {
        assignment_id: trip.assigned.assignment.id,
        captured_at: trip.captured_at,
        location: trip.location,
        note: None,
        signed_count: trip.signed_count,
        photos: announced,
        client: ClientApp {
            app: "demo-phone".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
    };
    if trip.manner == Manner::Multipart {
        phone.put_whole(trip.id, &report, &pictures).await?;
    } else {
        phone.put_report(trip.id, &report).await?;
        for picture in &pictures {
            phone.put_photo(trip.id, picture).await?;
        }
    }
    Ok(Tally {
        submissions: 1,
        pictures: pictures.len(),
        incomplete: usize::from(trip.manner == Manner::CutOff),
        ..Tally::default()
    })
}

/// The pictures of a trip, with the group's own words and the camera's time and place.
fn photograph(campaign: &Campaign, trip: &Trip) -> Result<Vec<Picture>, PictureError> {
    let planned = &trip.assigned.planned;
    let gps = trip.location.map(|location| GpsFix {
        lat: location.lat,
        lon: location.lon,
        altitude_m: None,
    });
    let taken = trip.captured_at.wall_clock();
    let place = format!("{}, {}", planned.place, planned.village);
    let one = |seed: &u64| {
        let jpeg = match planned.cell.kind() {
            CellKind::Commitment => {
                let scene = PledgeScene {
                    title: TITLE,
                    place: &place,
                    signers: trip.signed_count.unwrap_or_default(),
                    seed: *seed,
                };
                pledge_photo(&scene, taken, gps)?
            }
            CellKind::Banner => {
                let words = Words::of(campaign, trip);
                let scene = BannerScene {
                    headline: &words.headline,
                    lines: [&words.lines.0, &words.lines.1],
                    size_m: words.size_m,
                    place: &planned.place,
                    seed: *seed,
                };
                banner_photo(&scene, taken, gps)?
            }
        };
        Ok(Picture::jpeg(jpeg.into()))
    };
    trip.seeds.iter().map(one).collect()
}

/// What stands on a banner.
struct Words {
    headline: String,
    lines: (String, String),
    size_m: (f32, f32),
}

impl Words {
    fn of(campaign: &Campaign, trip: &Trip) -> Self {
        let planned = &trip.assigned.planned;
        let name = planned.headline_name.to_uppercase();
        let group = campaign.banner_group(planned.cell);
        let headline = group.map_or_else(String::new, |group| group.headline_for(&name));
        let size = group.and_then(|group| group.sizes.first());
        let lines = campaign
            .definition()
            .banners
            .as_ref()
            .map(|banners| &banners.lines);
        let line = |at: usize| lines.and_then(|lines| lines.get(at).cloned()).unwrap_or_default();
        Self {
            headline,
            lines: (line(0), line(1)),
            // The plan gives no size for some groups; these take the usual one.
            size_m: size.map_or((0.8, 1.6), |size| (metres(size.height_m), metres(size.width_m))),
        }
    }
}

/// Sizes are a few metres with one decimal.
fn metres(metres: f64) -> f32 {
    format!("{metres}").parse().unwrap_or(1.0)
}

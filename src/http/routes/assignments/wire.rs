//! Assignments as JSON, in and out.
//!
//! Invariant: what goes out has every member, `null` where there is nothing.
//! Refuses: to judge values; texts are passed on as they came, so that all that is wrong is named at once.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{AssignmentState, Cell, CommuneCode, Day, Moment, RejectReason, Verdict};
use crate::services::planning::{AssignmentView, Draft, Given};

/// A place in WGS 84 degrees.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[schema(as = Place)]
pub(in crate::http) struct PlaceBody {
    /// Latitude.
    #[schema(minimum = -90, maximum = 90)]
    lat: f64,
    /// Longitude.
    #[schema(minimum = -180, maximum = 180)]
    lon: f64,
}

/// One place where one thing must be shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Assignment)]
pub(in crate::http) struct AssignmentBody {
    /// Its id.
    id: Uuid,
    /// Code of the commune, five digits.
    #[schema(value_type = String, pattern = "^[0-9]{5}$")]
    commune: CommuneCode,
    /// The village inside the commune.
    village: String,
    /// The place's name.
    place: String,
    /// What has to be shown.
    cell: Cell,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    due: Day,
    /// The account that answers for it.
    assignee: Option<Uuid>,
    /// That account's name.
    assignee_name: Option<String>,
    /// Where it is expected.
    location: Option<PlaceBody>,
    /// How many people are expected to sign (commitments).
    expected_signers: Option<u32>,
    /// The planner's words.
    note: Option<String>,
    /// Where it stands; follows from its evidence.
    state: AssignmentState,
    /// The due day is over and it is not verified.
    overdue: bool,
    /// Verified, but taken after the due day.
    late: bool,
    /// While `returned`: why the evidence came back last.
    last_reason: Option<RejectReason>,
    /// While `returned`: the words that came with it.
    last_comment: Option<String>,
    /// Counts changes of the plan; `If-Match` names it.
    version: u32,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
}

impl From<AssignmentView> for AssignmentBody {
    fn from(view: AssignmentView) -> Self {
        let AssignmentView {
            assignment,
            overdue,
            late,
            returned,
            assignee_name,
        } = view;
        Self {
            id: assignment.id.0,
            commune: assignment.commune,
            village: assignment.village,
            place: assignment.place,
            cell: assignment.cell,
            due: assignment.due,
            assignee: assignment.assignee.map(|user| user.0),
            assignee_name,
            location: assignment.location.map(|point| PlaceBody {
                lat: point.lat,
                lon: point.lon,
            }),
            expected_signers: assignment.expected_signers,
            note: assignment.note,
            state: assignment.state,
            overdue,
            late,
            last_reason: returned.as_ref().and_then(Verdict::reason),
            last_comment: returned.as_ref().and_then(Verdict::comment).map(str::to_owned),
            version: assignment.version,
            created_at: assignment.created_at,
        }
    }
}

/// An assignment to be.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::http) struct NewAssignment {
    /// The sender's id for it (a UUID): makes a repeat of this request harmless.
    #[schema(format = Uuid)]
    id: Option<String>,
    /// Code of the commune, five digits. Those of one commune may leave out their own.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[0-9]{5}$")]
    commune: Given<String>,
    /// The village inside the commune.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 200)]
    village: Given<String>,
    /// The place's name.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 200)]
    place: Given<String>,
    /// What has to be shown.
    #[serde(default)]
    #[schema(value_type = Cell, required = true)]
    cell: Given<String>,
    /// The last day. A village head who proposes may leave it out: the campaign's day for the cell.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    due: Given<String>,
    /// The account that answers for it: an open one of a village head or officer of the commune.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    assignee: Given<String>,
    /// Where it is expected.
    #[serde(default)]
    #[schema(value_type = Option<PlaceBody>)]
    location: Given<PlaceBody>,
    /// How many people are expected to sign; for commitments only.
    #[serde(default)]
    #[schema(value_type = Option<u32>, maximum = 100_000)]
    expected_signers: Given<i64>,
    /// The planner's words.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2000)]
    note: Given<String>,
}

impl NewAssignment {
    /// The id and the fields.
    pub(super) fn into_parts(self) -> (Option<String>, Draft) {
        let draft = Draft {
            commune: self.commune,
            village: self.village,
            place: self.place,
            cell: self.cell,
            due: self.due,
            assignee: self.assignee,
            location: self.location.map(|place| (place.lat, place.lon)),
            expected_signers: self.expected_signers,
            note: self.note,
        };
        (self.id, draft)
    }
}

/// Changes of an assignment; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::http) struct AssignmentChanges {
    /// Code of the commune.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[0-9]{5}$")]
    commune: Given<String>,
    /// The village inside the commune.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    village: Given<String>,
    /// The place's name.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    place: Given<String>,
    /// What has to be shown.
    #[serde(default)]
    #[schema(value_type = Option<Cell>)]
    cell: Given<String>,
    /// The last day.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    due: Given<String>,
    /// The account that answers for it; `null` for nobody.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    assignee: Given<String>,
    /// Where it is expected; `null` for nowhere in particular.
    #[serde(default)]
    #[schema(value_type = Option<PlaceBody>)]
    location: Given<PlaceBody>,
    /// How many people are expected to sign; for commitments only.
    #[serde(default)]
    #[schema(value_type = Option<u32>, maximum = 100_000)]
    expected_signers: Given<i64>,
    /// The planner's words.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2000)]
    note: Given<String>,
    /// `open`: accept the proposal, or bring the cancelled assignment back. No other state can be set.
    #[serde(default)]
    #[schema(value_type = Option<AssignmentState>)]
    state: Given<String>,
}

impl AssignmentChanges {
    /// The fields, and the state that is asked for.
    pub(super) fn into_parts(self) -> (Draft, Given<String>) {
        let draft = Draft {
            commune: self.commune,
            village: self.village,
            place: self.place,
            cell: self.cell,
            due: self.due,
            assignee: self.assignee,
            location: self.location.map(|place| (place.lat, place.lon)),
            expected_signers: self.expected_signers,
            note: self.note,
        };
        (draft, self.state)
    }
}

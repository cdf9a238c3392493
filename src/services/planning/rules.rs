//! The rules of the plan, each run inside the transaction that depends on it.
//!
//! Invariant: what is outside an actor's scope does not exist for them; a planner's or proposer's change that was
//! made before is answered as it was, and makes nothing twice.
//! Refuses: to overwrite a version that the actor has not seen.

use sha2::{Digest, Sha256 as Hasher};

use super::draft::{Checker, Content, Draft, Given, MissingDue};
use super::{PlanningError, assignee};
use crate::auth::{Actor, Scope};
use crate::campaign::Campaign;
use crate::domain::{
    Assignment, AssignmentId, AssignmentState, CommuneCode, FieldError, Moment, Role, Sha256, Tenure, UserId,
};
use crate::services::ledger::{self, Entry};
use crate::store::records::{AssignmentRequests, Assignments};
use crate::store::{ReadTables, Reads, StoreError, Transaction};

/// Who plans, when, and in which campaign.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planning<'a> {
    pub(super) actor: &'a Actor,
    pub(super) campaign: &'a Campaign,
    pub(super) now: Moment,
}

/// Whether a request made something or found it made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Novelty {
    /// It was made now.
    Made,
    /// It had been made by the same request before.
    Repeated,
}

/// The only commune that `actor` may name; `None` for those who plan everywhere.
pub(super) fn own_commune(actor: &Actor) -> Option<CommuneCode> {
    match actor.scope() {
        Scope::Everything => None,
        Scope::Commune(_) | Scope::Own(_) | Scope::Nothing => actor.commune,
    }
}

/// The assignment, if it exists for `actor`.
pub(super) fn theirs(
    rows: &impl Reads,
    actor: &Actor,
    id: AssignmentId,
) -> Result<Assignment, PlanningError> {
    rows.get::<Assignments>(&id)?
        .filter(|assignment| actor.scope().holds_assignment(assignment))
        .ok_or(PlanningError::NotFound)
}

/// A new assignment with this content, in its first version.
pub(super) fn fresh(
    id: AssignmentId,
    content: Content,
    tenure: Tenure,
    by: UserId,
    now: Moment,
) -> Assignment {
    Assignment {
        id,
        commune: content.commune,
        village: content.village,
        place: content.place,
        cell: content.cell,
        due: content.due,
        assignee: content.assignee,
        former_assignees: Vec::new(),
        location: content.location,
        expected_signers: content.expected_signers,
        note: content.note,
        tenure,
        created_by: Some(by),
        created_at: now,
        // The ledger derives it.
        state: AssignmentState::Open,
        version: 1,
    }
}

/// `before` with new content, one version later. Who answered for it before is remembered.
pub(super) fn revised(before: &Assignment, content: Content, tenure: Tenure) -> Assignment {
    let mut former_assignees = before.former_assignees.clone();
    if before.assignee != content.assignee {
        former_assignees.extend(before.assignee);
        former_assignees.retain(|former| Some(*former) != content.assignee);
    }
    Assignment {
        commune: content.commune,
        village: content.village,
        place: content.place,
        cell: content.cell,
        due: content.due,
        assignee: content.assignee,
        former_assignees,
        location: content.location,
        expected_signers: content.expected_signers,
        note: content.note,
        tenure,
        version: before.version.saturating_add(1),
        ..before.clone()
    }
}

/// What a creation asks for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) id: Option<AssignmentId>,
    content: Content,
    tenure: Tenure,
}

impl Planning<'_> {
    fn checker(&self) -> Checker<'_> {
        Checker {
            campaign: self.campaign,
            own: own_commune(self.actor),
            missing_due: MissingDue::Refuse,
        }
    }

    fn entry(&self, action: &'static str) -> Entry {
        Entry {
            at: self.now,
            by: Some(self.actor.user),
            action,
        }
    }

    /// What a creation asks for: its id, if it brings one, its content, and whether it is a plan or a proposal.
    pub(super) fn asked(&self, id: Option<&str>, draft: Draft) -> Result<Asked, PlanningError> {
        let mut errors = Vec::new();
        let id = id.and_then(|text| {
            text.parse().ok().or_else(|| {
                errors.push(FieldError::new(
                    "/id",
                    "not-an-id",
                    "Không phải UUID.",
                    "This is no UUID.",
                ));
                None
            })
        });
        let (content, tenure) = self.asked_content(draft, &mut errors);
        match content {
            Ok(content) if errors.is_empty() => Ok(Asked { id, content, tenure }),
            Ok(_) => Err(PlanningError::Invalid(errors)),
            Err(more) => {
                errors.extend(more);
                Err(PlanningError::Invalid(errors))
            }
        }
    }

    fn asked_content(
        &self,
        mut draft: Draft,
        errors: &mut Vec<FieldError>,
    ) -> (Result<Content, Vec<FieldError>>, Tenure) {
        let mut checker = self.checker();
        if let (Given::Absent, Some(own)) = (&draft.commune, checker.own) {
            draft.commune = Given::Value(own.to_string());
        }
        if self.actor.role != Role::VillageHead {
            return (checker.check(draft, None), Tenure::Planned);
        }
        // A village head may not know the day; the commune officer sees it before accepting.
        checker.missing_due = MissingDue::AsCampaign;
        let themselves = self.actor.user;
        let named = std::mem::replace(&mut draft.assignee, Given::Value(themselves.to_string()));
        if named.value().is_some_and(|text| text.parse() != Ok(themselves)) {
            errors.push(FieldError::new(
                "/assignee",
                "not-yourself",
                "Đề xuất do chính người đề xuất phụ trách.",
                "Whoever proposes a place answers for it.",
            ));
        }
        (checker.check(draft, None), Tenure::Proposed)
    }

    /// Makes an assignment or a proposal, or finds the one that the same request made before.
    pub(super) fn create(
        &self,
        tx: &mut Transaction<'_>,
        id: AssignmentId,
        asked: Asked,
    ) -> Result<(Assignment, Novelty), PlanningError> {
        let Asked { content, tenure, .. } = asked;
        let asked = fingerprint(&content, tenure)?;
        if tx.has::<Assignments>(&id)? {
            if tx.get::<AssignmentRequests>(&id)? != Some(asked) {
                return Err(PlanningError::Differs);
            }
            return Ok((theirs(tx, self.actor, id)?, Novelty::Repeated));
        }
        assignee::require_suitable(tx, content.assignee, content.commune)?;
        tx.put::<AssignmentRequests>(&id, &asked)?;
        let action = match tenure {
            Tenure::Proposed => "assignment.proposed",
            Tenure::Planned | Tenure::Cancelled => "assignment.planned",
        };
        let assignment = fresh(id, content, tenure, self.actor.user, self.now);
        let assignment = ledger::put_assignment(tx, None, assignment, self.entry(action))?;
        Ok((assignment, Novelty::Made))
    }

    /// Changes fields, accepts a proposal, reinstates a cancelled assignment.
    pub(super) fn change(
        &self,
        tx: &mut Transaction<'_>,
        id: AssignmentId,
        expected_version: u32,
        draft: Draft,
        state: &Given<String>,
    ) -> Result<Assignment, PlanningError> {
        let before = theirs(tx, self.actor, id)?;
        let present = Content::of(&before);
        let mut wanted = self.checker().check(draft, Some(&present));
        let tenure = match state {
            Given::Absent => before.tenure,
            Given::Value(text) if text == AssignmentState::Open.name() => Tenure::Planned,
            Given::Value(_) | Given::Null => {
                let mut errors = wanted.err().unwrap_or_default();
                errors.push(state_not_settable());
                wanted = Err(errors);
                before.tenure
            }
        };
        let is_done = wanted.as_ref() == Ok(&present) && tenure == before.tenure;
        if expected_version != before.version {
            // The answer to this very change was lost, and everything is as it asked.
            if is_done && expected_version.checked_add(1) == Some(before.version) {
                return Ok(before);
            }
            return Err(PlanningError::Stale {
                version: before.version,
            });
        }
        let content = wanted?;
        if is_done {
            return Ok(before);
        }
        if (content.assignee, content.commune) != (before.assignee, before.commune) {
            assignee::require_suitable(tx, content.assignee, content.commune)?;
        }
        let action = match (before.tenure, tenure) {
            (Tenure::Proposed, Tenure::Planned) => "assignment.accepted",
            (Tenure::Cancelled, Tenure::Planned) => "assignment.reinstated",
            _ => "assignment.changed",
        };
        let assignment = revised(&before, content, tenure);
        Ok(ledger::put_assignment(
            tx,
            Some(&before),
            assignment,
            self.entry(action),
        )?)
    }

    /// Takes an assignment out of the plan, refuses a proposal, or withdraws one's own. Its evidence is kept.
    pub(super) fn cancel(
        &self,
        tx: &mut Transaction<'_>,
        id: AssignmentId,
        expected_version: u32,
    ) -> Result<Assignment, PlanningError> {
        let before = theirs(tx, self.actor, id)?;
        let is_head = self.actor.role == Role::VillageHead;
        if is_head && before.created_by != Some(self.actor.user) {
            return Err(PlanningError::Forbidden);
        }
        if before.tenure == Tenure::Cancelled {
            return Ok(before);
        }
        if is_head && before.tenure == Tenure::Planned {
            return Err(PlanningError::AlreadyAccepted);
        }
        if expected_version != before.version {
            return Err(PlanningError::Stale {
                version: before.version,
            });
        }
        let action = match before.tenure {
            Tenure::Proposed if is_head => "assignment.withdrawn",
            Tenure::Proposed => "assignment.refused",
            Tenure::Planned | Tenure::Cancelled => "assignment.cancelled",
        };
        let assignment = revised(&before, Content::of(&before), Tenure::Cancelled);
        Ok(ledger::put_assignment(
            tx,
            Some(&before),
            assignment,
            self.entry(action),
        )?)
    }
}

fn state_not_settable() -> FieldError {
    FieldError::new(
        "/state",
        "state-not-settable",
        "Chỉ đặt được “open” (đưa vào kế hoạch); các trạng thái khác do minh chứng quyết định.",
        "Only “open” (into the plan) can be set; the other states follow from the evidence.",
    )
}

/// A hash of everything that a creation asks for.
fn fingerprint(content: &Content, tenure: Tenure) -> Result<Sha256, StoreError> {
    let bytes = postcard::to_extend(&(content, tenure), Vec::new())
        .map_err(|error| StoreError::Engine(format!("a request cannot be hashed: {error}")))?;
    Ok(Sha256(Hasher::digest(bytes).into()))
}

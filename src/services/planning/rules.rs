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

/// Into or out of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// As it is.
    Unchanged,
    /// A proposal is accepted, a cancelled assignment reinstated; one that is in the plan stays there.
    Open,
}

/// The only commune that `actor` may name; `None` for those who plan everywhere.
pub(super) fn own_commune(actor: &Actor) -> Option<CommuneCode> {
    match actor.scope() {
        Scope::Everything => None,
        Scope::Commune(_) | Scope::Own(_) | Scope::Nothing => actor.commune,
    }
}

/// The assignment, if it exists for `actor`.
pub(super) fn theirs(rows: &impl Reads, actor: &Actor, id: AssignmentId) -> Result<Assignment, PlanningError> {
    rows.get::<Assignments>(&id)?
        .filter(|assignment| actor.scope().holds_assignment(assignment))
        .ok_or(PlanningError::NotFound)
}

/// A new assignment with this content, in its first version.
pub(super) fn fresh(id: AssignmentId, content: Content, tenure: Tenure, by: UserId, now: Moment) -> Assignment {
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

    /// What a creation asks for, and whether it is a plan or a proposal.
    pub(super) fn asked(&self, mut draft: Draft) -> Result<(Content, Tenure), PlanningError> {
        let mut checker = self.checker();
        if let (Given::Absent, Some(own)) = (&draft.commune, checker.own) {
            draft.commune = Given::Value(own.to_string());
        }
        if self.actor.role != Role::VillageHead {
            return Ok((checker.check(draft, None)?, Tenure::Planned));
        }
        // A village head may not know the day; the commune officer sees it before accepting.
        checker.missing_due = MissingDue::AsCampaign;
        let themselves = self.actor.user;
        let named = std::mem::replace(&mut draft.assignee, Given::Value(themselves.to_string()));
        let other = named.value().is_some_and(|text| text.parse() != Ok(themselves));
        let mut errors = if other {
            vec![FieldError::new(
                "/assignee",
                "not-yourself",
                "Đề xuất do chính người đề xuất phụ trách.",
                "Whoever proposes a place answers for it.",
            )]
        } else {
            Vec::new()
        };
        match checker.check(draft, None) {
            Ok(content) if errors.is_empty() => Ok((content, Tenure::Proposed)),
            Ok(_) => Err(PlanningError::Invalid(errors)),
            Err(more) => {
                errors.extend(more);
                Err(PlanningError::Invalid(errors))
            }
        }
    }

    /// Makes an assignment or a proposal, or finds the one that the same request made before.
    pub(super) fn create(
        &self,
        tx: &mut Transaction<'_>,
        id: AssignmentId,
        content: Content,
        tenure: Tenure,
    ) -> Result<(Assignment, Novelty), PlanningError> {
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
        admission: Admission,
    ) -> Result<Assignment, PlanningError> {
        let before = theirs(tx, self.actor, id)?;
        let present = Content::of(&before);
        let wanted = self.checker().check(draft, Some(&present));
        let tenure = match admission {
            Admission::Open => Tenure::Planned,
            Admission::Unchanged => before.tenure,
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
        Ok(ledger::put_assignment(tx, Some(&before), assignment, self.entry(action))?)
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
        Ok(ledger::put_assignment(tx, Some(&before), assignment, self.entry(action))?)
    }
}

/// A hash of everything that a creation asks for.
fn fingerprint(content: &Content, tenure: Tenure) -> Result<Sha256, StoreError> {
    let bytes = postcard::to_extend(&(content, tenure), Vec::new())
        .map_err(|error| StoreError::Engine(format!("a request cannot be hashed: {error}")))?;
    Ok(Sha256(Hasher::digest(bytes).into()))
}

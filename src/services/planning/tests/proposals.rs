//! The life of a proposal.

use super::*;
use crate::domain::{AssignmentState, Tenure};

#[test]
fn a_village_head_proposes_a_place_in_the_own_commune_and_answers_for_it() {
    let office = office();
    let head = office.head("truong-thon");
    let view = office.make(
        &head,
        Draft {
            commune: Given::Absent,
            due: Given::Absent,
            ..draft("Cổng làng")
        },
    );
    assert_eq!(view.assignment.state, AssignmentState::Proposed);
    assert_eq!(view.assignment.assignee, Some(head.user));
    assert_eq!(view.assignment.commune.to_string(), HERE);
    assert_eq!(
        Some(view.assignment.due),
        office.planning.campaign.default_due(view.assignment.cell)
    );
    let other = office.head("khac");
    let for_another = Draft {
        assignee: assigned_to(&other).assignee,
        ..draft("Cổng làng")
    };
    let refused = office.run(office.planning.create(&head, None, for_another));
    assert_eq!(wrong(refused), [("/assignee".to_owned(), "not-yourself")]);
    let there = Draft {
        commune: Given::Value(THERE.into()),
        ..draft("Cổng làng")
    };
    let refused = office.run(office.planning.create(&head, None, there));
    assert_eq!(wrong(refused), [("/commune".to_owned(), "commune-not-yours")]);
    assert!(matches!(
        office.see(&other, view.assignment.id),
        Err(PlanningError::NotFound)
    ));
}

#[test]
fn a_proposal_counts_once_it_is_accepted_and_can_then_not_be_withdrawn() {
    let office = office();
    let (head, officer) = (office.head("truong-thon"), office.officer());
    let proposed = office.make(&head, draft("Cổng làng"));
    office.evidence(proposed.assignment.id, SubmissionState::Pending, None);
    let seen = office.see(&head, proposed.assignment.id).unwrap();
    assert_eq!(
        seen.assignment.state,
        AssignmentState::Proposed,
        "evidence does not accept it"
    );
    let accepted = office.accept(&officer, &proposed).unwrap();
    assert_eq!(accepted.assignment.state, AssignmentState::Pending);
    assert_eq!(
        office.accept(&officer, &proposed).unwrap(),
        accepted,
        "the same again"
    );
    assert!(matches!(
        office.cancel(&head, &accepted),
        Err(PlanningError::AlreadyAccepted)
    ));
}

#[test]
fn a_proposal_is_withdrawn_by_its_head_or_refused_by_the_officer_and_can_come_back() {
    let office = office();
    let (head, officer) = (office.head("truong-thon"), office.officer());
    let one = office.make(&head, draft("Cổng làng"));
    let withdrawn = office.cancel(&head, &one).unwrap();
    assert_eq!(withdrawn.assignment.tenure, Tenure::Cancelled);
    assert_eq!(office.cancel(&head, &one).unwrap(), withdrawn, "the same again");
    let two = office.make(&head, draft("Sân bóng"));
    let refused = office.cancel(&officer, &two).unwrap();
    assert_eq!(refused.assignment.state, AssignmentState::Cancelled);
    assert_eq!(
        office.accept(&officer, &refused).unwrap().assignment.tenure,
        Tenure::Planned
    );
}

#[test]
fn a_village_head_takes_back_own_proposals_only() {
    let office = office();
    let (head, other, officer) = (office.head("mot"), office.head("hai"), office.officer());
    let planned = office.make(
        &officer,
        Draft {
            assignee: assigned_to(&head).assignee,
            ..draft("Chợ")
        },
    );
    assert!(matches!(
        office.cancel(&head, &planned),
        Err(PlanningError::Forbidden)
    ));
    let theirs = office.make(&other, draft("Cổng làng"));
    assert!(matches!(
        office.cancel(&head, &theirs),
        Err(PlanningError::NotFound)
    ));
}

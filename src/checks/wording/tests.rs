//! Sentences that once said what was not so.

use uuid::Uuid;

use super::*;
use crate::domain::{AssignmentId, Sha256, SubmissionId, Twin};

fn finding(code: CheckCode, warns: bool, figures: Figures) -> Finding {
    let outcome = if warns {
        Outcome::Warn { weight: 9 }
    } else {
        Outcome::Ok
    };
    Finding {
        code,
        outcome,
        figures,
    }
}

fn said(code: CheckCode, warns: bool, figures: Figures) -> Sentence {
    sentence(&finding(code, warns, figures), &|_| "xã Cốc Lếu".to_owned())
}

fn twin(photo: u8, submission: u128) -> Twin {
    let id = Uuid::from_u128(submission);
    Twin {
        photo: Sha256([photo; 32]),
        other_photo: Sha256([photo; 32]),
        submission: SubmissionId(id),
        assignment: AssignmentId(id),
        likeness_percent: 99,
    }
}

#[test]
fn a_point_outside_is_never_said_to_lie_inside() {
    let commune = |outside_m, tolerance_m| Figures::Commune {
        commune: "02647".parse().unwrap(),
        outside_m,
        tolerance_m,
        found: None,
    };
    let inside = said(CheckCode::InsideCommune, false, commune(0, 60));
    assert_eq!(inside.vi, "Nằm trong xã Cốc Lếu.");
    let outside = said(CheckCode::InsideCommune, false, commune(40, 62));
    assert_eq!(
        outside.vi,
        "Nằm ngoài xã Cốc Lếu 40 m, trong phạm vi sai số 62 m."
    );
}

#[test]
fn twins_are_counted_by_submission_and_by_place() {
    let twins = Figures::Twins(vec![twin(1, 1), twin(2, 1)]);
    let same = said(CheckCode::SamePhoto, true, twins.clone());
    assert_eq!(same.vi, "2 ảnh ở đây đã có trong 1 minh chứng khác.");
    assert_eq!(
        said(CheckCode::SimilarPhoto, true, twins).vi,
        "Giống 99% một ảnh của nơi khác."
    );
    let many = Figures::Twins(vec![twin(1, 1), twin(1, 2), twin(1, 3)]);
    assert_eq!(
        said(CheckCode::SamePhoto, true, many.clone()).en,
        "This very picture is in 3 other submissions."
    );
    assert_eq!(
        said(CheckCode::SimilarPhoto, true, many).vi,
        "Giống ảnh của 3 nơi khác, giống nhất 99%."
    );
}

#[test]
fn a_clock_is_told_by_what_differs_in_which_direction_and_by_how_much() {
    let clocks = |phone_ahead_s, ahead_of_satellites_s, ahead_of_place_s| Figures::Clocks {
        phone_ahead_s,
        limit_s: 300,
        captured_after_arrival_s: -60,
        ahead_of_satellites_s,
        satellites_limit_s: 3_600,
        ahead_of_place_s,
        place_limit_s: 900,
    };
    let warns = |figures| said(CheckCode::Clock, true, figures);
    assert_eq!(
        warns(clocks(Some(0), Some(7_200), None)).vi,
        "Giờ báo cáo muộn hơn giờ vệ tinh ghi trong ảnh 2 giờ (giới hạn 60 phút)."
    );
    assert_eq!(
        warns(clocks(Some(-301), None, None)).en,
        "When it sent, the phone's clock was 5 minutes 1 second behind the server's (limit 5 minutes)."
    );
    assert_eq!(
        warns(clocks(Some(2), None, Some(3 * 86_400))).vi,
        "Vị trí được đo trước giờ chụp 3 ngày (giới hạn 15 phút)."
    );
    // As it was kept before.
    let before = Figures::Clock {
        phone_ahead_s: None,
        captured_after_arrival_s: 86_400 * 365,
        satellites_ahead_s: None,
        limit_s: 300,
    };
    assert_eq!(
        warns(before).vi,
        "Giờ chụp muộn hơn giờ máy chủ nhận 365 ngày (giới hạn 5 phút): đồng hồ điện thoại chạy nhanh."
    );
}

#[test]
fn what_is_shown_lies_on_the_side_of_the_limit_that_was_judged() {
    let accuracy = |warns, accuracy_m| {
        let figures = Figures::Accuracy {
            accuracy_m,
            limit_m: 100,
        };
        said(CheckCode::Accuracy, warns, figures).vi
    };
    assert_eq!(accuracy(true, 100.4), "Sai số khoảng 101 m (giới hạn 100 m).");
    assert_eq!(accuracy(false, 100.0), "Sai số khoảng 100 m (giới hạn 100 m).");
    assert_eq!(accuracy(false, 0.4), "Sai số dưới 1 m (giới hạn 100 m).");
}

//! The shipped file says what the plan says.

use super::*;
use crate::domain::CommuneKind;

fn shipped() -> Campaign {
    Campaign::shipped().unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn the_shipped_campaign_has_the_headlines_of_the_plan_letter_for_letter() {
    let campaign = shipped();
    let everybody = "CẢ HỆ THỐNG CHÍNH TRỊ VÀ TOÀN DÂN QUYẾT TÂM XÂY DỰNG 100% XÃ, PHƯỜNG TRÊN ĐỊA BÀN TỈNH LÀO CAI KHÔNG MA TÚY";
    let wide: &[(f64, f64)] = &[(0.8, 1.6)];
    let expected = [
        (Cell::Banner1, everybody, None, wide),
        (
            Cell::Banner2,
            "XÂY DỰNG THÔN/ BẢN/ TỔ DÂN PHỐ/ KHU DÂN CƯ ... KHÔNG MA TÚY",
            Some("..."),
            wide,
        ),
        (
            Cell::Banner3,
            "XÂY DỰNG TRƯỜNG/ CƠ SỞ ... KHÔNG TỘI PHẠM VÀ TỆ NẠN MA TÚY",
            Some("..."),
            &[(0.8, 1.2)],
        ),
        (
            Cell::Banner4,
            "CÔNG TY/ DOANH NGHIỆP/ CỤM CÔNG NGHIỆP/ KHU CÔNG NGHIỆP ..... KHÔNG MA TÚY",
            Some("....."),
            &[],
        ),
        (
            Cell::Banner5,
            "CƠ SỞ ... KINH DOANH LÀNH MẠNH, AN TOÀN, KHÔNG MA TÚY",
            Some("..."),
            &[(0.8, 1.6), (0.8, 1.2)],
        ),
        (Cell::Banner6, everybody, None, &[(0.8, 1.6), (0.8, 1.2)]),
    ];
    for (cell, headline, placeholder, sizes) in expected {
        let group = campaign.banner_group(cell).unwrap();
        assert_eq!(campaign.headline(cell), Some(headline));
        assert_eq!(group.placeholder.as_deref(), placeholder);
        let measured: Vec<_> = campaign
            .sizes(cell)
            .iter()
            .map(|size| (size.height_m, size.width_m))
            .collect();
        assert_eq!(measured, sizes, "{cell}");
        assert_eq!(group.label.vi, format!("Nhóm {}", cell.number()));
        assert_eq!(campaign.default_due(cell), Some(day("2026-02-28")));
    }
    let group = campaign.banner_group(Cell::Banner4).unwrap();
    assert_eq!(
        group.headline_for("MẪU"),
        "CÔNG TY/ DOANH NGHIỆP/ CỤM CÔNG NGHIỆP/ KHU CÔNG NGHIỆP MẪU KHÔNG MA TÚY"
    );
    assert_eq!(
        campaign.banner_group(Cell::Banner1).unwrap().headline_for("MẪU"),
        everybody
    );
}

#[test]
fn the_shipped_campaign_has_the_hotline_and_the_two_lines_of_the_plan() {
    let campaign = shipped();
    let hotline = campaign.definition().hotline.as_ref().unwrap();
    let phones: Vec<_> = hotline
        .phones
        .iter()
        .map(|phone| (phone.printed.as_str(), phone.dial.as_str()))
        .collect();
    assert_eq!(
        phones,
        [("0692.509.489", "0692509489"), ("0692.506.112", "0692506112")]
    );
    assert_eq!(
        (hotline.email.as_str(), hotline.hours.as_str()),
        ("pcmt@laocai.gov.vn", "24/24h")
    );
    let banners = campaign.definition().banners.as_ref().unwrap();
    let expected = [
        "Số điện thoại đường dây nóng tiếp nhận TỐ GIÁC tội phạm, tệ nạn ma túy 24/24h: 0692.509.489; 0692.506.112",
        "Địa chỉ hòm thư điện tử tiếp nhận TỐ GIÁC tội phạm, tệ nạn ma túy 24/24h: pcmt@laocai.gov.vn",
    ];
    assert_eq!(banners.lines, expected);
    assert_eq!(banners.material.vi, "bạt 3M, in phủ UV, gắn khung sắt");
    let channels: Vec<_> = campaign
        .definition()
        .tip_channels
        .iter()
        .map(|channel| channel.key.as_str())
        .collect();
    assert_eq!(
        channels,
        ["hotline", "email", "ballot_box", "vneid", "zalo", "facebook"]
    );
}

#[test]
fn the_shipped_campaign_has_the_deadlines_of_the_plan_and_keeps_its_slips() {
    let campaign = shipped();
    let definition = campaign.definition();
    let deadlines: Vec<_> = definition
        .deadlines
        .iter()
        .map(|deadline| {
            (
                deadline.key.as_str(),
                deadline.by.to_string(),
                deadline.printed.as_deref(),
            )
        })
        .collect();
    let expected = [
        ("banner_survey", "2026-02-25", None),
        ("banners_up", "2026-02-28", None),
        ("banners_provincial", "2026-02-28", Some("28/02/2025")),
        ("pledge_school", "2026-03-31", None),
        ("pledge_business", "2026-03-31", None),
        ("pledge_drive_round_1", "2026-04-30", Some("30/4/2025")),
        ("pledge_residential_area", "2026-10-31", None),
        ("phase_1_end", "2026-12-31", None),
    ];
    assert_eq!(
        deadlines,
        expected.map(|(key, by, printed)| (key, by.to_owned(), printed))
    );
    assert_eq!(
        campaign.default_due(Cell::ResidentialArea),
        Some(day("2026-10-31"))
    );
    assert_eq!(campaign.default_due(Cell::School), Some(day("2026-03-31")));
    assert_eq!(campaign.default_due(Cell::Business), Some(day("2026-03-31")));
    assert!(campaign.period().contains(day("2026-12-31")) && !campaign.period().contains(day("2027-01-01")));
    let principle = definition.principle.as_ref().unwrap();
    let parts: Vec<_> = principle.parts.iter().map(|part| part.vi.as_str()).collect();
    assert_eq!(principle.name.vi, "4 rõ");
    assert_eq!(
        parts,
        ["rõ người", "rõ việc", "rõ trách nhiệm", "rõ thời gian hoàn thành"]
    );
}

#[test]
fn the_shipped_campaign_has_the_rhythm_and_the_figures_of_the_plan() {
    let definition = shipped().definition().clone();
    let rhythms: Vec<_> = definition
        .reporting
        .into_iter()
        .map(|report| report.when)
        .collect();
    let before_time = TimeOfDay { hour: 10, minute: 0 };
    let expected = [
        Rhythm::Weekly {
            before_weekday: Weekday::Monday,
            before_time,
        },
        Rhythm::Monthly { before_day: 20 },
        Rhythm::Once {
            before_date: day("2027-01-05"),
        },
        Rhythm::Yearly {
            before_month: 1,
            before_day: 5,
        },
    ];
    assert_eq!(rhythms, expected);
    let figures: Vec<_> = definition.figures.iter().map(|figure| figure.value).collect();
    assert_eq!(figures, [99, 32, 25, 42, 2207]);
    assert!(
        definition
            .figures
            .iter()
            .all(|figure| figure.as_of == day("2026-01-15"))
    );
    assert_eq!(definition.milestones[0].communes, Some(67));
}

#[test]
fn the_shipped_campaign_has_all_99_communes_and_all_nine_cells() {
    let campaign = shipped();
    let wards = campaign
        .communes()
        .iter()
        .filter(|commune| commune.kind == CommuneKind::Phuong)
        .count();
    assert_eq!((campaign.communes().len(), wards), (99, 10));
    assert_eq!(campaign.cells(), Cell::ALL);
    assert!(
        Cell::ALL
            .into_iter()
            .all(|cell| campaign.has_cell(cell) && campaign.label(cell).is_some())
    );
    assert!(campaign.communes().is_sorted_by_key(|commune| commune.code));
    for commune in campaign.communes() {
        let kind = if commune.kind == CommuneKind::Xa {
            "xã"
        } else {
            "phường"
        };
        for text in [
            commune.code.to_string(),
            commune.name.clone(),
            format!("{kind} {}", commune.name),
        ] {
            assert_eq!(campaign.find_commune(&text), Ok(commune), "{text}");
        }
        assert_eq!(campaign.commune(commune.code), Some(commune));
    }
    assert_eq!(
        campaign.find_commune("phuong lao cai").unwrap().code.to_string(),
        "02647"
    );
    assert_eq!(campaign.find_commune("Xuân Hoà").unwrap().name, "Xuân Hòa");
}

#[test]
fn the_campaign_on_the_wire_is_snake_case_with_days_and_metres() {
    let json = serde_json::to_value(shipped().definition()).unwrap();
    assert_eq!(json["id"], "lao-cai-2026");
    assert_eq!(json["province"]["code"], "15");
    assert_eq!(json["period"]["ends"], "2026-12-31");
    assert_eq!(json["cells"][6], "commitment.residential_area");
    assert_eq!(json["banners"]["groups"][2]["sizes"][0]["width_m"], 1.2);
    assert_eq!(json["banners"]["groups"][0]["due"], "2026-02-28");
    assert_eq!(json["reporting"][0]["when"]["rhythm"], "weekly");
    assert_eq!(json["reporting"][0]["when"]["before_time"], "10:00");
    assert_eq!(json["territory"]["commune_count"]["phuong"], 10);
}

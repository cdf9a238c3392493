//! Boundary layers built from small invented squares, sound and broken.

use super::*;

/// Two communes of the shipped campaign; the squares below are invented and lie nowhere near them.
const SA_PA: &str = "03006";
const TA_VAN: &str = "03037";

fn campaign() -> Campaign {
    Campaign::shipped().unwrap()
}

fn code(text: &str) -> CommuneCode {
    text.parse().unwrap()
}

fn square(west: f64, south: f64, side: f64) -> String {
    let (east, north) = (west + side, south + side);
    format!("[[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]]")
}

fn feature(code: &str, kind: &str, coordinates: &str) -> String {
    format!(
        r#"{{"type":"Feature","properties":{{"code":"{code}","name":"x"}},"geometry":{{"type":"{kind}","coordinates":{coordinates}}}}}"#
    )
}

fn collection(features: &[String]) -> String {
    format!(
        r#"{{"type":"FeatureCollection","name":"layer","features":[{}]}}"#,
        features.join(",")
    )
}

fn read(text: &str) -> Result<Boundaries, BoundariesError> {
    Boundaries::from_geojson(text.as_bytes(), &campaign())
}

/// A square of one degree with a hole of half a degree, and a second part further east.
fn layer() -> Boundaries {
    let holed = format!("[{},{}]", square(100.0, 10.0, 1.0), square(100.25, 10.25, 0.5));
    let parts = format!("[{holed},[{}]]", square(102.0, 10.0, 1.0));
    read(&collection(&[feature(SA_PA, "MultiPolygon", &parts)])).unwrap()
}

#[test]
fn a_point_is_inside_a_part_and_outside_of_its_holes() {
    let layer = layer();
    let inside = |lat, lon| layer.contains(code(SA_PA), lat, lon).unwrap();
    assert!(inside(10.1, 100.1) && inside(10.5, 102.5));
    assert!(!inside(10.5, 100.5), "in the hole");
    assert!(!inside(10.5, 101.5), "between the parts");
    assert!(
        !inside(9.9, 100.1) && !inside(100.1, 10.1),
        "beyond, and with the axes swapped"
    );
    assert!(!inside(f64::NAN, 100.1) && !inside(10.1, f64::INFINITY));
    assert_eq!(layer.contains(code(TA_VAN), 10.1, 100.1), None);
}

#[test]
fn edges_and_corners_belong_to_the_area_also_those_of_a_hole() {
    let layer = layer();
    for (lat, lon) in [
        (10.0, 100.3),
        (10.0, 100.0),
        (11.0, 101.0),
        (10.4, 101.0),
        (10.25, 100.4),
        (10.75, 100.75),
    ] {
        assert_eq!(layer.contains(code(SA_PA), lat, lon), Some(true), "{lat}, {lon}");
    }
    // A slanting edge, whose points no floating number hits exactly.
    let triangle = "[[[100,10],[101,10.7],[100,11],[100,10]]]";
    let layer = read(&collection(&[feature(SA_PA, "Polygon", triangle)])).unwrap();
    for share in [0.1, 0.3, 0.5, 0.7] {
        assert_eq!(
            layer.contains(code(SA_PA), 10.0 + 0.7 * share, 100.0 + share),
            Some(true),
            "{share}"
        );
        assert_eq!(
            layer.contains(code(SA_PA), 10.0 + 0.7 * share - 1e-6, 100.0 + share),
            Some(false)
        );
    }
}

#[test]
fn a_ray_through_a_corner_is_counted_once() {
    let diamond = "[[[100,11],[101,10],[102,11],[101,12],[100,11]]]";
    let layer = read(&collection(&[feature(SA_PA, "Polygon", diamond)])).unwrap();
    let inside = |lat, lon| layer.contains(code(SA_PA), lat, lon).unwrap();
    assert!(inside(11.0, 100.5) && inside(11.0, 101.9));
    assert!(!inside(11.0, 99.5) && !inside(12.0, 100.5) && !inside(10.0, 100.5));
}

#[test]
fn the_distance_to_an_area_is_in_metres_and_zero_inside() {
    let layer = layer();
    let metres = |lat, lon| layer.distance_outside_m(code(SA_PA), lat, lon).unwrap();
    assert!(metres(10.1, 100.1) == 0.0);
    assert!(
        (metres(9.99, 100.5) - 1_112.0).abs() < 12.0,
        "{}",
        metres(9.99, 100.5)
    );
    // A hundredth of a degree of longitude is shorter than one of latitude by the cosine of 10.5 degrees.
    assert!(
        (metres(10.5, 99.99) - 1_093.4).abs() < 12.0,
        "{}",
        metres(10.5, 99.99)
    );
    assert!(metres(10.5, 100.5) > 20_000.0, "in the hole");
    assert_eq!(layer.distance_outside_m(code(TA_VAN), 10.1, 100.1), None);
}

#[test]
fn communes_without_an_area_are_listed() {
    let no_geometry = format!(r#"{{"type":"Feature","properties":{{"code":"{TA_VAN}"}},"geometry":null}}"#);
    let area = feature(SA_PA, "Polygon", &format!("[{}]", square(100.0, 10.0, 1.0)));
    let layer = read(&collection(&[area, no_geometry])).unwrap();
    assert_eq!(layer.communes_without_polygon().len(), 98);
    assert!(layer.communes_without_polygon().contains(&code(TA_VAN)));
    let bounds = layer.polygon(code(SA_PA)).unwrap().bounds;
    assert_eq!(
        bounds,
        BoundingBox {
            west: 100.0,
            south: 10.0,
            east: 101.0,
            north: 11.0
        }
    );
    assert_eq!(layer.areas().count(), 1);
}

#[test]
fn a_stated_error_of_the_feature_goes_before_that_of_the_file() {
    let ring = square(100.0, 10.0, 1.0);
    let own = feature(SA_PA, "Polygon", &format!("[{ring}]"))
        .replace("\"name\"", "\"stated_error_m\":35.5,\"name\"");
    let plain = feature(TA_VAN, "Polygon", &format!("[{ring}]"));
    let text = collection(&[own, plain]).replacen('{', r#"{"stated_error_m":120,"#, 1);
    let layer = read(&text).unwrap();
    assert_eq!(layer.stated_error_m(code(SA_PA)), Some(35.5));
    assert_eq!(layer.stated_error_m(code(TA_VAN)), Some(120.0));
    assert!(read(&text.replace("120", "-1")).is_err() && read(&text.replace("35.5", "-1")).is_err());
}

#[test]
fn every_bad_feature_is_named_by_index_and_code() {
    let good = feature(SA_PA, "Polygon", &format!("[{}]", square(100.0, 10.0, 1.0)));
    let bad = [
        (
            feature("03037", "Polygon", "[[[0,0],[1,0],[1,1],[0,1]]]"),
            "is not closed",
        ),
        (
            feature("03013", "Polygon", "[[[0,0],[1,0],[0,0]]]"),
            "needs at least 4",
        ),
        (
            feature("03043", "Polygon", "[[[22,104],[23,104],[23,105],[22,104]]]"),
            "is not [longitude, latitude]",
        ),
        (
            feature("03046", "Polygon", "[[[0,0],[1,1],[2,2],[0,0]]]"),
            "encloses no area",
        ),
        (
            feature("99999", "Polygon", &format!("[{}]", square(0.0, 0.0, 1.0))),
            "no commune of this code",
        ),
        (
            feature(SA_PA, "Polygon", &format!("[{}]", square(0.0, 0.0, 1.0))),
            "features[0] has the same code",
        ),
        (
            feature("03061", "Point", "[1,2]"),
            "neither Polygon nor MultiPolygon",
        ),
        (
            feature("03076", "MultiPolygon", &format!("[{}]", square(0.0, 0.0, 1.0))),
            "depth of the geometry's type",
        ),
    ];
    let features: Vec<String> = std::iter::once(good)
        .chain(bad.iter().map(|(text, _)| text.clone()))
        .collect();
    let Err(BoundariesError::Invalid { problems }) = read(&collection(&features)) else {
        panic!("accepted")
    };
    assert_eq!(problems.len(), bad.len(), "{problems:#?}");
    for (at, (problem, (text, english))) in problems.iter().zip(&bad).enumerate() {
        assert_eq!(problem.feature, Some(at + 1));
        assert!(text.contains(problem.code.as_deref().unwrap()));
        assert!(
            problem.english.contains(english) && !problem.vietnamese.is_empty(),
            "{problem}"
        );
    }
    let shown = BoundariesError::Invalid { problems }.to_string();
    assert!(
        shown.contains("features[1] (code 03037): polygon 0, ring 0: is not closed"),
        "{shown}"
    );
}

#[test]
fn a_feature_without_a_code_is_named_by_index() {
    let nameless =
        feature(SA_PA, "Polygon", &format!("[{}]", square(0.0, 0.0, 1.0))).replace("\"code\"", "\"id\"");
    let Err(BoundariesError::Invalid { problems }) = read(&collection(&[nameless])) else {
        panic!("accepted")
    };
    assert_eq!(
        (problems[0].feature, problems[0].code.as_deref()),
        (Some(0), None)
    );
}

#[test]
fn what_is_no_geojson_says_where_reading_stopped() {
    let good = feature(SA_PA, "Polygon", &format!("[{}]", square(0.0, 0.0, 1.0)));
    for broken in [
        "[[[0,0],[1,0],[1,[1]],[0,0]]]",
        "[[[0,0],[1,0],[[1,1]],[0,0]]]",
        "[[[1],[1,0]]]",
        "[[]]",
        "[[[[[[0,0]]]]]]",
    ] {
        let text = collection(&[good.clone(), feature(TA_VAN, "Polygon", broken)]);
        match read(&text) {
            Err(BoundariesError::Malformed { feature: 1, source }) => assert!(source.column() > 0),
            other => panic!("{broken}: {other:?}"),
        }
    }
    for text in [
        "",
        "{",
        "[]",
        "null",
        r#"{"type":"FeatureCollection","features":[]} x"#,
    ] {
        assert!(
            matches!(read(text), Err(BoundariesError::Malformed { .. })),
            "{text}"
        );
    }
    for text in [
        r#"{"type":"FeatureCollection"}"#,
        r#"{"type":"FeatureCollection","features":[]}"#,
        "{}",
    ] {
        assert!(
            matches!(read(text), Err(BoundariesError::Invalid { .. })),
            "{text}"
        );
    }
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(read(&collection(&[feature(SA_PA, "Polygon", &nested)])).is_err());
}

#[test]
fn positions_may_have_a_height() {
    let text = collection(&[feature(SA_PA, "Polygon", "[[[0,0,5],[1,0,5.5],[1,1,6],[0,0,5]]]")]);
    assert_eq!(read(&text).unwrap().contains(code(SA_PA), 0.2, 0.5), Some(true));
}

#[test]
fn a_layer_is_loaded_from_a_file_and_a_huge_one_is_refused_unread() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("layer.geojson");
    std::fs::write(
        &path,
        collection(&[feature(SA_PA, "Polygon", &format!("[{}]", square(0.0, 0.0, 1.0)))]),
    )
    .unwrap();
    assert_eq!(Boundaries::load(&path, &campaign()).unwrap().areas().count(), 1);
    File::create(&path).unwrap().set_len(MAX_FILE_BYTES + 1).unwrap();
    assert!(matches!(
        Boundaries::load(&path, &campaign()),
        Err(BoundariesError::TooLarge { .. })
    ));
    let missing = directory.path().join("missing");
    assert!(matches!(
        Boundaries::load(&missing, &campaign()),
        Err(BoundariesError::Unreadable { .. })
    ));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in r#"[\[\]{}",:0-9a-z.\-]{0,200}"#) {
        let parsed = read(&collection(&[feature(SA_PA, "Polygon", &text)]));
        proptest::prop_assert!(parsed.is_err() || parsed.is_ok_and(|layer| layer.areas().count() <= 1));
    }

    #[test]
    fn a_point_is_inside_a_square_exactly_when_it_is_between_its_sides(lon in 99.5..101.5, lat in 9.5..11.5) {
        let layer = read(&collection(&[feature(SA_PA, "Polygon", &format!("[{}]", square(100.0, 10.0, 1.0)))])).unwrap();
        let between = (100.0..=101.0).contains(&lon) && (10.0..=11.0).contains(&lat);
        proptest::prop_assert_eq!(layer.contains(code(SA_PA), lat, lon), Some(between));
        let metres = layer.distance_outside_m(code(SA_PA), lat, lon).unwrap();
        proptest::prop_assert_eq!(metres > 0.0, !between);
    }
}

#[test]
fn the_neighbour_in_which_a_point_lies_is_named_and_nobody_where_nobody_is() {
    let squares = [
        feature(SA_PA, "Polygon", &format!("[{}]", square(100.0, 10.0, 1.0))),
        feature(TA_VAN, "Polygon", &format!("[{}]", square(101.0, 10.0, 1.0))),
    ];
    let layer = read(&collection(&squares)).unwrap();
    assert_eq!(layer.commune_at(10.5, 100.5), Some(code(SA_PA)));
    assert_eq!(layer.commune_at(10.5, 101.5), Some(code(TA_VAN)));
    assert_eq!(
        layer.commune_at(10.5, 101.0),
        Some(code(SA_PA)),
        "on the line between them"
    );
    for (lat, lon) in [(12.0, 100.5), (10.5, 103.0), (f64::NAN, 100.5)] {
        assert_eq!(layer.commune_at(lat, lon), None);
    }
}

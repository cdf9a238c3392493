//! The table in `docs/security.md` that says who may what, against the types that decide it.

use minhchung::domain::Role;
use minhchung::http::openapi;

use super::{PUBLIC, id_of, roles_of};

#[test]
fn the_table_of_who_may_what_says_what_the_permissions_say() {
    let page = include_str!("../../../docs/security.md");
    let mut rows = vec![
        "| operation | admin | verifier | commune_officer | village_head | viewer | tip_officer |".to_owned(),
        "|---|---|---|---|---|---|---|".to_owned(),
    ];
    for operation in openapi::operations() {
        let (id, roles) = (id_of(&operation), roles_of(&operation));
        let everybody = PUBLIC.contains(&id);
        let mark = |role: Role| match (everybody, roles.contains(&role)) {
            (true, _) => "public",
            (false, true) => "yes",
            (false, false) => "–",
        };
        rows.push(format!("| `{id}` | {} |", Role::ALL.map(mark).join(" | ")));
    }
    let table = rows.join("\n");
    assert!(
        page.contains(&table),
        "docs/security.md has to have this table:\n{table}"
    );
}

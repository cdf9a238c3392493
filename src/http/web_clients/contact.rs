//! The foot of the citizen's page: whom to call, as links to tap, for those who would rather not write.
//!
//! Invariant: numbers, address and hours are the campaign's, letter for letter; it needs no script.
//! Refuses: a number that the campaign does not name, but the country's emergency number.

use crate::campaign::Hotline;
use crate::http::pages::escape;

/// Where a page wants it.
pub(super) const PLACE: &str = "<!--hotline-->";
/// The police's emergency number in all of Vietnam.
const EMERGENCY: &str = "113";

/// The foot, with what the campaign has.
pub(super) fn footer(hotline: Option<&Hotline>) -> String {
    let mut foot = String::from("<footer class=\"hotline\">");
    foot.push_str(&both("h2", "Gọi điện, gửi thư", "Call or write"));
    foot.push_str(&both(
        "p",
        "Nguy hiểm đến tính mạng: gọi ngay.",
        "Life in danger: call at once.",
    ));
    foot.push_str(&link("tel", EMERGENCY, EMERGENCY));
    if let Some(hotline) = hotline {
        let hours = escape(&hotline.hours);
        foot.push_str(&both(
            "p",
            &format!("Đường dây nóng tiếp nhận tố giác tội phạm, tệ nạn ma túy, {hours}:"),
            &format!("Hotline for reports about drugs, {hours}:"),
        ));
        for phone in &hotline.phones {
            foot.push_str(&link("tel", &phone.dial, &phone.printed));
        }
        foot.push_str(&both("p", "Hòm thư điện tử:", "E-mail:"));
        foot.push_str(&link("mailto", &hotline.email, &hotline.email));
        foot.push_str(&both(
            "p",
            "Gọi điện thì nhà mạng biết đã gọi số nào. Thư điện tử có ghi địa chỉ người gửi.",
            "Your network knows which number you call. An e-mail bears the address of its sender.",
        ));
    }
    foot.push_str("</footer>");
    foot
}

/// The same in both languages; the page's style shows one of them once its script runs.
fn both(element: &str, vietnamese: &str, english: &str) -> String {
    format!(
        "<{element} class=\"first-language\" lang=\"vi\">{vietnamese}</{element}>\
         <{element} class=\"other-language\" lang=\"en\">{english}</{element}>"
    )
}

fn link(scheme: &str, address: &str, printed: &str) -> String {
    format!(
        "<a class=\"button\" href=\"{scheme}:{}\">{}</a>",
        escape(address),
        escape(printed)
    )
}

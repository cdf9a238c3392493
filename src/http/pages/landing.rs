//! The first page: what this is, and where to go.

use super::html::{Frame, escape};
use crate::http::App;

/// Whether the page stands in for a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Client {
    Built,
    Missing,
}

const CLIENTS: &str = "<li><a href=\"/\">Điện thoại của trưởng thôn</a></li>\n\
    <li><a href=\"/van-phong/\">Văn phòng</a></li>\n\
    <li><a href=\"/to-giac/\">Tố giác ma túy mà không nói mình là ai</a></li>\n";
const MISSING: &str = "<p role=\"alert\"><strong>Bản chương trình này chưa kèm ứng dụng web.</strong> \
    Người vận hành hãy chạy <code>./scripts/build-clients</code> rồi biên dịch lại. \
    <span lang=\"en\">The web client is not in this binary: run <code>./scripts/build-clients</code> and build \
    again.</span></p>\n";

/// The page in Vietnamese, with the same in English below.
pub(super) fn page(app: &App, client: Client) -> String {
    let campaign = app.campaign.definition();
    let (name_vi, name_en) = (escape(&campaign.name.vi), escape(&campaign.name.en));
    let communes = app.campaign.communes().len();
    let version = env!("CARGO_PKG_VERSION");
    let (missing, clients) = match client {
        Client::Missing => (MISSING, ""),
        Client::Built => ("", CLIENTS),
    };
    let body = format!(
        "<main class=\"landing\">\n<h1>Minh chứng</h1>\n\
         <p class=\"lead\">Ảnh chụp tại chỗ trở thành tiến độ đã thẩm định của từng xã, phường.</p>\n\
         <p>Chiến dịch: <strong>{name_vi}</strong> – {communes} xã, phường.</p>\n\
         {missing}<ul>\n{clients}<li><a href=\"/api/docs\">Tài liệu giao diện lập trình (API)</a></li>\n\
         <li><a href=\"/api/v1/openapi.json\">Đặc tả OpenAPI 3.1 (JSON)</a></li>\n\
         <li><a href=\"/api/v1/campaign\">Nội dung chiến dịch (JSON)</a></li>\n\
         <li><a href=\"/health/live\">Tình trạng máy chủ</a></li>\n</ul>\n\
         <section lang=\"en\">\n<h2>In English</h2>\n\
         <p>Pictures taken on the spot become verified completion, commune by commune. \
         Campaign: <strong>{name_en}</strong>, {communes} communes. \
         Read the <a href=\"/api/docs\">documentation of the API</a>.</p>\n</section>\n\
         <footer>minhchung {version}</footer>\n</main>"
    );
    Frame {
        language: "vi",
        title: "Minh chứng",
        is_demo: app.is_demo,
    }
    .around(&body)
}

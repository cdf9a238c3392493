//! The first page: what this is, and where to go.

use super::html::{Frame, escape};
use crate::http::App;

/// The page in Vietnamese, with the same in English below.
pub(super) fn page(app: &App) -> String {
    let campaign = app.campaign.definition();
    let (name_vi, name_en) = (escape(&campaign.name.vi), escape(&campaign.name.en));
    let communes = app.campaign.communes().len();
    let version = env!("CARGO_PKG_VERSION");
    let body = format!(
        "<main class=\"landing\">\n<h1>Minh chứng</h1>\n\
         <p class=\"lead\">Ảnh chụp tại chỗ trở thành tiến độ đã thẩm định của từng xã, phường.</p>\n\
         <p>Chiến dịch: <strong>{name_vi}</strong> – {communes} xã, phường.</p>\n\
         <ul>\n<li><a href=\"/api/docs\">Tài liệu giao diện lập trình (API)</a></li>\n\
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

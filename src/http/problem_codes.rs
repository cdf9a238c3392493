//! The catalogue of problems: one row per code, compared by a test with `api-spec/problems.md`.
//!
//! Invariant: a code's status decides what a phone does. 401 pauses until log-in; 408, 429 and 5xx wait and retry;
//! every other 4xx moves the item to "refused" with the reason. So a full disk is never a 400.
//! Refuses: codes without a title in both languages.

use actix_web::http::StatusCode;

/// 460 is tus's own number for a piece that does not have its checksum; no registry names it.
macro_rules! status {
    (460) => {
        StatusCode::from_u16(460).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY)
    };
    ($name:ident) => {
        StatusCode::$name
    };
}

macro_rules! problem_codes {
    ($($(#[$doc:meta])* $name:ident = $status:tt $slug:literal, $vi:literal, $en:literal;)+) => {
        /// What went wrong, as the phone and the office are told it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProblemCode {
            $(#[doc = $en] $name,)+
        }

        impl ProblemCode {
            /// Every code, in the order of the catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The HTTP status.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$name => status!($status),)+ }
            }

            /// The code on the wire and the last part of the problem's type.
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$name => $slug,)+ }
            }

            /// The title in Vietnamese.
            pub const fn title_vi(self) -> &'static str {
                match self { $(Self::$name => $vi,)+ }
            }

            /// The title in English.
            pub const fn title_en(self) -> &'static str {
                match self { $(Self::$name => $en,)+ }
            }
        }
    };
}

problem_codes! {
    BadRequest = BAD_REQUEST "bad-request", "Yêu cầu không đọc được", "The request cannot be read";
    MalformedJson = BAD_REQUEST "malformed-json", "Nội dung không phải JSON hợp lệ", "The body is not valid JSON";
    MalformedMultipart = BAD_REQUEST "malformed-multipart", "Nội dung nhiều phần bị hỏng", "The multipart body is broken";
    BodyIncomplete = BAD_REQUEST "body-incomplete", "Nội dung bị đứt giữa chừng", "The body ended too early";
    CursorInvalid = BAD_REQUEST "cursor-invalid", "Vị trí trang tiếp theo không hợp lệ", "The page cursor is not valid";

    SignInRequired = UNAUTHORIZED "sign-in-required", "Cần đăng nhập", "Sign in first";
    TokenExpired = UNAUTHORIZED "token-expired", "Phiên đăng nhập đã hết hạn", "The access token has expired";
    TokenInvalid = UNAUTHORIZED "token-invalid", "Phiên đăng nhập không hợp lệ", "The token is not valid";
    SignInFailed = UNAUTHORIZED "sign-in-failed", "Tên đăng nhập, mật khẩu hoặc mã xác thực không đúng", "User name, password or one-time code is wrong";
    TotpRequired = UNAUTHORIZED "totp-required", "Cần mã xác thực 6 số", "A six-digit one-time code is needed";
    RefreshReused = UNAUTHORIZED "refresh-reused", "Mã làm mới đã dùng rồi; hãy đăng nhập lại", "The refresh token was used before; sign in again";
    EnrolmentRefused = UNAUTHORIZED "enrolment-refused", "Mã kích hoạt sai, đã dùng hoặc đã hết hạn", "The enrolment code is wrong, used or expired";

    TotpNeeded = FORBIDDEN "totp-needed", "Hãy cài mã xác thực trước; vai trò này phải dùng", "Set up one-time codes first; this role must use them";
    Forbidden = FORBIDDEN "forbidden", "Tài khoản này không được làm việc đó", "This account may not do that";

    NotFound = NOT_FOUND "not-found", "Không tìm thấy", "Not found";
    PathUnknown = NOT_FOUND "path-unknown", "Không có địa chỉ này", "There is no such path";
    MethodNotAllowed = METHOD_NOT_ALLOWED "method-not-allowed", "Địa chỉ này không nhận cách gọi đó", "This path does not take that method";
    NotAcceptable = NOT_ACCEPTABLE "not-acceptable", "Không có dạng trả lời được yêu cầu", "The requested representation is not offered";
    RequestTimeout = REQUEST_TIMEOUT "request-timeout", "Gửi quá chậm; hãy thử lại", "The body came too slowly; try again";

    SubmissionDiffers = CONFLICT "submission-differs", "Mã này đã dùng cho nội dung khác", "This id was used for other content";
    SubmissionWithdrawn = CONFLICT "submission-withdrawn", "Minh chứng này đã được rút lại", "This submission was withdrawn";
    AssignmentDiffers = CONFLICT "assignment-differs", "Mã nhiệm vụ này đã dùng cho nội dung khác", "This assignment id was used for other content";
    UserDiffers = CONFLICT "user-differs", "Mã hoặc tên đăng nhập này đã dùng cho tài khoản khác", "This id or user name belongs to another account";
    VersionConflict = CONFLICT "version-conflict", "Có người vừa thay đổi; hãy xem lại", "Somebody was faster; look again";
    IllegalStep = CONFLICT "illegal-step", "Trạng thái hiện tại không cho phép bước này", "The present state does not allow this step";
    Claimed = CONFLICT "claimed", "Người khác đang xem minh chứng này", "Somebody else is at this submission";
    SampleUnseen = CONFLICT "sample-unseen", "Chưa xem từng ảnh trong mẫu ngẫu nhiên", "Some of the random sample were not looked at";
    SampleFailed = CONFLICT "sample-failed", "Mẫu ngẫu nhiên có ảnh bị trả lại; hãy xem từng ảnh", "One of the random sample was sent back; go through them one by one";
    UploadOffset = CONFLICT "upload-offset", "Vị trí gửi tiếp không khớp", "The upload offset does not match";

    UploadGone = GONE "upload-gone", "Lần gửi này đã kết thúc hoặc hết hạn", "This upload has ended or expired";
    LengthRequired = LENGTH_REQUIRED "length-required", "Thiếu độ dài nội dung", "The length is missing";
    TipKeysFull = CONFLICT "tip-keys-full", "Đã đủ bảy khóa cán bộ; hãy ngừng một khóa trước", "All seven places for officers' keys are taken; retire one first";
    PreconditionFailed = PRECONDITION_FAILED "precondition-failed", "Bản đang sửa không còn mới nhất", "The version in If-Match is not the present one";
    PreconditionRequired = PRECONDITION_REQUIRED "precondition-required", "Thiếu If-Match với số phiên bản", "If-Match with the version is missing";
    TusVersion = PRECONDITION_FAILED "tus-version", "Chỉ nhận tus 1.0.0", "Only tus 1.0.0 is spoken here";
    BodyTooLarge = PAYLOAD_TOO_LARGE "body-too-large", "Nội dung quá lớn", "The body is too large";
    PictureTooLarge = PAYLOAD_TOO_LARGE "picture-too-large", "Ảnh quá lớn", "The picture is too large";
    MediaTypeUnsupported = UNSUPPORTED_MEDIA_TYPE "media-type-unsupported", "Loại nội dung không được nhận", "This media type is not taken";
    PictureKindUnsupported = UNSUPPORTED_MEDIA_TYPE "picture-kind-unsupported", "Chỉ nhận ảnh JPEG, PNG hoặc WebP", "Only JPEG, PNG and WebP pictures are taken";

    ValidationFailed = UNPROCESSABLE_ENTITY "validation-failed", "Có chỗ chưa đúng", "Some fields are wrong";
    PictureUnreadable = UNPROCESSABLE_ENTITY "picture-unreadable", "Ảnh bị hỏng hoặc bị cắt", "The picture is broken or cut";
    PictureHasNoCopy = UNPROCESSABLE_ENTITY "picture-has-no-copy", "Ảnh không thu nhỏ được; hãy mở ảnh gốc", "The picture cannot be made smaller; open the original";
    PictureUnexpected = UNPROCESSABLE_ENTITY "picture-unexpected", "Ảnh này không nằm trong danh sách ảnh đã báo", "This picture is not among those reported";
    HashMismatch = UNPROCESSABLE_ENTITY "hash-mismatch", "Ảnh nhận được khác với ảnh đã báo", "The bytes do not have the reported SHA-256 or length";
    ImportRejected = UNPROCESSABLE_ENTITY "import-rejected", "Tệp có dòng sai; chưa dòng nào được ghi", "The file has wrong rows; none was written";
    TipRefused = UNPROCESSABLE_ENTITY "tip-refused", "Tin này không nhận được", "This message cannot be taken";
    TipPuzzleRefused = UNPROCESSABLE_ENTITY "tip-puzzle-refused", "Cần giải lại câu đố; tin chưa được gửi", "A new puzzle is needed; the message was not taken";
    ChecksumMismatch = 460 "checksum-mismatch", "Mảnh gửi bị sai; hãy gửi lại mảnh này", "The checksum of this piece does not match";

    UploadLocked = LOCKED "upload-locked", "Ảnh này đang được gửi ở nơi khác", "Another request is writing this upload";
    TooManyRequests = TOO_MANY_REQUESTS "too-many-requests", "Gửi quá nhanh; hãy đợi một chút", "Too many requests; wait a little";

    Internal = INTERNAL_SERVER_ERROR "internal", "Máy chủ gặp lỗi", "The server failed";
    Overloaded = SERVICE_UNAVAILABLE "overloaded", "Máy chủ đang bận; hãy thử lại sau", "The server is busy; try again";
    StoreUnavailable = SERVICE_UNAVAILABLE "store-unavailable", "Kho dữ liệu tạm ngừng", "The store is not available";
    TipStoreFull = INSUFFICIENT_STORAGE "tip-store-full", "Hộp tin đã đầy; hãy gọi đường dây nóng", "The tip box is full; please call the hotline";
    DiskFull = INSUFFICIENT_STORAGE "disk-full", "Máy chủ hết chỗ lưu; ảnh vẫn an toàn trên điện thoại", "The server has no room left; keep what you have";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn slugs_are_kebab_case_and_no_two_are_the_same() {
        let slugs: BTreeSet<&str> = ProblemCode::ALL.iter().map(|code| code.slug()).collect();
        assert_eq!(slugs.len(), ProblemCode::ALL.len());
        for slug in slugs {
            assert!(
                slug.chars()
                    .all(|letter| letter.is_ascii_lowercase() || letter == '-'),
                "{slug}"
            );
        }
    }

    #[test]
    fn the_catalogue_and_its_page_say_the_same() {
        let page = include_str!("../../api-spec/problems.md");
        let rows: BTreeSet<String> = page
            .lines()
            .filter(|line| line.starts_with("| `"))
            .map(str::to_owned)
            .collect();
        let expected: BTreeSet<String> = ProblemCode::ALL
            .iter()
            .map(|code| {
                let status = code.status().as_u16();
                format!(
                    "| `{}` | {status} | {} | {} |",
                    code.slug(),
                    code.title_vi(),
                    code.title_en()
                )
            })
            .collect();
        assert_eq!(rows, expected);
    }
}

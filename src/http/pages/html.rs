//! The frame of a page, and text made harmless.
//!
//! Invariant: whatever is put into a page as text or attribute went through [`escape`] or [`prose`].
//! Refuses: script.

use std::borrow::Cow;

/// What every page has around its body.
pub(super) struct Frame<'a> {
    /// `vi` or `en`.
    pub(super) language: &'a str,
    /// The title of the window.
    pub(super) title: &'a str,
    /// Say that everything here is invented.
    pub(super) is_demo: bool,
}

const DEMO: &str = "<p class=\"demo\" role=\"alert\"><strong>BẢN DÙNG THỬ – DEMO</strong> \
    Mọi số liệu, ảnh và tài khoản ở đây đều là dữ liệu giả. Đừng gửi dữ liệu thật. \
    <span lang=\"en\">Everything here is invented. Do not send real data.</span></p>";

impl Frame<'_> {
    /// The whole page around `body`, which is HTML already.
    pub(super) fn around(&self, body: &str) -> String {
        let (language, title) = (escape(self.language), escape(self.title));
        let (mark, band) = if self.is_demo {
            ("DEMO – ", DEMO)
        } else {
            ("", "")
        };
        format!(
            "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{mark}{title}</title>\n<link rel=\"icon\" href=\"/pages.svg\" type=\"image/svg+xml\">\n\
             <link rel=\"stylesheet\" href=\"/pages.css\">\n</head>\n<body>\n{band}\n{body}\n</body>\n</html>\n"
        )
    }
}

/// `text` as text or as an attribute in double quotes.
pub(in crate::http) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    Cow::Owned(safe)
}

/// `text` of a doc comment: blank lines part paragraphs, backticks enclose code.
pub(super) fn prose(text: &str) -> String {
    let paragraph = |paragraph: &str| {
        let spans = paragraph.split('`').enumerate().map(|(number, span)| {
            let span = escape(span);
            if number % 2 == 1 {
                format!("<code>{span}</code>")
            } else {
                span.into_owned()
            }
        });
        format!("<p>{}</p>", spans.collect::<String>())
    };
    text.split("\n\n").map(paragraph).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(
            escape("<b a='1'>&\"</b>"),
            "&lt;b a=&#39;1&#39;&gt;&amp;&quot;&lt;/b&gt;"
        );
        assert_eq!(
            prose("a `<x>` b\n\nc"),
            "<p>a <code>&lt;x&gt;</code> b</p><p>c</p>"
        );
    }

    #[test]
    fn a_demo_says_so_before_anything_else() {
        let frame = Frame {
            language: "vi",
            title: "x",
            is_demo: true,
        };
        let page = frame.around("<main></main>");
        assert!(page.contains("<title>DEMO"));
        assert!(page.find("BẢN DÙNG THỬ").unwrap() < page.find("<main>").unwrap());
        assert!(
            !Frame {
                is_demo: false,
                ..frame
            }
            .around("")
            .contains("DEMO")
        );
    }
}

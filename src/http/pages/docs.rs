//! The specification to read: every operation and every form, written out once from the document.
//!
//! Invariant: it says nothing that the document does not say; every `$ref` is a link within the page.
//! Refuses: to send requests; each operation shows the `curl` line that does.
#![allow(
    clippy::format_push_string,
    clippy::format_collect,
    reason = "written once, where plain words count for more than an allocation"
)]

use std::sync::LazyLock;

use serde_json::Value;

use super::html::{Frame, escape, prose};
use crate::http::openapi::{self, Operation};

static PAGES: LazyLock<[String; 2]> = LazyLock::new(|| {
    let body = body();
    [false, true].map(|is_demo| {
        Frame {
            language: "en",
            title: "minhchung API",
            is_demo,
        }
        .around(&body)
    })
});

/// The page.
pub(super) fn page(is_demo: bool) -> String {
    let [live, demo] = &*PAGES;
    if is_demo { demo.clone() } else { live.clone() }
}

fn body() -> String {
    let document = openapi::document();
    let info = document.get("info").unwrap_or(&Value::Null);
    let tags: Vec<(&str, &str)> = list(document, "tags")
        .map(|tag| (text(tag, "name"), text(tag, "description")))
        .collect();
    let mut page = format!(
        "<header><h1>{} API</h1><p>Version {} · OpenAPI 3.1: <a href=\"{path}\">{path}</a> · <a href=\"/\">Trang chủ</a></p>{}</header>\n<nav aria-label=\"Operations\">",
        escape(text(info, "title")),
        escape(text(info, "version")),
        prose(text(info, "description")),
        path = openapi::PATH,
    );
    for (tag, _) in &tags {
        let links: String = of_tag(tag).map(|operation| link_to(&operation)).collect();
        page.push_str(&format!(
            "<h2><a href=\"#tag-{tag}\">{tag}</a></h2><ul>{links}</ul>"
        ));
    }
    page.push_str("<h2><a href=\"#forms\">forms</a></h2></nav>\n<main>");
    for (tag, words) in &tags {
        page.push_str(&format!(
            "<section id=\"tag-{tag}\"><h2>{tag}</h2>{}",
            prose(words)
        ));
        for operation in of_tag(tag) {
            page.push_str(&article(&operation));
        }
        page.push_str("</section>\n");
    }
    page.push_str(&forms(document));
    page.push_str("</main>");
    page
}

fn of_tag(tag: &str) -> impl Iterator<Item = Operation<'static>> {
    openapi::operations()
        .filter(move |operation| list(operation.body, "tags").any(|name| name.as_str() == Some(tag)))
}

fn link_to(operation: &Operation<'_>) -> String {
    let id = escape(text(operation.body, "operationId"));
    format!(
        "<li><a href=\"#{id}\"><span class=\"method {method}\">{method}</span> {}</a></li>",
        escape(operation.path),
        method = operation.method,
    )
}

fn article(operation: &Operation<'_>) -> String {
    let body = operation.body;
    let id = escape(text(body, "operationId"));
    let mut out = format!(
        "<article id=\"{id}\"><h3><span class=\"method {method}\">{method}</span> <code>{}</code></h3>{}{}",
        escape(operation.path),
        prose(text(body, "summary")),
        prose(text(body, "description")),
        method = operation.method,
    );
    let roles: Vec<&str> = list(body, "x-roles").filter_map(Value::as_str).collect();
    let who = if roles.is_empty() {
        "everybody, without a session".to_owned()
    } else {
        roles.join(", ")
    };
    out.push_str(&format!(
        "<p class=\"who\"><strong>For</strong> {} · <code>{id}</code></p>",
        escape(&who)
    ));
    out.push_str(&parameters(body));
    if let Some(content) = body.pointer("/requestBody/content") {
        out.push_str(&format!("<h4>Body</h4>{}", contents(content)));
    }
    out.push_str("<h4>Answers</h4><table>");
    for (status, response) in members(body, "responses") {
        let content = response.get("content").map(contents).unwrap_or_default();
        out.push_str(&format!(
            "<tr><th scope=\"row\">{}</th><td>{}{content}</td></tr>",
            escape(status),
            prose(text(response, "description")),
        ));
    }
    out.push_str(&format!(
        "</table><h4>curl</h4><pre>{}</pre></article>",
        escape(&curl(operation))
    ));
    out
}

fn parameters(body: &Value) -> String {
    let rows: String = list(body, "parameters")
        .map(|parameter| {
            let needed = if parameter.get("required") == Some(&Value::Bool(true)) {
                ", needed"
            } else {
                ""
            };
            format!(
                "<tr><th scope=\"row\"><code>{}</code></th><td>{}{needed}: {}{}</td></tr>",
                escape(text(parameter, "name")),
                escape(text(parameter, "in")),
                parameter.get("schema").map(form).unwrap_or_default(),
                prose(text(parameter, "description")),
            )
        })
        .collect();
    if rows.is_empty() {
        return rows;
    }
    format!("<h4>Parameters</h4><table>{rows}</table>")
}

/// Media types and their forms.
fn contents(content: &Value) -> String {
    let kinds = content.as_object().into_iter().flatten();
    kinds
        .map(|(kind, media)| {
            let form = media.get("schema").map(form).unwrap_or_default();
            format!("<p><code>{}</code> {form}</p>", escape(kind))
        })
        .collect()
}

/// A schema in a few words; named ones as links.
fn form(schema: &Value) -> String {
    if let Some(name) = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|path| path.rsplit('/').next())
    {
        return format!("<a href=\"#form-{0}\">{0}</a>", escape(name));
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        let parts: Vec<String> = list(schema, key).map(form).collect();
        if !parts.is_empty() {
            return parts.join(if key == "allOf" { " with " } else { " or " });
        }
    }
    let mut words = match schema.get("type") {
        Some(Value::String(kind)) => escape(kind).into_owned(),
        Some(Value::Array(kinds)) => kinds
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(" or "),
        _ => "anything".to_owned(),
    };
    if let Some(items) = schema.get("items") {
        words.push_str(&format!(" of {}", form(items)));
    }
    if let Some(values) = schema
        .get("additionalProperties")
        .filter(|values| values.is_object())
    {
        words.push_str(&format!(" of {}", form(values)));
    }
    for key in [
        "format",
        "pattern",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
    ] {
        if let Some(value) = schema.get(key) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            words.push_str(&format!(" · {key} <code>{}</code>", escape(&value)));
        }
    }
    let choices: Vec<String> = list(schema, "enum")
        .map(|value| format!("<code>{}</code>", escape(&value.to_string())))
        .collect();
    if !choices.is_empty() {
        words.push_str(&format!(": {}", choices.join(" ")));
    }
    words
}

fn forms(document: &Value) -> String {
    let mut out = "<section id=\"forms\"><h2>forms</h2>".to_owned();
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    for (name, schema) in schemas.into_iter().flatten() {
        let name = escape(name);
        out.push_str(&format!(
            "<article id=\"form-{name}\"><h3>{name}</h3>{}",
            prose(text(schema, "description"))
        ));
        let parts: Vec<&Value> = std::iter::once(schema).chain(list(schema, "allOf")).collect();
        let rows: String = parts.iter().map(|part| properties(part)).collect();
        if rows.is_empty() {
            out.push_str(&format!("<p>{}</p>", form(schema)));
        } else {
            let others: Vec<String> = parts
                .iter()
                .filter(|part| part.get("$ref").is_some())
                .map(|part| form(part))
                .collect();
            if !others.is_empty() {
                out.push_str(&format!("<p>All of {}, and:</p>", others.join(", ")));
            }
            out.push_str(&format!("<table>{rows}</table>"));
        }
        out.push_str("</article>");
    }
    out.push_str("</section>");
    out
}

fn properties(schema: &Value) -> String {
    let needed: Vec<&str> = list(schema, "required").filter_map(Value::as_str).collect();
    let mut rows = String::new();
    for (name, property) in members(schema, "properties") {
        let always = if needed.contains(&name.as_str()) {
            ""
        } else {
            " (may be absent)"
        };
        rows.push_str(&format!(
            "<tr><th scope=\"row\"><code>{}</code></th><td>{}{always}{}</td></tr>",
            escape(name),
            form(property),
            prose(text(property, "description")),
        ));
    }
    rows
}

fn curl(operation: &Operation<'_>) -> String {
    let mut line = format!("curl -X {} ", operation.method.to_uppercase());
    if operation.body.get("security").is_some() {
        line.push_str("-H \"Authorization: Bearer $TOKEN\" ");
    }
    let kinds = operation
        .body
        .pointer("/requestBody/content")
        .and_then(Value::as_object);
    if let Some((kind, _)) = kinds.and_then(|kinds| kinds.iter().next()) {
        let source = if kind == "application/json" {
            "-d @body.json"
        } else {
            "--data-binary @FILE"
        };
        line.push_str(&format!("-H 'Content-Type: {kind}' {source} "));
    }
    line.push_str(&format!("\"$SERVER{}\"", operation.path.replace('{', "$")).replace('}', ""));
    line
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn members<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.get(key).and_then(Value::as_object).into_iter().flatten()
}

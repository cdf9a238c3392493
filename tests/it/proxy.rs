//! The service behind nginx, with the very file that operators are given.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minhchung::config::Settings;
use minhchung::demo::pictures::distinct_jpeg;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::json;

use crate::field::{Field, Picture};
use crate::support::{COMMUNE, PASSWORD};
use crate::tls::authority::Authority;

const PATIENCE: Duration = Duration::from_secs(20);

/// A running nginx, until it is dropped.
struct Nginx {
    child: Child,
    url: String,
    folder: PathBuf,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn program() -> Option<&'static str> {
    let known = ["nginx", "/usr/sbin/nginx"];
    known.into_iter().find(|name| {
        Command::new(name)
            .arg("-v")
            .stderr(Stdio::null())
            .status()
            .is_ok()
    })
}

/// Ports that nobody has. Somebody could take one before nginx does, which fails loudly.
fn free_ports() -> [SocketAddr; 2] {
    let held = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|listener| listener.local_addr().unwrap())
}

/// The operators' file with this test's places in it.
fn site(
    upstream: &str,
    plain: SocketAddr,
    secure: SocketAddr,
    files: &crate::tls::authority::Files,
) -> String {
    let mut text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/nginx.conf")).unwrap();
    let secure = format!("listen {secure} ssl http2;");
    let plain = format!("listen {plain};");
    let certificate = format!("ssl_certificate {};", files.certificate.display());
    let key = format!("ssl_certificate_key {};", files.key.display());
    for (told, here) in [
        ("server 127.0.0.1:8080;", format!("server {upstream};")),
        ("listen 80;", plain),
        ("listen 443 ssl http2;", secure),
        (
            "ssl_certificate /etc/letsencrypt/live/minhchung.example.vn/fullchain.pem;",
            certificate,
        ),
        (
            "ssl_certificate_key /etc/letsencrypt/live/minhchung.example.vn/privkey.pem;",
            key,
        ),
    ] {
        assert_eq!(text.matches(told).count(), 1, "{told}");
        text = text.replace(told, &here);
    }
    text
}

async fn start(program: &str, authority: &Authority, upstream: &str) -> Nginx {
    let folder = authority.home().join("nginx");
    fs::create_dir_all(&folder).unwrap();
    let [plain, secure] = free_ports();
    let files = authority.issue("127.0.0.1");
    fs::write(folder.join("site.conf"), site(upstream, plain, secure, &files)).unwrap();
    let here = folder.display();
    let whole = format!(
        "daemon off;\nmaster_process off;\npid {here}/pid;\nerror_log {here}/error.log info;\nevents {{}}\n\
         http {{\n access_log {here}/access.log;\n client_body_temp_path {here}/body;\n proxy_temp_path {here}/proxy;\n \
         fastcgi_temp_path {here}/a;\n uwsgi_temp_path {here}/b;\n scgi_temp_path {here}/c;\n include {here}/site.conf;\n}}\n"
    );
    let main = folder.join("nginx.conf");
    fs::write(&main, whole).unwrap();
    let child = Command::new(program)
        .arg("-e")
        .arg(folder.join("error.log"))
        .arg("-c")
        .arg(&main)
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let nginx = Nginx {
        child,
        url: format!("https://{secure}"),
        folder,
    };
    let deadline = Instant::now() + PATIENCE;
    while authority
        .client()
        .get(format!("{}/health/live", nginx.url))
        .send()
        .await
        .is_err()
    {
        let told = fs::read_to_string(nginx.folder.join("error.log")).unwrap_or_default();
        assert!(Instant::now() < deadline, "nginx does not answer: {told}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    nginx
}

/// Bytes of unfinished pictures that the service has on its disk.
fn held_back(data_dir: &Path) -> u64 {
    let mut bytes = 0;
    let mut folders = vec![data_dir.join("incoming")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => folders.push(entry.path()),
                Ok(metadata) => bytes += metadata.len(),
                // It was moved on meanwhile.
                Err(_) => {}
            }
        }
    }
    bytes
}

struct Scene {
    field: Field,
    nginx: Nginx,
    authority: Authority,
    client: Client,
}

impl Scene {
    /// The service behind nginx; `None` where that is not installed.
    async fn start() -> Option<Self> {
        let Some(program) = program() else {
            eprintln!("not run (nginx is not installed)");
            return None;
        };
        let field = Field::with(|settings: &mut Settings| {
            settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        })
        .await;
        let authority = Authority::new();
        let upstream = field.harness.url("").replace("http://", "");
        let nginx = start(program, &authority, &upstream).await;
        let client = authority.client();
        Some(Self {
            field,
            nginx,
            authority,
            client,
        })
    }

    fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.nginx.url))
            .bearer_auth(token)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.nginx.folder.join("access.log")).unwrap()
    }
}

#[tokio::test]
async fn behind_nginx_reports_pictures_and_events_go_through_as_they_come() {
    let Some(scene) = Scene::start().await else { return };
    let (field, head) = (&scene.field, &scene.field.head);
    let mut line = scene
        .request(Method::GET, "/api/v1/events", &field.admin.token)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (line.status().as_u16(), line.version()),
        (200, reqwest::Version::HTTP_2)
    );
    let place = field.assignment(COMMUNE, head).await;
    let picture = field.picture();
    let id = field.announce(head, &place, &[&picture]).await;
    let sent = scene
        .request(
            Method::PUT,
            &format!("/api/v1/submissions/{id}/photos/{}", picture.sha256),
            &head.token,
        )
        .header("content-type", "image/jpeg")
        .body(picture.bytes.clone());
    let sent = sent.send().await.unwrap();
    assert_eq!(sent.status(), 201);
    assert_eq!(sent.headers()["strict-transport-security"], "max-age=31536000");
    let hearing = async {
        let mut heard = String::new();
        while !heard.contains("event: queue") {
            heard += std::str::from_utf8(&line.chunk().await.unwrap().unwrap()).unwrap();
        }
    };
    tokio::time::timeout(PATIENCE, hearing)
        .await
        .expect("nginx holds events back");
    // Too long for the service and not for nginx: the phone has to be told in the service's words.
    let place = field.assignment(COMMUNE, head).await;
    let next = field.picture();
    let id = field.announce(head, &place, &[&next]).await;
    let path = format!("/api/v1/submissions/{id}/photos/{}", next.sha256);
    let too_long = scene
        .request(Method::PUT, &path, &head.token)
        .header("content-type", "image/jpeg");
    let refused = too_long.body(vec![0; 16 << 20]).send().await.unwrap();
    assert_eq!(refused.status(), 413);
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    assert_eq!(
        scene
            .request(Method::GET, "/metrics", "")
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
    field.assert_clean().await;
}

#[tokio::test]
async fn behind_nginx_an_upload_that_is_cut_goes_on_where_it_was() {
    let Some(scene) = Scene::start().await else { return };
    let (field, head) = (&scene.field, &scene.field.head);
    let picture = Picture::of(distinct_jpeg(11, 600_000).unwrap());
    let place = field.assignment(COMMUNE, head).await;
    let id = field.announce(head, &place, &[&picture]).await;
    let encoded = |value: &str| STANDARD.encode(value);
    let metadata = format!(
        "submission {},sha256 {},filetype {}",
        encoded(&id),
        encoded(&picture.sha256),
        encoded("image/jpeg")
    );
    let begun = scene
        .request(Method::POST, "/api/v1/uploads", &head.token)
        .header("tus-resumable", "1.0.0")
        .header("upload-length", picture.bytes.len())
        .header("upload-metadata", metadata)
        .send()
        .await
        .unwrap();
    assert_eq!(begun.status(), 201);
    let place = begun.headers()["location"].to_str().unwrap().to_owned();
    let place = place.find("/api/").map(|at| place[at..].to_owned()).unwrap();
    let offset = || async {
        let asked = scene
            .request(Method::HEAD, &place, &head.token)
            .header("tus-resumable", "1.0.0");
        let told = asked.send().await.unwrap();
        told.headers()["upload-offset"]
            .to_str()
            .unwrap()
            .parse::<usize>()
            .unwrap()
    };
    let piece = |from: usize, body: reqwest::Body| {
        // A connection of its own, that dies with it.
        let client = scene
            .authority
            .trusting()
            .pool_max_idle_per_host(0)
            .http1_only()
            .build()
            .unwrap();
        let patch = client
            .patch(format!("{}{place}", scene.nginx.url))
            .bearer_auth(&head.token);
        patch
            .header("tus-resumable", "1.0.0")
            .header("upload-offset", from)
            .header("content-type", "application/offset+octet-stream")
            .header("content-length", picture.bytes.len() - from)
            .body(body)
    };
    // Four fifths, and then nothing more: the phone is behind a mountain.
    let most = picture.bytes[..picture.bytes.len() / 5 * 4].to_vec();
    let silence = futures_util::stream::once(async move { Ok::<_, std::io::Error>(most) });
    let silence = futures_util::StreamExt::chain(silence, futures_util::stream::pending());
    let cut = tokio::spawn(piece(0, reqwest::Body::wrap_stream(silence)).send());
    let arrived = || held_back(field.harness.data_dir());
    let deadline = Instant::now() + PATIENCE;
    while arrived() < u64::try_from(picture.bytes.len() / 2).unwrap() {
        assert!(
            Instant::now() < deadline,
            "nginx kept what the phone had sent: {}",
            arrived()
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    cut.abort();
    let reached = offset().await;
    assert!(reached > picture.bytes.len() / 2, "{reached}");
    let rest = picture.bytes[reached..].to_vec();
    let sent = piece(reached, rest.into()).send().await.unwrap();
    assert_eq!(sent.status(), 204);
    let kept = field
        .harness
        .get(&format!("/api/v1/submissions/{id}"), &head.token)
        .await
        .expect(200);
    assert_eq!(kept["state"], "pending");
    field.assert_clean().await;
}

#[tokio::test]
async fn behind_nginx_the_throttles_see_who_asks_and_the_tip_line_sees_nobody() {
    let Some(scene) = Scene::start().await else { return };
    let log_in = |from: &str, password: &str| {
        let client = scene
            .authority
            .trusting()
            .local_address(from.parse::<std::net::IpAddr>().unwrap());
        let body = json!({ "username": scene.field.officer.username, "password": password });
        let asked = client
            .build()
            .unwrap()
            .post(format!("{}/api/v1/auth/login", scene.nginx.url));
        // What a client claims about its address.
        let asked = asked.header("x-forwarded-for", "203.0.113.9").json(&body).send();
        async { asked.await.unwrap().status().as_u16() }
    };
    let mut last = 0;
    for _ in 0..8 {
        last = log_in("127.0.0.2", "CANARY").await;
    }
    assert_eq!(last, 429);
    assert_eq!(log_in("127.0.0.2", PASSWORD).await, 429);
    assert_eq!(
        log_in("127.0.0.3", PASSWORD).await,
        200,
        "everybody behind nginx is one"
    );

    for path in [
        "/to-giac/",
        "/to-giac",
        "/api/v1/tips/desk",
        "/api/v1/%74ips/desk",
        "/api/v1/communes",
    ] {
        let answered = scene
            .client
            .get(format!("{}{path}", scene.nginx.url))
            .send()
            .await
            .unwrap();
        assert_eq!(answered.status(), 200, "{path}");
    }
    scene
        .request(Method::GET, "/api/v1/campaign", "")
        .send()
        .await
        .unwrap();
    // A line is written once its answer has left.
    let deadline = Instant::now() + PATIENCE;
    while !scene.log().contains("/api/v1/campaign") {
        assert!(Instant::now() < deadline, "{}", scene.log());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let log = scene.log();
    for trace in ["tips", "%74ips", "to-giac", "communes"] {
        assert!(!log.contains(trace), "{trace}: {log}");
    }
    let errors = fs::read_to_string(scene.nginx.folder.join("error.log")).unwrap();
    assert!(
        !errors.contains("tips") && !errors.contains("to-giac"),
        "{errors}"
    );
}

#[test]
fn the_documents_lead_to_the_file_that_is_run_here() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/operations.md")).unwrap();
    assert!(text.contains("(../deploy/nginx.conf)"));
}

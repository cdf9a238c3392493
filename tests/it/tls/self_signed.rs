//! The certificate of a trial.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{shown, trusting};
use crate::durability::process::{ROOMY, Server, minhchung};

fn serve(data_dir: &Path) -> Server {
    let mut command = minhchung();
    command.args([
        "serve",
        "--tls",
        "self-signed",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
    ]);
    command.arg(data_dir).args(ROOMY);
    Server::start(command)
}

#[tokio::test]
async fn a_trial_has_a_certificate_of_its_own_that_stays_and_that_no_backup_holds() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let mut fingerprints = Vec::new();
    for _ in 0..2 {
        let server = serve(&data);
        let file = data.join("self-signed.pem");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let client = trusting(&fs::read_to_string(&file).unwrap()).build().unwrap();
        let by_address = shown(&client, &server.address).await.unwrap();
        let by_name = server.address.replace("127.0.0.1", "localhost");
        assert_eq!(shown(&client, &by_name).await.unwrap(), by_address);
        // A trial that promises https for good would lock its people out afterwards.
        let answered = client.get(&server.address).send().await.unwrap();
        assert!(!answered.headers().contains_key("strict-transport-security"));
        let backup = minhchung()
            .args(["backup", "--data-dir"])
            .arg(&data)
            .arg("--to")
            .arg(home.path().join("backup"))
            .output()
            .unwrap();
        assert!(backup.status.success(), "{backup:?}");
        drop(client);
        server.terminate();
        let (status, log) = server.ended();
        assert!(status.success(), "{log}");
        assert!(log.contains(&by_address), "the fingerprint is not told: {log}");
        assert!(log.contains("Phones do NOT trust it"), "{log}");
        fingerprints.push(by_address);
    }
    assert_eq!(fingerprints[0], fingerprints[1]);
    let mut left = vec![home.path().join("backup")];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let bytes = fs::read(&path).unwrap();
            assert!(
                memchr::memmem::find(&bytes, b"PRIVATE KEY").is_none(),
                "{}",
                path.display()
            );
        }
    }
}

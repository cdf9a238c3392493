//! Files that are no pair: what is told, before anything starts.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::Authority;
use super::authority::Files;
use crate::durability::process::minhchung;

fn check(home: &Path, more: &[String]) -> Output {
    let mut command = minhchung();
    command
        .args(["check-config", "--data-dir"])
        .arg(home.join("data"));
    command.args(more).output().unwrap()
}

#[track_caller]
fn refused(home: &Path, more: &[String], words: &[&str]) {
    let output = check(home, more);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    for word in words {
        assert!(said.contains(word), "{word:?} is not in {said}");
    }
    assert!(!said.contains("BEGIN RSA") || said.contains("holds no"), "{said}");
}

#[test]
fn what_is_wrong_with_the_files_is_told_with_the_files_name() {
    let authority = Authority::new();
    let home = authority.home();
    let (good, other) = (
        authority.issue("minhchung.example"),
        authority.issue("minhchung.example"),
    );
    let [cert_flag, cert, key_flag, key] = good.flags();
    refused(
        home,
        &[cert_flag.clone(), cert.clone()],
        &["tls_key: missing", "0.chain.pem"],
    );
    refused(
        home,
        &[key_flag, key.clone()],
        &["tls_cert: missing", "0.key.pem"],
    );
    let with = |certificate: &Path, key: &Path| {
        Files {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            fingerprint: String::new(),
        }
        .flags()
    };
    refused(
        home,
        &with(&home.join("none.pem"), &good.key),
        &["none.pem", "cannot be read"],
    );
    refused(
        home,
        &with(&good.certificate, &other.key),
        &["1.key.pem", "not the key of the first certificate", "0.chain.pem"],
    );
    refused(
        home,
        &with(&good.key, &good.key),
        &["0.key.pem", "holds no certificate"],
    );
    refused(
        home,
        &with(&good.certificate, &good.certificate),
        &["0.chain.pem", "holds no private key"],
    );
    let spoilt = home.join("spoilt.pem");
    fs::write(
        &spoilt,
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    refused(home, &with(&spoilt, &good.key), &["spoilt.pem", "number 1"]);
    fs::write(
        &spoilt,
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
    )
    .unwrap();
    refused(
        home,
        &with(&good.certificate, &spoilt),
        &["spoilt.pem", "passphrase"],
    );
    let both = [
        with(&good.certificate, &good.key).to_vec(),
        vec!["--tls".into(), "self-signed".into()],
    ]
    .concat();
    refused(home, &both, &["self-signed makes its own"]);
}

#[test]
fn dates_and_names_that_phones_refuse_are_told_and_do_not_stop_a_start() {
    let authority = Authority::new();
    let home = authority.home();
    let expired = authority.issue_expired("minhchung.example");
    let elsewhere = ["--public-url".to_owned(), "https://khac.example/".to_owned()];
    let output = check(home, &[expired.flags().to_vec(), elsewhere.to_vec()].concat());
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("expired on 2021-02-03"), "{said}");
    assert!(said.contains("not for khac.example"), "{said}");
    assert!(said.contains(&expired.fingerprint), "{said}");
    let named = [
        "--public-url".to_owned(),
        "https://minhchung.example:8443/x".to_owned(),
    ];
    let output = check(
        home,
        &[
            authority.issue("minhchung.example").flags().to_vec(),
            named.to_vec(),
        ]
        .concat(),
    );
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!said.contains("warning"), "{said}");
}

/// `openssl` with these arguments; `None` where it is not installed.
fn openssl(arguments: &[&str]) -> Option<()> {
    let mut command = Command::new("openssl");
    let ended = command
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    ended
        .ok()
        .map(|status| assert!(status.success(), "{arguments:?}"))
}

#[test]
fn keys_are_taken_in_each_of_the_three_forms_that_tools_write() {
    let authority = Authority::new();
    let home = authority.home();
    let path = |name: &str| home.join(name).to_str().unwrap().to_owned();
    let [cert, key, plain] = [path("c.pem"), path("k.pem"), path("plain.pem")];
    for (kind, option, begins) in [
        ("rsa", "rsa:2048", "-----BEGIN RSA PRIVATE KEY-----"),
        ("ec", "ec", "-----BEGIN EC PRIVATE KEY-----"),
    ] {
        let made = openssl(&[
            "req",
            "-x509",
            "-newkey",
            option,
            "-pkeyopt",
            if kind == "ec" {
                "ec_paramgen_curve:P-256"
            } else {
                "rsa_keygen_bits:2048"
            },
            "-nodes",
            "-subj",
            "/CN=a",
            "-days",
            "90",
            "-keyout",
            &key,
            "-out",
            &cert,
        ]);
        if made.is_none() {
            eprintln!("not run (openssl is not installed)");
            return;
        }
        openssl(&[
            kind,
            "-in",
            &key,
            "-out",
            &plain,
            if kind == "rsa" { "-traditional" } else { "-text" },
        ])
        .unwrap();
        assert!(fs::read_to_string(&plain).unwrap().contains(begins));
        for form in [&key, &plain] {
            let flags = [
                "--tls-cert".into(),
                cert.clone(),
                "--tls-key".into(),
                form.clone(),
            ];
            let output = check(home, &flags);
            assert_eq!(output.status.code(), Some(0), "{kind} {form}: {output:?}");
        }
    }
}

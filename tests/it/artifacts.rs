//! Documents in a folder: once, whole, and checked.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ap_gateway::config;
use ap_gateway::models::refs::Sha256;
use ap_gateway::storage::{ArtifactError, Artifacts, Removal, Stored};
use bytes::Bytes;
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::harness::within;

async fn open(folder: &Path) -> Result<Artifacts, ArtifactError> {
    let folder = folder.to_owned();
    Artifacts::open(&config::Artifacts { folder }).await
}

async fn fresh() -> (Artifacts, TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let artifacts = open(&folder.path().join("deep/artifacts")).await;
    (artifacts.expect("a store"), folder)
}

fn root(folder: &TempDir) -> PathBuf {
    folder.path().join("deep/artifacts")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

async fn store(artifacts: &Artifacts, parts: &[&[u8]]) -> Stored {
    let mut upload = artifacts.upload().await.expect("an upload");
    for part in parts {
        upload.write(Bytes::copy_from_slice(part)).await.expect("a write");
    }
    upload.finish().await.expect("an artifact")
}

fn digest(bytes: &[u8]) -> Sha256 {
    let digest = <sha2::Sha256 as sha2::Digest>::digest(bytes);
    Sha256::from_bytes(&digest.into())
}

#[tokio::test]
async fn documents_of_every_size_come_back_as_they_went_in() {
    let (artifacts, folder) = fresh().await;
    let large = (0..5_000_000_u32).map(|n| (n % 251) as u8).collect::<Vec<_>>();
    let cases: [Vec<&[u8]>; 4] =
        [vec![], vec![b"a"], vec![b"", b"ab", b"", b"c"], large.chunks(70_001).collect()];
    for parts in &cases {
        let whole = parts.concat();
        let stored = store(&artifacts, parts).await;
        assert_eq!(stored.sha256, digest(&whole));
        assert_eq!(stored.bytes, whole.len() as u64);
        let read = artifacts.get(&stored.sha256).await.expect("an artifact");
        assert!(read == whole);
        let name = stored.sha256.as_str();
        assert!(root(&folder).join("sha256").join(&name[..2]).join(name).is_file());
    }
    assert!(files(&root(&folder).join("incoming")).is_empty());
    assert_eq!(files(&root(&folder)).len(), cases.len());
}

#[tokio::test]
async fn an_artifact_that_exists_is_left_as_it_is_but_for_a_mark() {
    let (artifacts, folder) = fresh().await;
    let first = store(&artifacts, &[b"one"]).await;
    let path = files(&root(&folder)).pop().expect("a file");
    let inode = |path| {
        let about = std::fs::metadata(path).expect("a file");
        std::os::unix::fs::MetadataExt::ino(&about)
    };
    let (before, hour) = (inode(&path), Duration::from_secs(3600));
    let old = SystemTime::now() - Duration::from_secs(5000);
    let age = || {
        let file = std::fs::File::options().append(true).open(&path).expect("a file");
        file.set_modified(old).expect("a time");
    };
    age();
    assert_eq!(store(&artifacts, &[b"one"]).await, first);
    assert_eq!(files(&root(&folder)), std::slice::from_ref(&path));
    assert_eq!(inode(&path), before, "the file is the one that was there");
    // Whoever sent it may be about to say what it is for.
    let removing = async || artifacts.remove(&first.sha256, hour).await.expect("an answer");
    assert_eq!(removing().await, Removal::Fresh);
    assert!(artifacts.get(&first.sha256).await.is_ok());
    age();
    assert_eq!(removing().await, Removal::Gone);
    assert_eq!(removing().await, Removal::Gone, "twice is once");
    assert!(files(&root(&folder)).is_empty());
    assert_eq!(store(&artifacts, &[b"one"]).await, first);
    assert!(artifacts.get(&first.sha256).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_uploads_of_one_document_make_one_artifact() {
    let (artifacts, folder) = fresh().await;
    let mut tasks = JoinSet::new();
    for _ in 0..32 {
        let artifacts = artifacts.clone();
        tasks.spawn(async move { store(&artifacts, &[b"same", b" bytes"]).await });
    }
    let stored = tasks.join_all().await;
    assert!(stored.iter().all(|one| *one == stored[0]));
    assert_eq!(files(&root(&folder)).len(), 1);
}

#[tokio::test]
async fn a_dropped_upload_leaves_nothing() {
    let (artifacts, folder) = fresh().await;
    let mut upload = artifacts.upload().await.expect("an upload");
    upload.write(Bytes::from(vec![7; 3_000_000])).await.expect("a write");
    assert_eq!(files(&root(&folder)).len(), 1);
    drop(upload);
    let cleared = async || files(&root(&folder)).is_empty().then_some(());
    within(Duration::from_secs(10), "the folder is empty", cleared).await;
}

#[tokio::test]
async fn what_is_missing_or_altered_is_said() {
    let (artifacts, folder) = fresh().await;
    let missing = digest(b"never stored");
    let error = artifacts.get(&missing).await.expect_err("nothing there");
    assert!(matches!(error, ArtifactError::Missing(sha256) if sha256 == missing));
    let stored = store(&artifacts, &[b"original"]).await;
    let path = files(&root(&folder)).pop().expect("a file");
    std::fs::write(path, "0riginal").expect("a change");
    let error = artifacts.get(&stored.sha256).await.expect_err("another document");
    assert!(matches!(error, ArtifactError::Altered(sha256) if sha256 == stored.sha256));
}

#[tokio::test]
async fn opening_clears_what_is_left_over_and_nothing_else() {
    let (artifacts, folder) = fresh().await;
    let stored = store(&artifacts, &[b"kept"]).await;
    let running = artifacts.upload().await.expect("an upload");
    let incoming = root(&folder).join("incoming");
    let day = Duration::from_secs(24 * 60 * 60);
    for (name, age) in [("old", day * 2), ("old#1", day * 2), ("young", day / 2)] {
        std::fs::write(incoming.join(name), "half").expect("a file");
        let file = std::fs::File::options().append(true).open(incoming.join(name));
        let file = file.expect("a file");
        file.set_modified(SystemTime::now() - age).expect("a time");
    }
    let again = open(&root(&folder)).await.expect("a store");
    let names = files(&incoming);
    assert!(incoming.join("young").is_file());
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(again.get(&stored.sha256).await.is_ok());
    running.finish().await.expect("an upload that goes on");
}

#[tokio::test]
async fn probes_leave_nothing() {
    let (artifacts, folder) = fresh().await;
    for _ in 0..3 {
        artifacts.probe().await.expect("a working store");
    }
    assert!(files(&root(&folder)).is_empty());
    std::fs::remove_dir_all(root(&folder)).expect("no folder");
    std::fs::write(root(&folder), "in the way").expect("a file");
    assert!(artifacts.probe().await.is_err());
    assert!(artifacts.upload().await.is_err());
}

#[tokio::test]
async fn a_folder_that_cannot_be_one_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "x").expect("a file");
    for path in [file.clone(), file.join("below"), PathBuf::from("/proc/artifacts")] {
        let error = open(&path).await.err().expect("a refusal").to_string();
        assert!(error.contains(path.to_str().expect("UTF-8")), "{error}");
        assert!(error.contains("AP_GATEWAY_ARTIFACTS"), "{error}");
    }
}

//! What other programs are told.

use serde_json::Value;

use super::program::program;
use super::{SMALL, ends, folder, git, replaced, write};

/// A repository with one song that sounds as it should, one that doesn't, and one without a golden file.
fn three() -> tempfile::TempDir {
    let folder = folder();
    let at = folder.path();
    git(at, &["init"]);
    write(at, "songs/a.kdl", SMALL);
    write(at, "songs/b & <b>.kdl", SMALL);
    ends(at, 0, &["test", "--bless"]);
    git(at, &["add", "."]);
    git(at, &["commit", "-m", "one"]);
    write(at, "songs/a.kdl", &replaced(SMALL, "cutoff=\"400Hz\"", "cutoff=\"800Hz\""));
    write(at, "songs/new.kdl", SMALL);
    folder
}

#[test]
fn junit_counts_every_song() {
    let folder = three();
    let (out, _) = ends(folder.path(), 1, &["test", "--format", "junit"]);
    assert!(out.contains("tests=\"3\" failures=\"2\" errors=\"0\""), "{out}");
    assert!(out.contains("name=\"songs/b &amp; &lt;b&gt;.kdl\"/>"), "{out}");
    assert!(out.contains("<failure message=\"different\">the mix differs"), "{out}");
    assert!(out.contains("because bass.filter.cutoff 400Hz -&gt; 800Hz"), "{out}");
    // Every tag is closed, in order.
    let mut open = Vec::new();
    for tag in out.split('<').skip(2).filter_map(|part| part.split('>').next()) {
        match (tag.strip_prefix('/'), tag.ends_with('/')) {
            (Some(name), _) => assert_eq!(open.pop(), Some(name)),
            (None, false) => open.push(tag.split(' ').next().unwrap()),
            (None, true) => {}
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn sarif_points_at_the_line() {
    let folder = three();
    let (out, _) = ends(folder.path(), 1, &["test", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 2, "{log:#}");
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(
        (&place["artifactLocation"]["uri"], &place["region"]["startLine"]),
        (&"songs/a.kdl".into(), &15.into())
    );
    assert_eq!((&results[0]["ruleId"], &results[0]["level"]), (&"sound-changed".into(), &"error".into()));
    assert_eq!(results[1]["ruleId"], "no-golden");
}

#[test]
fn github_gets_annotations_and_a_summary() {
    let folder = three();
    let (out, _) = ends(folder.path(), 1, &["test", "--format", "github"]);
    let first = out.lines().next().unwrap();
    assert!(first.starts_with("::error file=songs/a.kdl,line=15,col=27,title=sound-changed::bass.filter.cutoff 400Hz -> 800Hz: bass differs"), "{first}");
    assert!(out.contains("::error file=songs/new.kdl,line=1,col=1,title=no-golden::"), "{out}");
    assert!(out.contains("## chronus test") && out.contains("| ❌ | songs/a.kdl |"), "{out}");
    // With a file for the summary, it goes there, after what is in it.
    let path = folder.path().join("summary.md");
    std::fs::write(&path, "before\n").unwrap();
    let done = program()
        .args(["test", "--format", "github"])
        .current_dir(folder.path())
        .env("GITHUB_STEP_SUMMARY", &path)
        .output()
        .unwrap();
    assert!(!String::from_utf8_lossy(&done.stdout).contains("## chronus"));
    let summary = std::fs::read_to_string(&path).unwrap();
    assert!(summary.starts_with("before\n## chronus test"), "{summary}");
    assert!(summary.contains("**bass.filter.cutoff 400Hz -> 800Hz** — `songs/a.kdl:15`"), "{summary}");
    assert!(summary.contains("songs/b &amp; &lt;b>.kdl"), "{summary}");
}

#[test]
fn people_get_sentences() {
    let folder = three();
    let (out, err) = ends(folder.path(), 1, &["diff", "HEAD:songs/a.kdl", "songs/a.kdl"]);
    assert_eq!(err, "");
    insta::assert_snapshot!("diff", out);
    let (out, _) = ends(folder.path(), 1, &["diff", "HEAD:songs/a.kdl", "songs/a.kdl", "--measures"]);
    for name in ["loudness, LUFS", "centroid", "correlation", "SNR, dB"] {
        assert!(out.contains(name), "{out}");
    }
}

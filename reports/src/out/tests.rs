//! The files of a report: all of them, whole, inside the folder.

use super::*;
use chipmark_results::fixture;
use std::fs;

#[test]
fn all_files_are_written_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("new/folder");
    let report = Report::new(&[fixture::file()]);
    let written = write_all(&report, &dir).unwrap();
    assert_eq!(fs::read_to_string(&written.page).unwrap(), html::page(&report).unwrap());
    assert_eq!(fs::read_to_string(&written.csv).unwrap(), csv::csv(&report).unwrap());
    assert_eq!(fs::read_to_string(&written.json).unwrap(), json::json(&report).unwrap());
    let mut names: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, [PAGE, CSV, JSON]);
}

#[test]
fn earlier_files_are_replaced() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(PAGE), "old").unwrap();
    let written = write_all(&Report::new(&[]), folder.path()).unwrap();
    assert!(fs::read_to_string(&written.page).unwrap().starts_with("<!doctype html>"));
}

#[test]
fn what_is_there_stays_where_only_a_new_file_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new");
    create(&path, b"first").unwrap();
    let error = create(&path, b"second").unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
    assert_eq!(fs::read(&path).unwrap(), b"first");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing half-written");
}

#[cfg(unix)]
#[test]
fn a_link_in_the_folder_is_replaced_and_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("outside");
    fs::write(&outside, "mine").unwrap();
    let dir = folder.path().join("report");
    fs::create_dir(&dir).unwrap();
    std::os::unix::fs::symlink(&outside, dir.join(CSV)).unwrap();
    write_all(&Report::new(&[fixture::file()]), &dir).unwrap();
    assert_eq!(fs::read_to_string(&outside).unwrap(), "mine");
    assert!(fs::read_to_string(dir.join(CSV)).unwrap().starts_with("run_id,"));
}

#[test]
fn hostile_names_change_no_path() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("report");
    let mut file = fixture::file();
    for text in [&mut file.run.run_id, &mut file.run.suite, &mut file.run.machine.chip] {
        *text = "../../../escaped".to_owned();
    }
    file.path = "../../escaped".into();
    write_all(&Report::new(&[file]), &dir).unwrap();
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["report"]);
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 3);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("file");
    fs::write(&blocked, "").unwrap();
    let said = write_all(&Report::new(&[]), blocked.join("report")).unwrap_err().to_string();
    assert!(said.contains("report: cannot write it: ") && !said.contains('\n'), "{said}");
}

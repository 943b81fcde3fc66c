//! Writes what the fuzzer begins with: small files of each schema, of each kind of record, and tables of others. The first argument is
//! the folder, such as `fuzz/corpus`.

use chipmark_results::fixture;
use std::collections::BTreeMap;
use std::io::{Error, Result};
use std::path::Path;

fn main() -> Result<()> {
    let folder = std::env::args_os().nth(1).ok_or_else(|| Error::other("say which folder: fuzz/corpus"))?;
    let folder = Path::new(&folder);
    write(&folder.join("read_results"), &results())?;
    write(&folder.join("validate_results"), &contributed())?;
    write(&folder.join("read_imported"), &imported()?)
}

fn write(folder: &Path, seeds: &BTreeMap<String, String>) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    seeds.iter().try_for_each(|(name, text)| std::fs::write(folder.join(name), text))?;
    println!("{}: {} seeds", folder.display(), seeds.len());
    Ok(())
}

/// The fixture's header with one record of each kind, in both schemas, and with all of them.
fn results() -> BTreeMap<String, String> {
    let text = fixture::text();
    let (header, records) = text.split_once('\n').unwrap_or_default();
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for record in records.lines() {
        let kind = record.split('"').nth(3).unwrap_or_default();
        first.entry(kind).or_insert(record);
    }
    let mut seeds: BTreeMap<String, String> =
        first.iter().map(|(kind, record)| (format!("{kind}.jsonl"), format!("{header}\n{record}\n"))).collect();
    let all: String = first.values().map(|record| format!("{record}\n")).collect();
    seeds.insert("run.jsonl".to_owned(), format!("{header}\n{all}"));
    let older = |text: &str| {
        text.replacen("\"schema\":2", "\"schema\":1", 1).replace("energy_j\":123.456", "energy_mj\":123456")
    };
    seeds.extend(seeds.clone().into_iter().map(|(name, text)| (format!("older-{name}"), older(&text))));
    seeds.insert("whole.jsonl".to_owned(), text);
    seeds
}

/// Contributed runs of one case, of fewer rounds and more.
fn contributed() -> BTreeMap<String, String> {
    let cases = fixture::matmuls(1);
    [1, 2, 5].map(|rounds| (format!("{rounds}-rounds.jsonl"), fixture::contributed_text(&cases, rounds, 1))).into()
}

/// The beginnings of the tables in the repository, and what such tables are made from.
fn imported() -> Result<BTreeMap<String, String>> {
    let mut seeds = BTreeMap::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("historical");
    for folder in ["gcn-article", "mlx-benchmark"] {
        for entry in std::fs::read_dir(root.join(folder))?.take(4) {
            let path = entry?.path();
            let text = std::fs::read_to_string(&path)?;
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let start: String = text.lines().take(8).map(|line| format!("{line}\n")).collect();
            // A TOML file is of use only whole.
            seeds.insert(name, if path.extension().is_some_and(|ending| ending == "jsonl") { start } else { text });
        }
    }
    let page = concat!(
        "# Title\n\nProse.\n\n**M7 (cores: 4E+4P+8GPU)** mlx: 0.29.3 torch: 2.8.0\n\n",
        "| Operation | mlx_gpu | mlx_cpu | mps | cpu | mlx_gpu/mps speedup | mlx_gpu/mlx_cpu speedup |\n",
        "|-----|----|----|----|----|----|----|\n",
        "| Argmax / dim=64x1024x128 axi=0 | 2.00 | 10.00 | 3.00 | 20.56 | +50% | +400% |\n",
        "| BCE / dim=1000000 dim=1000000 | 2.00 | nan | 2.00 | 1.00 | 0% | -50% |\n",
    );
    seeds.insert("page.md".to_owned(), page.to_owned());
    Ok(seeds)
}

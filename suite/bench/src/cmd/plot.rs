//! `bench plot CHART FILES… --out FILE`: one chart of results files, as SVG or as PNG.

use crate::Exit;
use crate::cli::Plot as Args;
use crate::sources::Sources;
use anyhow::{Context, Result, bail};
use chipmark_core::CaseId;
use chipmark_reports::out::replace;
use chipmark_reports::plots::{self, Kind, Wanted};
use chipmark_reports::png::{SCALES, png};
use chipmark_reports::svg::{Chart, Theme};
use chipmark_results::history::{BLESSED, Blessings, Collected, History};
use chipmark_results::store;
use chipmark_workloads::suite::glob;
use std::path::Path;

/// What the ending of a picture's name says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Picture {
    Svg,
    Png,
}

/// Pixels of a PNG for each of the SVG's, where nothing is said: sharp on a screen of today.
const SCALE: f32 = 2.0;

pub(crate) fn plot(args: &Args) -> Result<Exit> {
    let picture = picture(&args.out)?;
    if let Some(scale) = args.scale {
        if picture == Picture::Svg {
            bail!("--scale is of a PNG: an SVG has any size");
        }
        if !SCALES.contains(&scale) {
            bail!("--scale {scale} is not within {} to {}", SCALES.start(), SCALES.end());
        }
    }
    let patterns = args.cases.iter().map(|pattern| glob(pattern)).collect::<Result<Vec<_>, String>>();
    let patterns = patterns.map_err(|why| anyhow::anyhow!("--case: {why}"))?;
    let is_wanted = |case: &CaseId| {
        let id = case.to_string();
        patterns.is_empty() || patterns.iter().any(|pattern| pattern.is_match(&id))
    };
    let chart = match args.chart.kind() {
        Some(Kind::Strip) if args.relative => of_files(args, Kind::RelativeStrip, &is_wanted)?,
        _ if args.relative => bail!("--relative is of strip alone"),
        Some(kind) => of_files(args, kind, &is_wanted)?,
        None => of_folder(args, &is_wanted)?,
    };
    let theme = if args.dark { Theme::Dark } else { Theme::Light };
    let bytes = match picture {
        Picture::Svg => chart.themed(theme).into_bytes(),
        Picture::Png => png(&chart, args.scale.unwrap_or(SCALE), theme)?,
    };
    replace(&args.out, &bytes).with_context(|| format!("cannot write {}", args.out.display()))?;
    eprintln!("chart:   {}", args.out.display());
    eprintln!("shows:   {}", chart.about);
    Ok(Exit::Ok)
}

fn picture(path: &Path) -> Result<Picture> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("svg") => Ok(Picture::Svg),
        Some("png") => Ok(Picture::Png),
        _ => bail!("--out {}: a picture's name ends in .svg or .png", path.display()),
    }
}

fn of_files(args: &Args, kind: Kind, case: &dyn Fn(&CaseId) -> bool) -> Result<Chart> {
    let sources = super::told(Sources::of(&args.files)?);
    if let Some(table) = sources.published.first() {
        bail!("{}: a published table, which has no launches: charts are of results files", table.path.display());
    }
    let files = sources.results.iter().map(|source| Ok(store::read(&source.path)?)).collect::<Result<Vec<_>>>()?;
    let wanted = Wanted {
        mode: args.mode,
        workload: args.workload.as_deref(),
        case,
        device: args.device,
        dtype: args.dtype,
        targets: &args.targets,
    };
    Ok(plots::plot(kind, files, &wanted)?)
}

fn of_folder(args: &Args, case: &dyn Fn(&CaseId) -> bool) -> Result<Chart> {
    let [folder] = args.files.as_slice() else {
        bail!("a history is of one folder, and {} were given", args.files.len());
    };
    let mut collected = Collected::default();
    for path in &super::told(Sources::of(&args.files)?).results {
        // One file that cannot be read does not hide the history that the others tell.
        let added = store::read(&path.path).map_err(|error| error.to_string()).and_then(|file| collected.add(&file));
        if let Err(why) = added {
            eprintln!("left out: {why}");
        }
    }
    if collected.runs() == 0 {
        bail!("no results file can be read in {}: `bench run --out {0}` writes one", folder.display());
    }
    let (blessings, _) = Blessings::read(&folder.join(BLESSED)).map_err(anyhow::Error::msg)?;
    let mut history = History::of(collected.series(), args.threshold, &blessings);
    history.retain(|cell| {
        case(&cell.case)
            && cell.mode == args.mode
            && args.workload.as_ref().is_none_or(|workload| *workload == cell.case.workload)
            && args.dtype.is_none_or(|dtype| dtype == cell.case.dtype)
            && args.device.is_none_or(|device| plots::is_same_hardware(device, cell.target.device))
            && (args.targets.is_empty() || args.targets.contains(&cell.target))
    });
    Ok(plots::history(&history)?)
}

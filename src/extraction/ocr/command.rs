//! The `tesseract` command as a process.

use std::process::{Output, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::extraction::content::Picture;
use crate::extraction::ocr::OcrSettings;
use crate::extraction::refusal::{Refusal, RefusalCode};

/// Bytes of a table of words: 100 bytes for each of 100,000 words.
const TABLE_BYTES_MAX: u64 = 10 * 1024 * 1024;

/// Bytes of complaints that are kept.
const COMPLAINT_BYTES_MAX: u64 = 4 * 1024;

/// Characters of a complaint that are shown.
const SHOWN_CHARACTERS_MAX: usize = 200;

/// Resolution range within which the command works well; it guesses badly by itself.
const DOTS_PER_INCH: std::ops::RangeInclusive<f32> = 70.0..=600.0;

/// The languages with trained data.
pub(super) async fn installed_languages(settings: &OcrSettings) -> Result<Vec<String>, Refusal> {
    let mut command = base(settings);
    command.arg("--list-langs");
    let output = run(settings, command, &[]).await?;
    // A heading line comes before the names.
    let list = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(list.lines().skip(1).map(|line| line.trim().to_owned()).collect())
}

/// The words of a picture, as a table separated by tabs.
pub(super) async fn recognised(
    settings: &OcrSettings,
    languages: &str,
    segmentation: u8,
    picture: &Picture,
) -> Result<String, Refusal> {
    let mut command = base(settings);
    command.args(["stdin", "stdout", "-l", languages, "--psm"]).arg(segmentation.to_string());
    command.arg("--dpi").arg(dots_per_inch(picture)).arg("tsv");
    let mut plain = format!("P5\n{} {}\n255\n", picture.width, picture.height).into_bytes();
    plain.extend_from_slice(&picture.grey);
    let output = run(settings, command, &plain).await?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn base(settings: &OcrSettings) -> Command {
    let mut command = Command::new(&settings.program);
    // With more threads several pages at once take longer than one after the other.
    command.env_clear().env("PATH", &settings.search_path).env("OMP_THREAD_LIMIT", "1");
    if let Some(data) = &settings.data {
        command.arg("--tessdata-dir").arg(data);
    }
    command
}

#[expect(clippy::cast_precision_loss, reason = "sides of at most some 10,000 pixels")]
fn dots_per_inch(picture: &Picture) -> String {
    let inches = picture.width_points.max(1.0) / 72.0;
    let exact = picture.width as f32 / inches;
    format!("{:.0}", exact.clamp(*DOTS_PER_INCH.start(), *DOTS_PER_INCH.end()))
}

/// Killed with its group when nobody waits for it any more.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        // Once it was waited for there is no id.
        let id = self.0.id().and_then(|id| i32::try_from(id).ok());
        if let Some(group) = id.and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

async fn run(
    settings: &OcrSettings,
    mut command: Command,
    input: &[u8],
) -> Result<Output, Refusal> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.process_group(0).kill_on_drop(true);
    let started = command.spawn();
    let mut group = Group(started.map_err(|error| unavailable(settings, &error.to_string()))?);
    bound(&group.0, settings);
    let output = match timeout(settings.page_wall, talk(&mut group.0, input)).await {
        Ok(output) => output.map_err(|error| failed(&error.to_string()))?,
        Err(_) => {
            let seconds = settings.page_wall.as_secs_f32();
            let message = format!(
                "recognising a page took more than {seconds} s: scan it again, clean and in grey"
            );
            return Err(Refusal::new(RefusalCode::OcrTimeLimit, message));
        }
    };
    if output.status.success() {
        return Ok(output);
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    let shown: String = complaint.trim().chars().take(SHOWN_CHARACTERS_MAX).collect();
    Err(failed(&format!("{}; {shown:?}", output.status)))
}

/// Limits that the system holds over the command.
#[cfg(target_os = "linux")]
fn bound(process: &Child, settings: &OcrSettings) {
    use rustix::process::{Resource, Rlimit, prlimit};
    let id = process.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    let hard = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    let memory = (Resource::As, hard(settings.memory_bytes));
    for (resource, limit) in [memory, (Resource::Core, hard(0)), (Resource::Fsize, hard(0))] {
        // A process that has ended already needs no limit.
        let _ = id.map(|id| prlimit(Some(id), resource, limit));
    }
}

/// Elsewhere only the clock is held over it.
#[cfg(not(target_os = "linux"))]
fn bound(_: &Child, _: &OcrSettings) {}

/// Writes the input and reads the output at once, each within its limit.
async fn talk(process: &mut Child, input: &[u8]) -> std::io::Result<Output> {
    let (Some(mut to), Some(from), Some(errors)) =
        (process.stdin.take(), process.stdout.take(), process.stderr.take())
    else {
        return Err(std::io::Error::other("the command has no input or output"));
    };
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let (mut from, mut errors) = (from.take(TABLE_BYTES_MAX), errors.take(COMPLAINT_BYTES_MAX));
    let write = async {
        // A command that refuses the picture ends before it has taken all of it.
        let _ = to.write_all(input).await;
        drop(to);
    };
    let ((), out, err) =
        tokio::join!(write, from.read_to_end(&mut stdout), errors.read_to_end(&mut stderr));
    out?;
    err?;
    // With the pipes closed it cannot block on what it still has to say.
    drop((from, errors));
    let status = process.wait().await?;
    Ok(Output { status, stdout, stderr })
}

fn unavailable(settings: &OcrSettings, reason: &str) -> Refusal {
    let message = format!(
        "the document is a scan, and {} cannot be started to recognise its characters ({reason}): \
         install tesseract with the languages of your suppliers, or configure its path",
        settings.program.display()
    );
    Refusal::new(RefusalCode::OcrUnavailable, message)
}

fn failed(reason: &str) -> Refusal {
    let message = format!("tesseract failed on a page ({reason}): scan it again, or ask for a PDF");
    Refusal::new(RefusalCode::OcrFailed, message)
}

//! Recognition of characters: grey pages to words, by the `tesseract` command.
//!
//! The command is a program of the machine, not a part of ours: it is started without a shell and
//! without our environment, gets a plain picture that we made, is bounded in time and memory, and
//! killed with its group past them. Without it a scan is refused with the remedy, never "no text".

mod command;
mod deskew;
mod lines;
mod tsv;

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::{OnceCell, Semaphore};

use crate::extraction::content::Picture;
use crate::extraction::page::Page;
use crate::extraction::refusal::{Refusal, RefusalCode};

/// Languages that are taken where nothing else is configured, as far as they are installed.
const USUAL_LANGUAGES: [&str; 2] = ["deu", "eng"];

/// How recognition is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OcrSettings {
    /// The command: a path, or a name that is looked for in `search_path`.
    pub program: PathBuf,
    /// Folders, separated by `:`, in which the command is looked for.
    pub search_path: String,
    /// Folder of the trained data, where it is not the command's own.
    pub data: Option<PathBuf>,
    /// Trained languages, such as `deu`. Empty: German and English, as far as installed.
    pub languages: Vec<String>,
    /// Page segmentation mode of the first pass: 6, one block of text, keeps the lines of tables
    /// whole.
    pub segmentation: u8,
    /// Of the second pass, for what the first did not show: 11, sparse text.
    pub second_segmentation: u8,
    /// Wall clock for one page. A page takes about a second; a noisy one some more.
    pub page_wall: Duration,
    /// Pages at once: one a core, for each pass has one thread.
    pub at_once: usize,
    /// Address space of the command: a page of 40 million pixels and its models.
    pub memory_bytes: u64,
}

impl OcrSettings {
    /// Default settings on a machine with this many cores.
    pub fn for_cores(cores: usize) -> Self {
        Self {
            program: PathBuf::from("tesseract"),
            search_path: "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin".to_owned(),
            data: None,
            languages: Vec::new(),
            segmentation: 6,
            second_segmentation: 11,
            page_wall: Duration::from_secs(30),
            at_once: cores.max(1),
            memory_bytes: 2 << 30,
        }
    }
}

/// Which of the two ways to segment a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// Lines and blocks.
    First,
    /// Words wherever they stand.
    Second,
}

/// The recogniser: settings, and what the command said of itself.
#[derive(Debug)]
pub struct Ocr {
    settings: OcrSettings,
    /// Asked once; a failure is not kept, so that an installation is seen.
    languages: OnceCell<String>,
    places: Semaphore,
}

impl Ocr {
    /// A recogniser; nothing is started yet.
    pub fn new(settings: OcrSettings) -> Self {
        let places = Semaphore::new(settings.at_once.max(1));
        Self { settings, languages: OnceCell::new(), places }
    }

    /// The languages that are used, as the command takes them: `deu+eng`.
    ///
    /// # Errors
    /// No command, or a language that is not installed.
    pub async fn languages(&self) -> Result<&str, Refusal> {
        let languages = self.languages.get_or_try_init(|| async {
            let installed = command::installed_languages(&self.settings).await?;
            chosen(&self.settings.languages, &installed)
        });
        languages.await.map(String::as_str)
    }

    /// Recognises pages, in their order.
    ///
    /// # Errors
    /// No command, or a page that it fails on or takes too long for.
    pub async fn pages(&self, pictures: &[Picture], pass: Pass) -> Result<Vec<Page>, Refusal> {
        let pages = pictures.iter().map(|picture| self.page(picture, pass));
        futures::future::try_join_all(pages).await
    }

    async fn page(&self, picture: &Picture, pass: Pass) -> Result<Page, Refusal> {
        let languages = self.languages().await?;
        let _place = self.places.acquire().await.expect("the semaphore is never closed");
        let source = picture.clone();
        let straightened = tokio::task::spawn_blocking(move || deskew::straightened(source));
        let (straight, turn) = straightened.await.map_err(|error| {
            let message =
                format!("the page cannot be straightened ({error}): ask for another scan");
            Refusal::new(RefusalCode::OcrFailed, message)
        })?;
        let segmentation = match pass {
            Pass::First => self.settings.segmentation,
            Pass::Second => self.settings.second_segmentation,
        };
        let table = command::recognised(&self.settings, languages, segmentation, &straight).await?;
        Ok(tsv::page(&table, picture, turn))
    }
}

/// The page of the first pass, with what only the second saw.
pub fn joined(mut first: Page, second: Page) -> Page {
    let new = second.words.into_iter().filter(|word| {
        !first.words.iter().any(|known| lines::overlap(&known.bounds, &word.bounds))
    });
    let new: Vec<_> = new.collect();
    first.words.extend(new);
    first.words = lines::in_order(first.words);
    first
}

/// The configured languages, all of which must be there; else the usual ones that are.
fn chosen(wanted: &[String], installed: &[String]) -> Result<String, Refusal> {
    let missing = |language: &&String| !installed.contains(language);
    if let Some(missing) = wanted.iter().find(missing) {
        let message = format!(
            "tesseract has no data for {missing:?}, only for {}: install it, or configure other \
             languages",
            installed.join(", ")
        );
        return Err(Refusal::new(RefusalCode::OcrUnavailable, message));
    }
    if !wanted.is_empty() {
        return Ok(wanted.join("+"));
    }
    let usual: Vec<_> = USUAL_LANGUAGES
        .into_iter()
        .filter(|usual| installed.iter().any(|language| language == usual))
        .collect();
    if usual.is_empty() {
        let message = "tesseract has data for neither German (deu) nor English (eng): install \
                       them, or configure other languages";
        return Err(Refusal::new(RefusalCode::OcrUnavailable, message));
    }
    Ok(usual.join("+"))
}

#[cfg(test)]
mod tests {
    use super::{chosen, joined};
    use crate::extraction::page::{Page, Word};
    use crate::extraction::refusal::RefusalCode;
    use crate::models::evidence::Bounds;

    fn all(languages: &[&str]) -> Vec<String> {
        languages.iter().map(|language| (*language).to_owned()).collect()
    }

    #[test]
    fn languages_are_the_configured_ones_or_the_usual_ones_that_are_there() {
        let installed = all(&["eng", "fra", "osd"]);
        assert_eq!(chosen(&[], &installed), Ok("eng".to_owned()));
        assert_eq!(chosen(&all(&["fra", "eng"]), &installed), Ok("fra+eng".to_owned()));
        for (wanted, installed, said) in
            [(all(&["ita"]), installed, "\"ita\""), (all(&[]), all(&["osd"]), "deu")]
        {
            let refusal = chosen(&wanted, &installed).expect_err("refused");
            assert_eq!(refusal.code, RefusalCode::OcrUnavailable);
            assert!(refusal.message.contains(said), "{refusal}");
        }
    }

    #[test]
    fn the_second_pass_adds_what_the_first_did_not_see() {
        let word = |text: &str, left: f32, top: f32| Word {
            text: text.to_owned(),
            bounds: Bounds { left, top, width: 30.0, height: 10.0 },
            font_size: 10.0,
            recognised: Some(90),
        };
        let page = |words| Page { number: 1, width: 595.0, height: 842.0, words };
        let first = page(vec![word("a", 0.0, 0.0), word("c", 0.0, 50.0)]);
        let second = page(vec![word("A", 1.0, 1.0), word("b", 100.0, 1.0)]);
        let words = joined(first, second).words;
        let words: Vec<_> = words.iter().map(|word| &*word.text).collect();
        assert_eq!(words, ["a", "b", "c"]);
    }
}

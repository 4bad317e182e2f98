//! The answer of a reading process, as far as it came.

use crate::extraction::content::{Attachment, PdfContent, Picture, Sheet, Structure};
use crate::extraction::frame::Frame;
use crate::extraction::page::Page;
use crate::extraction::refusal::Refusal;
use crate::extraction::runner::ending;
use crate::extraction::table::Table;

/// What was said, and what ended it early.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    structure: Option<Structure>,
    attachments: Vec<Attachment>,
    pages: Option<Result<Vec<Page>, Refusal>>,
    pictures: Vec<Picture>,
    pictures_refused: Option<Refusal>,
    tables: Option<Vec<Table>>,
    sheets: Option<Vec<Sheet>>,
    drawing: Option<Vec<u8>>,
    /// Why there is no more than this.
    stopped: Option<Refusal>,
}

impl Answer {
    pub(crate) fn add(&mut self, frame: Frame) {
        match frame {
            Frame::Structure(structure) => self.structure = Some(structure),
            Frame::Attachment(attachment) => self.attachments.push(attachment),
            Frame::Pages(pages) => self.pages = Some(Ok(pages)),
            Frame::PagesRefused(refusal) => self.pages = Some(Err(refusal)),
            Frame::Picture(picture) => self.pictures.push(picture),
            Frame::PicturesRefused(refusal) => self.pictures_refused = Some(refusal),
            Frame::Tables(tables) => self.tables = Some(tables),
            Frame::Sizes(sheets) => self.sheets = Some(sheets),
            Frame::Drawing(png) => self.drawing = Some(png),
            Frame::Refused(refusal) => self.stop(refusal),
            Frame::End => {}
        }
    }

    /// Nothing more comes, for this reason; the first reason counts.
    pub(crate) fn stop(&mut self, refusal: Refusal) {
        self.stopped.get_or_insert(refusal);
    }

    /// A PDF. With its structure known and all attachments there, what stopped the rest is the
    /// reason why pages or pictures are missing.
    pub(crate) fn into_pdf(self) -> Result<PdfContent, Refusal> {
        let Self { structure, attachments, pages, pictures, pictures_refused, stopped, .. } = self;
        let structure = match structure {
            Some(structure) if structure.attachments == attachments.len() => structure,
            _ => return Err(stopped.unwrap_or_else(ending::unasked)),
        };
        let read = matches!(pages, Some(Ok(_)));
        let pages = pages.unwrap_or_else(|| Err(stopped.clone().unwrap_or_else(ending::unasked)));
        let pictures_refused = pictures_refused.or_else(|| stopped.filter(|_| read));
        Ok(PdfContent { structure, attachments, pages, pictures, pictures_refused })
    }

    /// The pages of a picture, all of them or none.
    pub(crate) fn into_pictures(self) -> Result<Vec<Picture>, Refusal> {
        match self.stopped {
            Some(refusal) => Err(refusal),
            None if self.pictures.is_empty() => Err(ending::unasked()),
            None => Ok(self.pictures),
        }
    }

    /// The tables of a spreadsheet.
    pub(crate) fn into_tables(self) -> Result<Vec<Table>, Refusal> {
        self.tables.ok_or_else(|| self.stopped.unwrap_or_else(ending::unasked))
    }

    /// The sizes of the pages.
    pub(crate) fn into_sheets(self) -> Result<Vec<Sheet>, Refusal> {
        self.sheets.ok_or_else(|| self.stopped.unwrap_or_else(ending::unasked))
    }

    /// The page that was drawn.
    pub(crate) fn into_drawing(self) -> Result<Vec<u8>, Refusal> {
        self.drawing.ok_or_else(|| self.stopped.unwrap_or_else(ending::unasked))
    }
}

#[cfg(test)]
mod tests {
    use super::Answer;
    use crate::extraction::content::{Attachment, Picture, Sheet, Structure};
    use crate::extraction::frame::Frame;
    use crate::extraction::page::Page;
    use crate::extraction::refusal::{Refusal, RefusalCode};

    fn answer(frames: Vec<Frame>, stopped: bool) -> Answer {
        let mut answer = Answer::default();
        frames.into_iter().for_each(|frame| answer.add(frame));
        if stopped {
            answer.stop(Refusal::new(RefusalCode::TimeLimit, "too long"));
        }
        answer
    }

    fn structure(attachments: usize) -> Frame {
        Frame::Structure(Structure { pages: 1, attachments, ..Structure::default() })
    }

    #[test]
    fn what_came_before_the_end_stands() {
        let attachment = || Frame::Attachment(Attachment::default());
        let content = answer(vec![structure(1), attachment()], true).into_pdf().expect("a PDF");
        assert_eq!(content.attachments.len(), 1);
        assert_eq!(content.pages.expect_err("no pages").code, RefusalCode::TimeLimit);
        assert_eq!(content.pictures_refused, None);

        let frames = vec![structure(0), Frame::Pages(vec![Page::default()])];
        let content = answer(frames, true).into_pdf().expect("a PDF");
        assert_eq!(content.pages.expect("pages").len(), 1);
        assert_eq!(content.pictures_refused.expect("no pictures").code, RefusalCode::TimeLimit);
    }

    #[test]
    fn what_was_drawn_stands_and_what_was_not_says_why() {
        let sizes = Frame::Sizes(vec![Sheet { width: 595.0, height: 842.0 }]);
        assert_eq!(answer(vec![sizes], true).into_sheets().map(|all| all.len()), Ok(1));
        let drawing = Frame::Drawing(vec![1]);
        assert_eq!(answer(vec![drawing], false).into_drawing(), Ok(vec![1]));
        let refused = answer(Vec::new(), true).into_drawing().expect_err("refused");
        assert_eq!(refused.code, RefusalCode::TimeLimit);
        let refused = answer(Vec::new(), false).into_sheets().expect_err("refused");
        assert_eq!(refused.code, RefusalCode::ReaderCrashed);
    }

    #[test]
    fn half_of_the_attachments_are_none() {
        let refused = answer(vec![structure(1)], true).into_pdf().expect_err("refused");
        assert_eq!(refused.code, RefusalCode::TimeLimit);
        let refused = answer(Vec::new(), false).into_pdf().expect_err("refused");
        assert_eq!(refused.code, RefusalCode::ReaderCrashed);
    }

    #[test]
    fn half_of_the_pages_of_a_picture_are_none() {
        let picture = || Frame::Picture(Picture::default());
        assert_eq!(answer(vec![picture()], false).into_pictures().map(|all| all.len()), Ok(1));
        let refused = answer(vec![picture()], true).into_pictures().expect_err("refused");
        assert_eq!(refused.code, RefusalCode::TimeLimit);
        assert!(answer(Vec::new(), false).into_tables().is_err());
    }
}

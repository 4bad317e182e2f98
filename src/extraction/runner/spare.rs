//! One reading process, from its start to its end.

use std::path::Path;
use std::process::Stdio;

use rustix::pipe::fcntl_setpipe_size;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

use crate::extraction::frame::{Frame, HEAD_BYTES, Order};
use crate::extraction::limits::Limits;
use crate::extraction::refusal::{Refusal, RefusalCode};
use crate::extraction::runner::answer::Answer;
use crate::extraction::runner::ending;

/// The hidden command of the gateway that reads one document.
pub(super) const COMMAND: &str = "read-document";

/// Bytes that a pipe holds, so that neither side waits for the other over an ordinary document: each
/// wait costs two changes of process. More than 1 MiB needs a privilege.
const PIPE_BYTES: usize = 1024 * 1024;

/// Bytes of the last words of a process that are kept: a panic is two lines.
const LAST_WORDS_BYTES_MAX: usize = 4 * 1024;

/// A process that was started and waits for a document.
#[derive(Debug)]
pub(super) struct Spare {
    process: Child,
    input: Option<ChildStdin>,
    output: Option<ChildStdout>,
    errors: Option<ChildStderr>,
}

impl Spare {
    /// Starts a process with nothing of ours: no environment, no descriptor, a group of its own.
    pub(super) fn start(program: &Path) -> Result<Self, Refusal> {
        let started = Command::new(program)
            .arg(COMMAND)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn();
        let mut process = started.map_err(|error| {
            let message = format!(
                "no process can be started to read the document ({}: {error}): check that the \
                 program is still there and that processes and memory are left, then try again",
                program.display()
            );
            Refusal::new(RefusalCode::ReaderUnavailable, message)
        })?;
        let (input, output, errors) =
            (process.stdin.take(), process.stdout.take(), process.stderr.take());
        // Where the system allows no more, the usual 64 KiB do as well.
        let _ = input.as_ref().map(|pipe| fcntl_setpipe_size(pipe, PIPE_BYTES));
        let _ = output.as_ref().map(|pipe| fcntl_setpipe_size(pipe, PIPE_BYTES));
        Ok(Self { process, input, output, errors })
    }

    /// Itself, if it is still there.
    pub(super) fn waiting(mut self) -> Option<Self> {
        matches!(self.process.try_wait(), Ok(None)).then_some(self)
    }

    /// Hands over the document and collects the answer, frame by frame; where the process ends
    /// without saying so, why it did. Cancelled at any point, the answer has what came so far.
    pub(super) async fn converse(
        &mut self,
        order: &Order,
        document: &[u8],
        limits: &Limits,
        answer: &mut Answer,
    ) {
        let (Some(mut input), Some(mut output), Some(mut errors)) =
            (self.input.take(), self.output.take(), self.errors.take())
        else {
            return answer.stop(ending::unasked());
        };
        let mut last_words = Vec::new();
        {
            let ask = async {
                // A process that died does not take all of it; its end is told below.
                let _ = input.write_all(&order.encode()).await;
                let _ = input.write_all(document).await;
                drop(input);
            };
            let listen = listen(&mut output, limits.answer_bytes_max, answer);
            let overhear = overhear(&mut errors, &mut last_words);
            let talk = async { tokio::join!(ask, listen).1 };
            tokio::pin!(talk, overhear);
            let mut heard = false;
            let complete = loop {
                tokio::select! {
                    complete = &mut talk => break complete,
                    () = &mut overhear, if !heard => heard = true,
                }
            };
            if complete {
                return;
            }
            if !heard {
                overhear.await;
            }
        }
        let refusal = match self.process.wait().await {
            Ok(status) => ending::explained(status, &last_words, &limits.work),
            Err(error) => ending::lost(&error.to_string()),
        };
        answer.stop(refusal);
    }
}

impl Drop for Spare {
    fn drop(&mut self) {
        // Once it was waited for there is no id, and the number may belong to somebody else.
        let id = self.process.id().and_then(|id| i32::try_from(id).ok());
        if let Some(group) = id.and_then(Pid::from_raw) {
            // It may have ended this moment; the process itself is reaped by the runtime.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Frames until the last one. False where the process ended before it, or said what no reading
/// process of ours says, or too much.
async fn listen(output: &mut ChildStdout, bytes_max: usize, answer: &mut Answer) -> bool {
    let mut bytes_left = bytes_max;
    loop {
        let mut head = [0; HEAD_BYTES];
        if output.read_exact(&mut head).await.is_err() {
            return false;
        }
        let (kind, length) = Frame::head(head);
        let Some(left) = bytes_left.checked_sub(length) else {
            answer.stop(ending::answer_limit(bytes_max));
            return true;
        };
        bytes_left = left;
        // Grows with what comes, not with what was announced.
        let mut payload = Vec::new();
        let read = (&mut *output).take(length as u64).read_to_end(&mut payload).await;
        if read.is_err() || payload.len() < length {
            return false;
        }
        match Frame::parse(kind, payload) {
            Some(Frame::End) => return true,
            Some(frame) => answer.add(frame),
            None => {
                answer.stop(ending::unasked());
                return true;
            }
        }
    }
}

/// Keeps the first bytes and takes the rest, so that the process does not block on them.
async fn overhear(errors: &mut (impl AsyncRead + Unpin), kept: &mut Vec<u8>) {
    let mut buffer = [0; 1024];
    while let Ok(length @ 1..) = errors.read(&mut buffer).await {
        let room = LAST_WORDS_BYTES_MAX.saturating_sub(kept.len());
        kept.extend_from_slice(&buffer[..length.min(room)]);
    }
}

//! A line to a server that can be made slow, or swallow everything: TCP in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

/// What becomes of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// They go through at once.
    Clear,
    /// Those of the server come so much later.
    Late(Duration),
    /// None goes through in either direction; nobody is told.
    Hole,
}

pub(super) struct Link {
    port: u16,
    line: watch::Sender<Line>,
    open: Arc<AtomicUsize>,
}

impl Link {
    /// To an address such as `http://127.0.0.1:7233`.
    pub(super) async fn to(server: &str) -> Self {
        let server = server.rsplit('/').next().expect("an address").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let line = watch::Sender::new(Line::Clear);
        let open = Arc::new(AtomicUsize::new(0));
        let (lines, count) = (line.clone(), Arc::clone(&open));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(joined(near, server.clone(), lines.clone(), Arc::clone(&count)));
            }
        });
        Self { port, line, open }
    }

    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn becomes(&self, line: Line) {
        self.line.send_replace(line);
    }

    /// Connections that are open now.
    pub(super) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }
}

async fn joined(
    near: TcpStream,
    server: String,
    line: watch::Sender<Line>,
    open: Arc<AtomicUsize>,
) {
    open.fetch_add(1, Ordering::Relaxed);
    if let Ok(far) = TcpStream::connect(server).await {
        let (near_read, near_write) = near.into_split();
        let (far_read, far_write) = far.into_split();
        tokio::select! {
            () = pass(near_read, far_write, line.subscribe(), false) => {}
            () = pass(far_read, near_write, line.subscribe(), true) => {}
        }
    }
    open.fetch_sub(1, Ordering::Relaxed);
}

/// One direction. What is late is read at once, so that delays do not add up.
async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut line: watch::Receiver<Line>,
    of_the_server: bool,
) {
    let (send, mut receive) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let mut writing = line.clone();
    let read = async move {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            let late = match *line.borrow_and_update() {
                Line::Late(by) if of_the_server => by,
                _ => Duration::ZERO,
            };
            if send.send((Instant::now() + late, buffer[..count].to_vec())).is_err() {
                return;
            }
        }
    };
    let write = async move {
        while let Some((at, bytes)) = receive.recv().await {
            sleep_until(at).await;
            if writing.wait_for(|line| *line != Line::Hole).await.is_err() {
                return;
            }
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    // When one side ends, what is under way in its direction is still written.
    tokio::join!(read, write);
}

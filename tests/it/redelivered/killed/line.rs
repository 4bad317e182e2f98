//! A line to Temporal that can be held: what the worker says then stays on the way.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub(super) struct Line {
    pub(super) address: String,
    held: watch::Sender<bool>,
}

impl Line {
    /// To `upstream`, which is `HOST:PORT`.
    pub(super) async fn open(upstream: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("bound"));
        let (held, hears) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(&upstream).await else { continue };
                let ((near_read, near_write), (far_read, far_write)) =
                    (near.into_split(), far.into_split());
                let never = watch::channel(false).1;
                tokio::spawn(carry(near_read, far_write, hears.clone()));
                tokio::spawn(carry(far_read, near_write, never));
            }
        });
        Self { address, held }
    }

    /// From now on nothing that the worker says arrives.
    pub(super) fn hold(&self) {
        self.held.send_replace(true);
    }

    /// What is said from now on arrives; what was held is lost with who said it.
    pub(super) fn let_go(&self) {
        self.held.send_replace(false);
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut held: watch::Receiver<bool>) {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let read = match from.read(&mut bytes).await {
            Ok(0) | Err(_) => return,
            Ok(read) => read,
        };
        if *held.borrow_and_update() {
            // The caller is killed while the line is held: nothing of it may arrive later.
            std::future::pending::<()>().await;
        }
        if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}

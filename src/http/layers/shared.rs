//! A layer that is cloned by counting.
//!
//! axum clones what is below a layer for each request, layer by layer down to the handler, so that
//! the cost of layers grows with the square of their number. Behind a count it is cloned once, when
//! it is called.

use std::sync::Arc;
use std::task::{Context, Poll};

use tower::layer::util::Stack;
use tower::util::Oneshot;
use tower::{Layer, Service, ServiceExt};

/// The layer, with a count around what it makes.
pub fn shared<L>(layer: L) -> Stack<L, Count> {
    Stack::new(layer, Count)
}

/// Puts a count around a service.
#[derive(Debug, Clone, Copy)]
pub struct Count;

/// A service behind a count.
#[derive(Debug)]
pub struct Counted<S>(Arc<S>);

impl<S> Layer<S> for Count {
    type Service = Counted<S>;

    fn layer(&self, inner: S) -> Counted<S> {
        Counted(Arc::new(inner))
    }
}

impl<S> Clone for Counted<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S, R> Service<R> for Counted<S>
where
    S: Service<R> + Clone,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Oneshot<S, R>;

    /// Always: what is called is made then, and is asked itself.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: R) -> Self::Future {
        S::clone(&self.0).oneshot(request)
    }
}

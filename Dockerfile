# The gateway as an image: built with Rust, run on a small Debian as an ordinary user.
# deploy/image-steps runs the build steps of this file without an engine, in order.

FROM rust:1.95-bookworm AS builder
WORKDIR /build

# What we depend on changes seldom: a layer of its own, made with an empty program.
COPY .cargo .cargo
COPY Cargo.toml Cargo.lock ./
RUN mkdir src && echo 'fn main() {}' > src/main.rs && touch src/lib.rs
RUN cargo build --release --locked --bin ap-gateway

# The commit, for ap_gateway_build_info; the repository itself is not here:
# docker build --build-arg AP_GATEWAY_REVISION=$(git rev-parse --short=12 HEAD) .
ARG AP_GATEWAY_REVISION

# Ours is newer than the empty program only once it is touched: a copy keeps its old time.
COPY . .
RUN touch src/main.rs src/lib.rs
RUN cargo build --release --locked --bin ap-gateway

FROM debian:bookworm-slim

# Certificates: the TLS of Temporal Cloud and of PostgreSQL trusts what the system trusts.
# Character recognition: scans are read by the tesseract command, in the languages listed here.
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates \
    tesseract-ocr tesseract-ocr-deu tesseract-ocr-fra tesseract-ocr-ita tesseract-ocr-spa tesseract-ocr-nld \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home --home-dir /data --shell /usr/sbin/nologin gateway

COPY --from=builder /build/target/release/ap-gateway /usr/local/bin/ap-gateway
COPY LICENSE-MIT LICENSE-APACHE /usr/share/doc/ap-gateway/

# By number, so that a cluster can see that it is not root.
USER 10001:10001
WORKDIR /data
VOLUME /data

# Everything that is kept is below /data, until told otherwise.
ENV AP_GATEWAY_LEDGER_URL=sqlite:/data/ledger.db \
    AP_GATEWAY_ARTIFACTS=/data/artifacts \
    AP_GATEWAY_LOG_FORMAT=json

EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["ap-gateway", "healthcheck"]
ENTRYPOINT ["ap-gateway"]
CMD ["serve"]

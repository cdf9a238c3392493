# minhchung in a container. Not the first choice (the Debian package is: docs/operations.md), for those whose machines run
# containers. Build: docker build -t minhchung .   Run: docs/operations.md, "In a container".

# The web clients, from the lock file.
FROM node:22-bookworm-slim AS clients
WORKDIR /minhchung
COPY package.json package-lock.json .npmrc ./
COPY web-shared/package.json web-shared/
COPY mobile-client/package.json mobile-client/
COPY office-console/package.json office-console/
RUN PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci
COPY tsconfig.base.json ./
COPY api-spec api-spec
COPY web-shared web-shared
COPY mobile-client mobile-client
COPY office-console office-console
RUN npm run generate && npm run build -w mobile-client && npm run build -w office-console

# The binary, with the clients inside, from the lock file.
FROM rust:1.95.0-slim-bookworm AS binary
WORKDIR /minhchung
COPY Cargo.toml Cargo.lock build.rs ./
COPY api-spec api-spec
COPY assets assets
COPY campaigns campaigns
COPY src src
COPY --from=clients /minhchung/mobile-client/dist mobile-client/dist
COPY --from=clients /minhchung/mobile-client/dist-to-giac mobile-client/dist-to-giac
COPY --from=clients /minhchung/office-console/dist office-console/dist
COPY --from=clients /minhchung/office-console/dist-desk office-console/dist-desk
RUN RUSTFLAGS="--remap-path-prefix=$PWD=/minhchung --remap-path-prefix=$CARGO_HOME=/cargo" \
    cargo build --release --locked

FROM debian:bookworm-slim
# Webhooks check certificates by the system's list.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --no-create-home --home-dir /var/lib/minhchung minhchung \
 && install -d -m 0700 -o minhchung -g minhchung /var/lib/minhchung
COPY --from=binary /minhchung/target/release/minhchung /usr/bin/minhchung
COPY NOTICE LICENSE-APACHE LICENSE-MIT /usr/share/doc/minhchung/
USER 10001:10001
VOLUME /var/lib/minhchung
ENV MINHCHUNG_DATA_DIR=/var/lib/minhchung MINHCHUNG_LISTEN=0.0.0.0:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
# The service writes something and answers when it is on the disk. With TLS of its own: MINHCHUNG_URL=https://its.name
HEALTHCHECK --interval=30s --timeout=15s --start-period=120s CMD ["minhchung", "health"]
ENTRYPOINT ["minhchung"]
CMD ["serve"]

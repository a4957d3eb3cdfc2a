-- Times are whole seconds since 1970. Rows keep the order in which they came: pages are cut by row_id.

CREATE TABLE registration_entries (
    row_id          INTEGER PRIMARY KEY AUTOINCREMENT,
    entry_id        TEXT    NOT NULL UNIQUE,
    spiffe_id       TEXT    NOT NULL,
    parent_id       TEXT    NOT NULL,
    -- of all selectors together, so that the database itself refuses a second entry that says the same
    selector_digest TEXT    NOT NULL,
    x509_svid_ttl   INTEGER NOT NULL,
    jwt_svid_ttl    INTEGER NOT NULL,
    admin           BOOLEAN NOT NULL,
    downstream      BOOLEAN NOT NULL,
    store_svid      BOOLEAN NOT NULL,
    -- null for never
    expires_at      INTEGER,
    hint            TEXT    NOT NULL,
    no_prefetch     BOOLEAN NOT NULL,
    unique_tokens   BOOLEAN NOT NULL,
    revision        INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    UNIQUE (spiffe_id, parent_id, selector_digest)
);
CREATE INDEX registration_entries_by_parent ON registration_entries (parent_id);

CREATE TABLE entry_selectors (
    entry_row INTEGER NOT NULL REFERENCES registration_entries (row_id) ON DELETE CASCADE,
    type      TEXT    NOT NULL,
    value     TEXT    NOT NULL,
    PRIMARY KEY (entry_row, type, value)
);

CREATE TABLE entry_dns_names (
    entry_row INTEGER NOT NULL REFERENCES registration_entries (row_id) ON DELETE CASCADE,
    -- the first one becomes the certificate's common name
    position  INTEGER NOT NULL,
    name      TEXT    NOT NULL,
    PRIMARY KEY (entry_row, position)
);

CREATE TABLE entry_federations (
    entry_row    INTEGER NOT NULL REFERENCES registration_entries (row_id) ON DELETE CASCADE,
    trust_domain TEXT    NOT NULL,
    PRIMARY KEY (entry_row, trust_domain)
);

CREATE TABLE attested_nodes (
    row_id           INTEGER PRIMARY KEY AUTOINCREMENT,
    spiffe_id        TEXT    NOT NULL UNIQUE,
    attestation_type TEXT    NOT NULL,
    -- decimal; empty when the node is banned
    serial_number    TEXT    NOT NULL,
    expires_at       INTEGER NOT NULL,
    -- of a renewed certificate that has not been used yet; empty for none
    new_serial       TEXT    NOT NULL,
    new_expires_at   INTEGER NOT NULL,
    can_reattest     BOOLEAN NOT NULL,
    agent_version    TEXT    NOT NULL
);

CREATE TABLE node_selectors (
    node_row INTEGER NOT NULL REFERENCES attested_nodes (row_id) ON DELETE CASCADE,
    type     TEXT    NOT NULL,
    value    TEXT    NOT NULL,
    PRIMARY KEY (node_row, type, value)
);

CREATE TABLE join_tokens (
    token      TEXT    PRIMARY KEY,
    expires_at INTEGER NOT NULL
);

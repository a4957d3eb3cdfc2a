-- Other trust domains: their bundles, where these are fetched, and which entries federate with them.

CREATE TABLE federated_bundles (
    row_id          INTEGER PRIMARY KEY AUTOINCREMENT,
    trust_domain    TEXT    NOT NULL UNIQUE,
    sequence_number INTEGER NOT NULL,
    -- seconds; null if the publisher gives none
    refresh_hint    INTEGER
);

CREATE TABLE federated_authorities (
    bundle_row INTEGER NOT NULL REFERENCES federated_bundles (row_id) ON DELETE CASCADE,
    -- the order of the bundle
    position   INTEGER NOT NULL,
    -- x509 or jwt
    kind       TEXT    NOT NULL,
    -- of tokens; empty for certificates
    key_id     TEXT    NOT NULL,
    -- the certificate, or the public key, as DER in base64
    material   TEXT    NOT NULL,
    -- of a key; null if nobody has said when it ends
    expires_at INTEGER,
    PRIMARY KEY (bundle_row, position)
);

CREATE TABLE federation_relationships (
    row_id              INTEGER PRIMARY KEY AUTOINCREMENT,
    trust_domain        TEXT    NOT NULL UNIQUE,
    bundle_endpoint_url TEXT    NOT NULL,
    -- null where the endpoint has the certificate of a web server
    endpoint_spiffe_id  TEXT
);

-- No entry could federate before there were bundles, so the table is empty and nothing is lost.
DROP TABLE entry_federations;
CREATE TABLE entry_federations (
    entry_row    INTEGER NOT NULL REFERENCES registration_entries (row_id) ON DELETE CASCADE,
    trust_domain TEXT    NOT NULL REFERENCES federated_bundles (trust_domain),
    PRIMARY KEY (entry_row, trust_domain)
);
CREATE INDEX entry_federations_by_trust_domain ON entry_federations (trust_domain);

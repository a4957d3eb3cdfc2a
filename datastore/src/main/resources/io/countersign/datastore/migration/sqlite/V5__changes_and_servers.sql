-- Several servers share one database: each has authorities of its own, and each hears in which order what has changed.

-- empty for those of the one server that there was, until it says who it is
ALTER TABLE authorities ADD COLUMN server TEXT NOT NULL DEFAULT '';
DROP INDEX one_authority_signs;
DROP INDEX one_authority_is_next;
CREATE UNIQUE INDEX one_authority_signs ON authorities (server, kind) WHERE state = 'active';
CREATE UNIQUE INDEX one_authority_is_next ON authorities (server, kind) WHERE state = 'prepared';

-- One row. It is moved on in the transaction that makes a change, so positions are in the order of commits and have no gaps.
CREATE TABLE change_counter (
    latest INTEGER NOT NULL,
    -- changes up to here are told no more
    pruned INTEGER NOT NULL
);
INSERT INTO change_counter (latest, pruned) VALUES (0, 0);

CREATE TABLE changes (
    position INTEGER PRIMARY KEY,
    -- entry, node, bundle, federated_bundle or relationship
    kind     TEXT    NOT NULL,
    -- the entry's id, the node's SPIFFE ID or a trust domain; empty for the trust domain's own bundle
    item     TEXT    NOT NULL,
    -- milliseconds since 1970
    made_at  INTEGER NOT NULL
);

CREATE INDEX registration_entries_by_end ON registration_entries (expires_at) WHERE expires_at IS NOT NULL;

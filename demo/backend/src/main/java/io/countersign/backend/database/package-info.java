// SPDX-License-Identifier: Apache-2.0
/**
 * Sessions with PostgreSQL under mutual TLS. {@link io.countersign.backend.database.IdentityFiles} are read anew for
 * every session, {@link io.countersign.backend.database.ServerIdentityCheck} compares the server's SPIFFE ID, and the
 * {@link io.countersign.backend.database.SessionPool} lets no session outlive the certificates it began with.
 */
@NullMarked
package io.countersign.backend.database;

import org.jspecify.annotations.NullMarked;

// SPDX-License-Identifier: Apache-2.0
package io.countersign.evidence;

/**
 * One end of one connection.
 *
 * @param hop the connection, such as {@code backend-database}; seen from both ends it appears in two hops
 * @param from who opened it
 * @param to who accepted it
 * @param seenBy who reports: the program or sidecar that verified its peer
 * @param peer who was verified, either {@code from} or {@code to}
 */
public record Link(String hop, String from, String to, String seenBy, String peer) {
    /** The connection between the two sidecars. */
    public static final String FRONTEND_BACKEND = "frontend-backend";
    /** The connection between the backend and PostgreSQL. */
    public static final String BACKEND_DATABASE = "backend-database";
}

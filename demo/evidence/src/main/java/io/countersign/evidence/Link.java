// SPDX-License-Identifier: Apache-2.0
package io.countersign.evidence;

/**
 * One direction of one connection.
 *
 * @param hop the connection, such as {@code backend-database}; seen from both ends it appears in two hops
 * @param from who is verified
 * @param to who verifies
 * @param seenBy the program that reports, which is the one that verifies
 */
public record Link(String hop, String from, String to, String seenBy) {
    /** The connection between the two sidecars. */
    public static final String FRONTEND_BACKEND = "frontend-backend";
    /** The connection between the backend and PostgreSQL. */
    public static final String BACKEND_DATABASE = "backend-database";
}

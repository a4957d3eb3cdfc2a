// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.federation;

/** What becomes of the entries that federate with a trust domain whose bundle is to be deleted. */
public enum DeleteMode {
    /** They keep the bundle from being deleted. */
    RESTRICT,
    /** They are deleted as well. */
    DELETE,
    /** They stay, and federate with that trust domain no more. */
    DISSOCIATE
}

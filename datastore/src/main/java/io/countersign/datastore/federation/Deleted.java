// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.federation;

/** What became of a bundle that was to be deleted. */
public sealed interface Deleted {
    /** It is gone. */
    record Done() implements Deleted {}

    /** There was none. */
    record Missing() implements Deleted {}

    /** So many entries federate with its trust domain; nothing is changed. */
    record Restricted(int entries) implements Deleted {}
}

// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.entry;

/** What became of an entry that was to be changed. */
public sealed interface Replaced {
    /** It is as it was to be, one revision on. */
    record Done(RegistrationEntry entry) implements Replaced {}

    /** There is none with that id. */
    record Missing() implements Replaced {}

    /** Another one says the same of the same selectors; nothing is changed. */
    record Similar(RegistrationEntry other) implements Replaced {}
}

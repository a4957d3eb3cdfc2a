// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.entry;

import io.countersign.spiffe.TrustDomain;

/** What became of an entry that was to be changed. */
public sealed interface Replaced {
    /** It is as it was to be, one revision on. */
    record Done(RegistrationEntry entry) implements Replaced {}

    /** What was to be made of it breaks a rule; nothing is changed. */
    record Refused(String reason) implements Replaced {}

    /** There is none with that id. */
    record Missing() implements Replaced {}

    /** Another one says the same of the same selectors; nothing is changed. */
    record Similar(RegistrationEntry other) implements Replaced {}

    /** It would federate with a trust domain whose bundle is not there; nothing is changed. */
    record UnknownBundle(TrustDomain trustDomain) implements Replaced {}
}

// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.entry;

import io.countersign.spiffe.TrustDomain;

/** What became of an entry that was to be created. */
public sealed interface Created {
    /** It is there now. */
    record Fresh(RegistrationEntry entry) implements Created {}

    /** One that says the same of the same selectors was there before and is unchanged. */
    record Similar(RegistrationEntry entry) implements Created {}

    /** Another one with that id was there before and is unchanged. */
    record Taken(RegistrationEntry entry) implements Created {}

    /** It federates with a trust domain whose bundle is not there, so it was not made. */
    record UnknownBundle(TrustDomain trustDomain) implements Created {}
}

// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc;

import java.util.Optional;

/** The version of this program, from its jar. */
final class Version {
    private Version() {}

    /** Such as {@code 0.1.0}; {@code dev} outside a jar. */
    static String current() {
        return Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
                .orElse("dev");
    }
}

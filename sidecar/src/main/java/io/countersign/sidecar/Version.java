// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import java.util.Optional;

/** The version of this build, out of the jar it runs from. */
final class Version {
    static final String TEXT = Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
            .orElse("development build");

    private Version() {}
}

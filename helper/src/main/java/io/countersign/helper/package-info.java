// SPDX-License-Identifier: Apache-2.0
/**
 * The certificate-file helper. {@link io.countersign.helper.HelperMain} reads the command line, {@link io.countersign.helper.Helper} wires the
 * parts of a daemon, {@link io.countersign.helper.OneShot} writes everything once.
 */
@NullMarked
package io.countersign.helper;

import org.jspecify.annotations.NullMarked;

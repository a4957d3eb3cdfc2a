// SPDX-License-Identifier: Apache-2.0
/** X.509 authorities and the certificates that they sign. */
@NullMarked
package io.countersign.ca.x509;

import org.jspecify.annotations.NullMarked;

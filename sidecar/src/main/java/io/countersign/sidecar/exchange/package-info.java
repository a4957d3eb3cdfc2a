// SPDX-License-Identifier: Apache-2.0
/** What is known about one request or connection: the facts that access logs, headers and rules are made of. */
@NullMarked
package io.countersign.sidecar.exchange;

import org.jspecify.annotations.NullMarked;

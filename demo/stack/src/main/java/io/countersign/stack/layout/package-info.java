// SPDX-License-Identifier: Apache-2.0
/** Where everything is: folders, ports, users, identities. */
@NullMarked
package io.countersign.stack.layout;

import org.jspecify.annotations.NullMarked;
